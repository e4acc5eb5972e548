"""Pages of accounts on the apex."""

from django.urls import path

from apps.accounts.views import entry, farewell, invitations, person, workspaces

app_name = "accounts"
urlpatterns = [
    path("", entry.home, name="home"),
    path("workspaces", workspaces.workspaces, name="workspaces"),
    path("workspaces/<slug:slug>/reopen", workspaces.reopen, name="reopen"),
    path("new", workspaces.new_workspace, name="new_workspace"),
    path("enter/<slug:slug>", entry.enter, name="enter"),
    path("join/<str:token>", invitations.join, name="join"),
    path("join/<str:token>/accept", invitations.accept, name="accept"),
    path("settings", person.index, name="settings"),
    path("settings/profile", person.profile, name="profile"),
    path("settings/data", farewell.yours, name="data"),
    path("settings/data/copy", farewell.ask, name="ask_copy"),
    path("settings/data/copies/<uuid:archive>", farewell.fetch, name="fetch_copy"),
    path("settings/data/leave", farewell.leave, name="leave"),
    path("settings/data/stay", farewell.stay, name="stay"),
    path("settings/sessions", person.signed_in, name="sessions"),
    path("settings/sessions/<int:sign_in>/end", person.end, name="end_session"),
    path("settings/sessions/end-others", person.end_others, name="end_other_sessions"),
    # On the apex a workspace's pages lead to the chooser, which asks to sign in first.
    path("research", entry.home),
    path("admin", entry.home),
    path("billing", entry.home),
]
