"""Forms of the staff pages."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.agenda.actions import MINUTES


class WhyForm(forms.Form):
    """Why a member of staff opens what belongs to a workspace; it is kept and the workspace can read it."""

    reason = forms.CharField(
        label=_("Why (kept, and the workspace can read it)"), max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
    )  # fmt: skip


class WorkspaceForm(WhyForm):
    """A workspace to look at, and why."""

    workspace = forms.SlugField(label=_("Address of the workspace"), max_length=40)
    field_order: Sequence[str] = ("workspace", "reason")


class GoodwillForm(WorkspaceForm):
    """Credits for a workspace."""

    credits = forms.IntegerField(label=_("Credits"), min_value=1, max_value=100_000)
    field_order: Sequence[str] = ("workspace", "credits", "reason")


class LookForm(WorkspaceForm):
    """Whom to see a workspace as, and for how long."""

    person = forms.EmailField(label=_("E-mail address of the person"))
    minutes = forms.TypedChoiceField(label=_("Minutes"), coerce=int, choices=[(n, n) for n in MINUTES])
    field_order: Sequence[str] = ("workspace", "person", "minutes", "reason")
