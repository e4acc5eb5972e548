"""Pages of accounts on the apex."""

from django.urls import path

from apps.accounts.views import entry, workspaces

app_name = "accounts"
urlpatterns = [
    path("", entry.home, name="home"),
    path("workspaces", workspaces.workspaces, name="workspaces"),
    path("new", workspaces.new_workspace, name="new_workspace"),
    path("enter/<slug:slug>", entry.enter, name="enter"),
    # On the apex a workspace's pages lead to the chooser, which asks to sign in first.
    path("research", entry.home),
    path("admin", entry.home),
    path("billing", entry.home),
]
