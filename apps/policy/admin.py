"""Staff see what waits in every workspace, and decide what is theirs to decide."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.agenda import queries as agenda
from apps.agenda.forms import GoodwillForm, WhyForm
from apps.agenda.models import PendingApproval
from apps.lib import clock
from apps.lib.errors import ProductError
from apps.observability import audit
from apps.observability.admin import ReadOnly
from apps.policy import queries
from apps.policy.approvals import decide, goodwill, kinds


class AgeFilter(admin.SimpleListFilter):
    """How long an approval has waited."""

    title = "age"
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """Offer three ages."""
        return [("new", _("less than a day")), ("days", _("one day or more")), ("soon", _("expires within a day"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PendingApproval]) -> QuerySet[PendingApproval]:
        """Keep rows of the chosen age."""
        day, now = timedelta(days=1), clock.now()
        if self.value() == "soon":
            return queryset.filter(expires_at__lte=now + day)
        if self.value() == "new":
            return queryset.filter(created_at__gt=now - day)
        return queryset.filter(created_at__lte=now - day) if self.value() == "days" else queryset


class DeciderFilter(admin.SimpleListFilter):
    """Whose it is to decide."""

    title = "who decides"
    parameter_name = "decides"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """Offer staff and workspace."""
        return [("staff", _("platform staff")), ("workspace", _("the workspace"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PendingApproval]) -> QuerySet[PendingApproval]:
        """Keep rows that the chosen side decides."""
        if self.value() == "staff":
            return queryset.filter(approver_role=kinds.STAFF)
        return queryset.exclude(approver_role=kinds.STAFF) if self.value() == "workspace" else queryset


class WorkspaceFilter(admin.SimpleListFilter):
    """In which workspace it waits, by name."""

    title = "workspace"
    parameter_name = "workspace"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """Offer the workspaces in which something waits."""
        waiting = PendingApproval.objects.order_by("workspace").values_list("workspace", flat=True).distinct()
        return [(schema, where(schema)) for schema in waiting[:100]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PendingApproval]) -> QuerySet[PendingApproval]:
        """Keep rows of the chosen workspace."""
        return queryset.filter(workspace=self.value()) if self.value() else queryset


def where(schema: str) -> str:
    """Name a workspace; its schema where it is closed."""
    space = accounts.workspace_of_schema(schema)
    return space.name if space else schema


@admin.register(PendingApproval)
class PendingApprovalAdmin(ReadOnly):
    list_display = ("approval", "in_workspace", "rule", "decides", "created_at", "expires_at", "escalated_at")
    list_filter = (DeciderFilter, AgeFilter, "rule", "escalated_at", WorkspaceFilter)
    search_fields = ("approval", "run", "workspace")
    ordering = ("expires_at",)

    @admin.display(description="workspace")
    def in_workspace(self, row: PendingApproval) -> str:
        """Name the workspace."""
        return where(row.workspace)

    @admin.display(description="decides")
    def decides(self, row: PendingApproval) -> str:
        """Say who decides."""
        return _("platform staff") if row.approver_role == kinds.STAFF else _("the workspace")

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks for goodwill credits."""
        ours = path("goodwill/", self.admin_site.admin_view(self.goodwill), name="staff_goodwill")
        return [ours, *super().get_urls()]

    def goodwill(self, request: HttpRequest) -> HttpResponse:
        """Ask for goodwill credits for a workspace; somebody else decides."""
        form = GoodwillForm(request.POST or None, initial={"workspace": request.GET.get("workspace", "")})
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            try:
                goodwill.ask(
                    by=request.user.pk or 0, slug=given["workspace"], credits=given["credits"], reason=given["reason"]
                )  # fmt: skip
            except ProductError as error:
                form.add_error(None, error.sentence)
            else:
                messages.success(request, _("Asked. Somebody else of platform staff decides."))
                return self._to_list()
        return self._form(
            request, form, title=_("Give goodwill credits"), label=_("Ask for it"),
            intro=_("Two people are needed: you ask, somebody else decides. The workspace reads the reason."),
            status=422 if request.method == "POST" else 200,
        )  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One approval: what it is about is shown for a reason, and decided where it is staff's to decide."""
        known = object_id.isascii() and object_id.isdigit() and len(object_id) < 19
        row = PendingApproval.objects.filter(pk=object_id).first() if known else None
        if row is None:
            messages.warning(request, _("This approval does not wait any more: it was decided, or it expired."))
            return self._to_list()
        form = WhyForm(request.POST or None)
        verdict = request.POST.get("verdict", "")
        opened: list[tuple[str, str]] = []
        status = 422 if request.method == "POST" else 200
        if request.method == "POST" and form.is_valid():
            try:
                if verdict in {"accept", "reject"}:
                    return self._decide(request, row, verdict, form.cleaned_data["reason"])
                opened, status = self._open(request, row, form.cleaned_data["reason"]), 200
            except ProductError as error:
                form.add_error(None, error.sentence)
                status = error.status
        return self._form(
            request, form, title=f"{row.rule} · {where(row.workspace)}", label=_("Open what it is about"),
            intro=_("What it is about belongs to the workspace. Say why you open it."), status=status,
            facts=[*self._facts(row), *opened], decidable=row.approver_role == kinds.STAFF,
        )  # fmt: skip

    def _facts(self, row: PendingApproval) -> list[tuple[str, str]]:
        asker = accounts.names([row.asked_by]).get(row.asked_by, "") if row.asked_by else ""
        return [
            (_("Approval"), row.approval), (_("Run"), row.run), (_("Asked by"), asker),
            (_("Decides"), self.decides(row)), (_("Expires"), f"{row.expires_at:%Y-%m-%d %H:%M} UTC"),
        ]  # fmt: skip

    def _open(self, request: HttpRequest, row: PendingApproval, reason: str) -> list[tuple[str, str]]:
        audit.record(
            by=request.user.pk, did="approval.opened", to=row.approval, reason=reason, workspace=row.workspace
        )  # fmt: skip
        if row.rule == "goodwill":
            asked = agenda.goodwill(row.approval)
            return [(_("Credits"), str(asked.credits)), (_("Reason"), asked.reason)] if asked else []
        with tenancy.in_workspace(row.workspace):
            found = queries.approval(row.approval)
        text = json.dumps(found.subject, ensure_ascii=False, indent=1, sort_keys=True) if found else ""
        return [(_("What it is about"), text)]

    def _decide(self, request: HttpRequest, row: PendingApproval, verdict: str, reason: str) -> HttpResponse:
        by = request.user.pk or 0
        if row.rule == "goodwill":
            goodwill.decide(by=by, request=row.approval, verdict=verdict, reason=reason)
        else:
            decide.as_staff(by=by, approval=row.approval, verdict=verdict, reason=reason)
        messages.success(request, _("Accepted.") if verdict == "accept" else _("Rejected."))
        return self._to_list()

    def _to_list(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:agenda_pendingapproval_changelist"))

    def _form(self, request: HttpRequest, form: Any, *, status: int = 200, **context: Any) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "form": form, **context}
        return TemplateResponse(request, "admin/staff_form.html", whole, status=status)
