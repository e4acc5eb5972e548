"""/monitors: what is asked again on a timetable."""

from django.urls import path

from apps.monitors.views import monitors as views

app_name = "monitors"
urlpatterns = [
    path("monitors", views.monitors, name="monitors"),
    path("monitors/new", views.new, name="new"),
    path("monitors/of/<slug:run>", views.of_run, name="of_run"),
    path("monitors/<slug:monitor>", views.monitor, name="monitor"),
    path("monitors/<slug:monitor>/change", views.change, name="change"),
    path("monitors/<slug:monitor>/viewed", views.viewed, name="viewed"),
    path("monitors/<slug:monitor>/pause", views.pause, name="pause"),
    path("monitors/<slug:monitor>/resume", views.resume, name="resume"),
    path("monitors/<slug:monitor>/run", views.run_now, name="run_now"),
    path("monitors/<slug:monitor>/delete", views.delete, name="delete"),
    path("monitors/<slug:monitor>/restore", views.restore, name="restore"),
]
