"""Pages of what a workspace knows."""

from django.urls import path

from apps.memory import views

app_name = "memory"
urlpatterns = [
    path("memory", views.memory, name="memory"),
    path("memory/<slug:fact>", views.fact, name="fact"),
    path("memory/<slug:fact>/correct", views.correct, name="correct"),
    path("memory/<slug:fact>/forget", views.forget, name="forget"),
]
