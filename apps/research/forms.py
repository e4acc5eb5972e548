"""Forms of research: the question, a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.library import queries as library
from apps.library.forms import ManyFilesField
from apps.research import rules
from apps.research.actions.runs import MOST_QUESTION, Request

DEPTHS = [("quick", _("Quick")), ("standard", _("Standard")), ("deep", _("Deep"))]
MODES = [("mock", _("Mock")), ("live", _("Live"))]


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = library.documents()
        count = len(self.rows)
        every = ngettext("The one document", "All %(n)d documents", count) % {"n": count}
        self._offer("scope", [("all", every if count else _("No document yet")), ("chosen", _("Only these"))])
        self._offer("documents", [(row.id, row.title) for row in self.rows])

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def request(self, uploaded: tuple[str, ...] = ()) -> Request:
        """Return what was asked for. uploaded: versions of the files that came with the form."""
        given = self.cleaned_data
        chosen = tuple(row.id for row in self.rows) if given["scope"] == "all" else tuple(given["documents"])
        return Request(
            question=given["question"], documents=tuple(dict.fromkeys((*chosen, *uploaded))), depth=given["depth"],
            source_cap=given["source_cap"], mode=given["mode"], web=given["mode"] == "live",
            approval_points=("plan", "publish") if given["approval"] else ("plan",),
        )  # fmt: skip


class EstimateForm(AskForm):
    """The same box while it is being filled in: nothing is required yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["question"].required = False


class DecisionForm(forms.Form):
    """A person's yes or no."""

    decision = forms.ChoiceField(choices=[("accept", ""), ("reject", "")])
    approval = forms.CharField(max_length=40)
    reason = forms.CharField(max_length=1000, required=False)
