"""What is watched, and when."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from apps.accounts.queries import Member
from apps.library import queries as library
from apps.monitors.actions.keeping import WAYS, Wish
from apps.monitors.rules.timetable import LAST_DAY, Timetable
from apps.research.actions.runs import MOST_QUESTION, Request
from apps.research.forms import DEPTHS, METHODS, MODES, SightForm, offer_people

KINDS = [
    ("daily", _("Every day")), ("weekdays", _("Every weekday, Monday to Friday")), ("weekly", _("Every week")),
    ("monthly", _("Every month")),
]  # fmt: skip
ZONES = ("UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))


class MonitorForm(forms.Form):
    """A question, its timetable, its budget and who hears of changes."""

    question = forms.CharField(
        label=_("Question"), max_length=MOST_QUESTION, widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Write a question first.")},
    )  # fmt: skip
    scope = forms.ChoiceField(
        label=_("Documents"), widget=forms.RadioSelect, initial="all",
        choices=[("all", _("All documents that are there at the time")), ("chosen", _("Only these"))],
    )  # fmt: skip
    documents = forms.MultipleChoiceField(
        label=_("Documents to read"), required=False, widget=forms.CheckboxSelectMultiple
    )
    depth = forms.ChoiceField(label=_("Depth"), choices=DEPTHS, initial="quick")
    mode = forms.ChoiceField(label=_("Mode"), choices=MODES, initial="mock")
    methodology = forms.ChoiceField(label=_("Methodology"), choices=METHODS, initial="newest")
    kind = forms.ChoiceField(label=_("How often"), choices=KINDS, initial="weekly")
    weekday = forms.TypedChoiceField(
        label=_("Day of the week"), choices=list(WEEKDAYS.items()), coerce=int, initial=0, required=False,
        empty_value="0", help_text=_("For every week."),
    )  # fmt: skip
    day = forms.TypedChoiceField(
        label=_("Day of the month"), choices=[(n, n) for n in range(1, LAST_DAY + 1)], coerce=int, initial=1,
        required=False, empty_value="1", help_text=_("For every month."),
    )  # fmt: skip
    at = forms.TimeField(label=_("At"), initial="08:00", widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    zone = forms.ChoiceField(label=_("Time zone"), choices=[(zone, zone) for zone in ZONES], initial="UTC")
    cap = forms.IntegerField(
        label=_("Budget a month"), required=False, min_value=1, max_value=1_000_000,
        help_text=_("In credits. It is never exceeded; empty: no limit but the workspace's credits."),
    )  # fmt: skip
    approval = forms.BooleanField(label=_("Ask me before a report is published"), required=False)
    ways = forms.MultipleChoiceField(
        label=_("Tell me what changed"), required=False, initial=list(WAYS), widget=forms.CheckboxSelectMultiple,
        choices=[("page", _("On the page of notices")), ("mail", _("By mail"))],
    )  # fmt: skip
    visibility = SightForm.base_fields["visibility"]
    team = SightForm.base_fields["team"]
    named = SightForm.base_fields["named"]

    def __init__(self, *args: Any, member: Member, kept: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept or {}
        field = self.fields["documents"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(row.id, row.title) for row in library.choices()]
        offer_people(self, member)

    def clean(self) -> dict[str, Any]:
        """Refuse a choice of no documents."""
        given = super().clean() or {}
        if given.get("scope") == "chosen" and not given.get("documents") and given.get("mode") == "mock":
            self.add_error("documents", _("Choose at least one document to read."))
        return given

    def wish(self) -> Wish:
        """Return what was asked for; what the form does not show stays as it was."""
        given = self.cleaned_data
        request = Request(
            question=given["question"], documents=tuple(given["documents"]), depth=given["depth"], mode=given["mode"],
            web=given["mode"] == "live", methodology=given["methodology"],
            approval_points=("publish",) if given["approval"] else (),
            assumptions=tuple(self.kept.get("assumptions", ())), source_cap=int(self.kept.get("source_cap", 0)),
            visibility=given["visibility"], named=tuple(given["named"]), team=given["team"],
        )  # fmt: skip
        at = given["at"]
        table = Timetable(given["kind"], at.hour, at.minute, given["zone"], int(given["weekday"]), int(given["day"]))
        return Wish(request, table, given["scope"] == "all", given["cap"], tuple(given["ways"]))
