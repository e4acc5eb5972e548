"""Forms of research: the question, a plan's changes, a decision, and what becomes of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts import queries as accounts
from apps.accounts.queries import Member
from apps.library import queries as library
from apps.library.forms import ManyFilesField
from apps.research import rules
from apps.research.actions.runs import MOST_QUESTION, Request
from apps.research.actions.sharing import DAYS
from apps.research.models import VISIBILITIES

DEPTHS = [("quick", _("Quick")), ("standard", _("Standard")), ("deep", _("Deep"))]
MODES = [("mock", _("Mock")), ("live", _("Live"))]
METHODS = [("balanced", _("Balanced")), ("newest", _("Newest first"))]
SIGHTS = [
    ("workspace", _("Everybody in the workspace")), ("team", _("One team")), ("named", _("People I name")),
    ("private", _("Only me")),
]  # fmt: skip
POINTS = [("plan", _("Before anything is read: accept the plan")), ("publish", _("Before the report is published"))]
assert {key for key, _label in SIGHTS} == set(VISIBILITIES)


class AskForm(forms.Form):
    """The ask box."""

    question = forms.CharField(
        label=_("Question"), max_length=MOST_QUESTION, strip=True,
        widget=forms.Textarea(attrs={"rows": 3, "data-question": "", "placeholder": _("Ask what you want to know")}),
        error_messages={"required": _("Write a question first.")},
    )  # fmt: skip
    scope = forms.ChoiceField(label=_("Documents"), widget=forms.RadioSelect, initial="all")
    documents = forms.MultipleChoiceField(
        label=_("Documents to read"), required=False, widget=forms.CheckboxSelectMultiple
    )
    uploads = ManyFilesField(label=_("Add files"), required=False)
    depth = forms.ChoiceField(label=_("Depth"), choices=DEPTHS, widget=forms.RadioSelect, initial="standard")
    source_cap = forms.IntegerField(
        label=_("Sources"), min_value=1, max_value=rules.MOST_SOURCES, initial=12,
        widget=forms.NumberInput(attrs={"class": "input"}),
    )  # fmt: skip
    mode = forms.ChoiceField(label=_("Mode"), choices=MODES, widget=forms.RadioSelect, initial="mock")
    approval = forms.BooleanField(label=_("Approval"), required=False, initial=True)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        self.rows = library.choices()
        count = len(self.rows)
        every = ngettext("The one document", "All %(n)d documents", count) % {"n": count}
        self.offer("scope", [("all", every if count else _("No document yet")), ("chosen", _("Only these"))])
        self.offer("documents", [(row.id, row.title) for row in self.rows])

    def offer(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        """Set the choices of a field that are known only now."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def chosen(self) -> tuple[str, ...]:
        """Return the versions of the documents that were chosen."""
        given = self.cleaned_data
        return tuple(row.id for row in self.rows) if given["scope"] == "all" else tuple(given["documents"])

    def request(self, uploaded: tuple[str, ...] = ()) -> Request:
        """Return what was asked for. uploaded: versions of the files that came with the form."""
        given = self.cleaned_data
        return Request(
            question=given["question"], documents=tuple(dict.fromkeys((*self.chosen(), *uploaded))),
            depth=given["depth"], source_cap=given["source_cap"], mode=given["mode"], web=given["mode"] == "live",
            approval_points=("plan", "publish") if given["approval"] else ("plan",),
        )  # fmt: skip

    def relax(self) -> None:
        """Require nothing yet: the form is still being filled in, and its estimate follows."""
        self.fields["question"].required = False


