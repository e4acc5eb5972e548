"""How a person gets into a workspace host, and out; the settings of the workspace."""

from django.urls import path

from apps.accounts.views import audit, entry, general, layout, members, teams

app_name = "entry"
urlpatterns = [
    path("hand-off", entry.arrive, name="arrive"),
    path("leave", entry.leave, name="leave"),
    path("settings", layout.index, name="settings"),
    path("welcome/dismiss", entry.dismiss_welcome, name="dismiss_welcome"),
    path("settings/general", general.general, name="general"),
    path("settings/general/change", general.change, name="change_general"),
    path("settings/general/leave", general.leave, name="leave_workspace"),
    path("settings/general/transfer", general.transfer, name="transfer"),
    path("settings/general/copy", general.take_copy, name="take_copy"),
    path("settings/general/close", general.close, name="close"),
    path("settings/members", members.members, name="members"),
    path("settings/members/invite", members.invite, name="invite"),
    path("settings/members/<int:person>/role", members.change_role, name="change_role"),
    path("settings/members/<int:person>/remove", members.remove, name="remove_member"),
    path("settings/invitations/<uuid:invitation>/resend", members.resend, name="resend"),
    path("settings/invitations/<uuid:invitation>/revoke", members.revoke, name="revoke"),
    path("settings/record", audit.audit, name="audit"),
    path("settings/record.jsonl", audit.export, name="audit_export"),
    path("settings/teams", teams.teams, name="teams"),
    path("settings/teams/new", teams.create, name="create_team"),
    path("settings/teams/<int:team>/change", teams.change, name="change_team"),
    path("settings/teams/<int:team>/remove", teams.remove, name="remove_team"),
]
