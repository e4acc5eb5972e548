"""Outbox and looks, for staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts.actions import sessions
from apps.accounts.views import addresses
from apps.agenda import actions, queries
from apps.agenda.forms import LookForm, WhyForm
from apps.agenda.middleware import ARRIVE
from apps.agenda.models import Impersonation, Outbox, PlatformPause
from apps.lib.errors import NotFound, ProductError
from apps.observability.admin import ReadOnly


@admin.register(Outbox)
class OutboxAdmin(ReadOnly):
    list_display = ("created_at", "kind", "workspace", "person", "address", "tries", "sent_at", "gave_up_at", "error")
    list_filter = ("kind", "sent_at", "gave_up_at")
    ordering = ("-id",)
    # What a mail says is between Footnote and its reader.
    exclude = ("payload",)
    actions = ("send_again",)

    @admin.action(description=_("Send again (rows that were given up)"))
    def send_again(self, request: HttpRequest, chosen: QuerySet[Outbox]) -> None:
        """Give chosen rows their tries back."""
        for row in chosen:
            try:
                actions.send_again(by=request.user.pk or 0, id=row.pk)
            except ProductError as error:
                self.message_user(request, f"{row}: {error.sentence}", messages.ERROR)


@admin.register(Impersonation)
class ImpersonationAdmin(ReadOnly):
    list_display = ("started_at", "staff", "person", "schema", "reason", "ends_at", "ended_at")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let platform staff begin one."""
        return queries.is_platform_staff(request.user.pk or 0)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Begin a look: whom, where, how long, and why."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = LookForm(request.POST or None, initial={k: request.GET.get(k, "") for k in ("workspace", "person")})
        if request.method == "POST" and form.is_valid():
            try:
                return self._begin(request, form.cleaned_data)
            except ProductError as error:
                form.add_error(None, error.sentence)
        context = {
            **self.admin_site.each_context(request), "form": form, "title": _("See a workspace as somebody"),
            "intro": _("You look and can't change anything. The workspace reads in its audit log who looked and why."),
            "label": _("Begin"),
        }  # fmt: skip
        status = 422 if request.method == "POST" else 200
        return TemplateResponse(request, "admin/staff_form.html", context, status=status)

    def _begin(self, request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
        space, person = accounts.workspace_of_slug(given["workspace"]), accounts.person_of_email(given["person"])
        if space is None or person is None:
            raise NotFound(_("There is no such workspace, or no such person in it."))
        ticket = actions.impersonate(
            by=request.user.pk or 0, person=person, schema=space.schema, reason=given["reason"],
            minutes=given["minutes"], sign_in=request.session.get(sessions.KEY),
        )  # fmt: skip
        return HttpResponseRedirect(f"{addresses.origin(space.slug)}{ARRIVE}?ticket={ticket}")


@admin.register(PlatformPause)
class PlatformPauseAdmin(ReadOnly):
    """The switch that stops all agents: add a row to stop them, open it to let them go on."""

    list_display = ("at", "by", "reason")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let platform staff stop everything, once."""
        return queries.is_platform_staff(request.user.pk or 0) and queries.platform_pause() is None

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Stop every agent, for a reason."""
        if not queries.is_platform_staff(request.user.pk or 0):
            raise PermissionDenied
        return self._switch(
            request, actions.pause_platform, title=_("Pause the whole platform"), label=_("Pause every agent"),
            intro=_("No agent of any workspace makes another call until somebody ends this. Runs under way fail at "
                    "their next call and can be resumed; pages and reports stay readable."),
            done=_("Paused. It holds from the next call on."),
        )  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Let agents act again, for a reason."""
        if not queries.is_platform_staff(request.user.pk or 0):
            raise PermissionDenied
        return self._switch(
            request, actions.resume_platform, title=_("The platform is paused"), label=_("End the pause"),
            intro=_("Agents act again from their next call on."), done=_("The pause has ended."),
        )  # fmt: skip

    def _switch(
        self, request: HttpRequest, act: Callable[..., None], *, done: str, **context: Any
    ) -> HttpResponse:  # fmt: skip
        form = WhyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                act(by=request.user.pk or 0, reason=form.cleaned_data["reason"])
            except ProductError as error:
                form.add_error(None, error.sentence)
            else:
                messages.success(request, done)
                return HttpResponseRedirect(reverse("admin:agenda_platformpause_changelist"))
        whole = {**self.admin_site.each_context(request), "form": form, **context}
        status = 422 if request.method == "POST" else 200
        return TemplateResponse(request, "admin/staff_form.html", whole, status=status)