class SightForm(forms.Form):
    """Who may see a run."""

    visibility = forms.ChoiceField(
        label=_("Who may see it"), choices=SIGHTS, widget=forms.RadioSelect, initial="workspace"
    )
    team = forms.TypedChoiceField(label=_("Team"), required=False, coerce=int, empty_value=None)
    named = forms.TypedMultipleChoiceField(
        label=_("People"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_people(self, member)


def offer_people(form: forms.Form, member: Member) -> None:
    """Offer the member's teams and colleagues in the fields `team` and `named`."""
    teams = [team for team in accounts.teams_of(member.schema) if member.person in team.people or member.may("oversee")]
    people = [row for row in accounts.members_of(member.schema) if row.person != member.person]
    for name, choices in (
        ("team", [("", _("Choose a team")), *((team.id, team.name) for team in teams)]),
        ("named", [(row.person, row.name) for row in people]),
    ):
        field = form.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class NewForm(AskForm):
    """Everything that can be said about a question."""

    datasets = forms.MultipleChoiceField(label=_("Datasets"), required=False, widget=forms.CheckboxSelectMultiple)
    methodology = forms.ChoiceField(
        label=_("Methodology"), choices=METHODS, widget=forms.RadioSelect, initial="balanced"
    )
    assumptions = forms.CharField(
        label=_("Take as given"), required=False, max_length=3000, help_text=_("One assumption a line."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    budget_cap = forms.IntegerField(
        label=_("Budget"), required=False, min_value=1, max_value=1_000_000,
        help_text=_("The most credits this run may cost. Empty: what its estimate says."),
        widget=forms.NumberInput(attrs={"class": "input"}),
    )  # fmt: skip
    points = forms.MultipleChoiceField(
        label=_("Where it stops for a person"), required=False, choices=POINTS, initial=["plan", "publish"],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    visibility = SightForm.base_fields["visibility"]
    team = SightForm.base_fields["team"]
    named = SightForm.base_fields["named"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["approval"]
        self.offer("scope", [*self.fields["scope"].choices, ("datasets", _("Datasets"))])  # type: ignore[attr-defined]
        self.offer("datasets", [(row.id, row.name) for row in library.datasets()])
        offer_people(self, self.member)

    def chosen(self) -> tuple[str, ...]:
        """Return the versions of the documents that were chosen, by dataset too."""
        if self.cleaned_data["scope"] == "datasets":
            return library.newest_versions(self.cleaned_data["datasets"])
        return super().chosen()

    def request(self, uploaded: tuple[str, ...] = ()) -> Request:
        """Return what was asked for."""
        given = self.cleaned_data
        return Request(
            question=given["question"], documents=tuple(dict.fromkeys((*self.chosen(), *uploaded))),
            depth=given["depth"], source_cap=given["source_cap"], mode=given["mode"], web=given["mode"] == "live",
            approval_points=tuple(given["points"]), methodology=given["methodology"], budget_cap=given["budget_cap"],
            assumptions=lines(given["assumptions"], most=12), visibility=given["visibility"],
            named=tuple(given["named"]), team=given["team"],
        )  # fmt: skip


def lines(text: str, *, most: int) -> tuple[str, ...]:
    """Return the lines of a text that say something, without those beyond `most`."""
    return tuple(line.strip()[:500] for line in text.splitlines() if line.strip())[:most]


class DecisionForm(forms.Form):
    """A person's yes or no."""

    decision = forms.ChoiceField(choices=[("accept", ""), ("reject", "")])
    approval = forms.CharField(max_length=40)
    reason = forms.CharField(max_length=1000, required=False)


class ShareForm(forms.Form):
    """How long a link works."""

    days = forms.TypedChoiceField(
        label=_("The link works for"), coerce=int, initial=7,
        choices=[(days, ngettext("%(n)d day", "%(n)d days", days) % {"n": days}) for days in DAYS],
    )  # fmt: skip


class WithdrawForm(forms.Form):
    """Why a report is withdrawn."""

    reason = forms.CharField(
        label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays on the page instead of the report."),
        error_messages={"required": _("Say why the report is withdrawn; it stays on the page instead of the report.")},
    )  # fmt: skip


class RateForm(forms.Form):
    """An opinion about a report or one of its sentences."""

    # Which sentence (its number, or `report`) and the opinion: 1, 0 or -1. One field, as each button sends one.
    rated = forms.RegexField(r"^(report|\d{1,5}):(-1|0|1)$")
    note = forms.CharField(max_length=1000, required=False)

    def opinion(self) -> tuple[int | None, int]:
        """Return (number of the sentence or None, opinion)."""
        what, _colon, value = self.cleaned_data["rated"].partition(":")
        return (None if what == "report" else int(what)), int(value)


class SupplyForm(forms.Form):
    """A person's result for a failed task: each step shows the fields it needs."""

    title = forms.CharField(label=_("Title"), max_length=300, required=False)
    documents = forms.MultipleChoiceField(
        label=_("Documents to read"), required=False, widget=forms.CheckboxSelectMultiple
    )
    lines = forms.CharField(required=False, max_length=60_000, widget=forms.Textarea(attrs={"rows": 8}))
    text = forms.CharField(
        label=_("The text of the source"), required=False, max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 14}),
    )  # fmt: skip
    SHOWN = {
        "plan": ("lines",), "search": ("documents", "lines"), "collect": ("title", "text"), "summarize": ("lines",),
        "synthesize": ("title",),
    }  # fmt: skip
    LINES = {
        "plan": _("Sub-questions, one a line"), "search": _("Addresses of pages, one a line"),
        "summarize": _("Sentences copied from the sources, one a line; none if they do not answer"),
    }  # fmt: skip

    def __init__(self, *args: Any, step: str, documents: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(self.SHOWN[step]):
            del self.fields[name]
        if "lines" in self.fields:
            self.fields["lines"].label = self.LINES[step]
        if "documents" in self.fields:
            field = self.fields["documents"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = documents
