"""Forms of the pages of money."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.accounts import rules as accounts_rules
from apps.accounts.queries import Member
from apps.billing import usage
from apps.billing.usage import Period
from apps.lib import clock

ROLES = {
    "owner": pgettext_lazy("role", "Owners"), "admin": pgettext_lazy("role", "Admins"),
    "approver": pgettext_lazy("role", "Approvers"), "researcher": pgettext_lazy("role", "Researchers"),
    "viewer": pgettext_lazy("role", "Viewers"), "billing": pgettext_lazy("role", "Billing"),
}  # fmt: skip
BY = {
    "run": gettext_lazy("Run"), "person": gettext_lazy("Person"), "model": gettext_lazy("Model"),
    "tool": gettext_lazy("Tool"), "agent_version": gettext_lazy("Agent version"),
}  # fmt: skip
PERIODS = {
    "": gettext_lazy("This month"), "last": gettext_lazy("Last month"), "30": gettext_lazy("Last 30 days"),
}  # fmt: skip
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


class AlertForm(forms.Form):
    """Who is told. `roles` comes out as names of roles, `people` as ids."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Everybody in these roles"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(each, ROLES[each]) for each in accounts_rules.ROLES],
    )  # fmt: skip
    people = forms.TypedMultipleChoiceField(
        label=gettext_lazy("And these people"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, people: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = [(row.person, row.name) for row in people]  # type: ignore[attr-defined]


class UsageForm(forms.Form):
    """Which usage is asked for. `month` comes out as its first day, or None."""

    by = forms.ChoiceField(
        label=gettext_lazy("Added up by"), required=False, choices=list(BY.items()),
        error_messages={"invalid_choice": gettext_lazy("Usage is added up by run, person, model, tool or version.")},
    )  # fmt: skip
    period = forms.ChoiceField(
        label=gettext_lazy("Period"), required=False, choices=list(PERIODS.items()),
        error_messages={"invalid_choice": gettext_lazy("Choose this month, last month, the last 30 days or a month.")},
    )  # fmt: skip
    month = forms.CharField(
        label=pgettext_lazy("choice", "A month"), required=False,
        widget=forms.DateInput(attrs={"type": "month", "placeholder": "2026-10", "maxlength": "7"}),
    )  # fmt: skip

    def clean_by(self) -> str:
        """Return the dimension; without one it is the run."""
        return str(self.cleaned_data["by"]) or "run"

    def clean_month(self) -> date | None:
        """Return the first day of a month that has begun."""
        text = str(self.cleaned_data["month"])
        if not text:
            return None
        if not (found := MONTH.fullmatch(text)) or int(found[1]) < 2000:
            raise ValidationError(_("Write a month as year and month, such as 2026-10."))
        first = date(int(found[1]), int(found[2]), 1)
        if first > clock.now().date():
            raise ValidationError(_("This month has not begun yet."))
        return first

    def _post_clean(self) -> None:
        if "month" in self.errors:
            # A browser shows nothing in a field of months that is none; so what was typed stays to be changed.
            self.fields["month"].widget.input_type = "text"

    def asked(self) -> tuple[str, Period]:
        """Return the dimension and the period; where the form does not make sense, the usual ones."""
        given, today = self.cleaned_data if self.is_valid() else {}, clock.now().date()
        by = str(self.cleaned_data.get("by") or "run")
        if given.get("month"):
            return by, usage.month(given["month"])
        periods = {"last": usage.last_month, "30": usage.last_days}
        return by, periods.get(given.get("period", ""), usage.month)(today)
