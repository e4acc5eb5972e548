"""What people type into the pages of the control plane."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts import rules as roles
from apps.accounts.queries import Member
from apps.lib import clock

AUTONOMY = ("", "suggest", "ask", "act")


class SimulateForm(forms.Form):
    """Principal, action, resource and context of a call that nobody makes. `arguments` comes out as an object."""

    tool = forms.ChoiceField(label=gettext_lazy("Tool"))
    agent = forms.ChoiceField(label=gettext_lazy("Agent"))
    arguments = forms.CharField(
        label=gettext_lazy("Arguments"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5, "class": "mono", "spellcheck": "false"}),
        help_text=gettext_lazy('As JSON, such as {"query": "dams in Harrow"}.'),
    )  # fmt: skip
    person = forms.ChoiceField(label=gettext_lazy("For whom"))
    role = forms.ChoiceField(label=gettext_lazy("In the role"), required=False)
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), choices=[("mock", "mock"), ("live", "live")], initial="mock")
    autonomy = forms.ChoiceField(label=gettext_lazy("Autonomy"), required=False)
    at = forms.DateTimeField(label=gettext_lazy("When (UTC)"), required=False, help_text=gettext_lazy("Empty: now."))
    budget_left_percent = forms.IntegerField(
        label=gettext_lazy("Budget left, in percent"), min_value=0, max_value=100, initial=100, required=False
    )
    version = forms.ChoiceField(label=gettext_lazy("Under"), required=False)
    approved = forms.BooleanField(label=gettext_lazy("A person has approved it"), required=False)
    capability = forms.BooleanField(label=gettext_lazy("A capability covers it"), required=False)

    def __init__(
        self, given: Any, *, people: Sequence[Member], tools: Sequence[str], agents: Sequence[str],
        versions: Sequence[int], me: Member,
    ) -> None:  # fmt: skip
        super().__init__(given)
        now = _("as it is")
        for name, choices in {
            "tool": [(each, each) for each in tools],
            "agent": [(each, each) for each in agents],
            "person": [(str(each.person), each.name) for each in people],
            "role": [("", now), *((each, each) for each in roles.ROLES)],
            "autonomy": [("", now), *((each, each) for each in AUTONOMY[1:])],
            "version": [("", _("what is in force")), *((str(n), _("version %(n)d") % {"n": n}) for n in versions)],
        }.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        self.fields["person"].initial = str(me.person)
        self.fields["arguments"].initial = '{"query": ""}'

    def clean_arguments(self) -> dict[str, Any]:
        """Read the arguments, or say where they stop being JSON."""
        text = self.cleaned_data["arguments"].strip() or "{}"
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
            raise forms.ValidationError(
                _("This is not JSON: look at line %(line)d, place %(column)d.") % {"line": line, "column": column}
            ) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_("Arguments are an object: begin with { and end with }."))
        return found

    def clean_at(self) -> Any:
        """Take the time as UTC; now where none is given."""
        at = self.cleaned_data["at"]
        return at.replace(tzinfo=UTC) if at else clock.now()

    def clean_budget_left_percent(self) -> int:
        """Take all of it where nothing is said."""
        left = self.cleaned_data["budget_left_percent"]
        return 100 if left is None else int(left)


class CredentialForm(forms.Form):
    """A new credential. `tools` comes out as a list."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    secret = forms.CharField(
        label=gettext_lazy("Secret"), max_length=8_000, strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "mono"}),
        help_text=gettext_lazy("It is sealed at once. Nobody can read it here again, you included."),
    )  # fmt: skip
    tools = forms.CharField(
        label=gettext_lazy("For these tools"), max_length=6_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, such as tickets.search, or tickets.* for all tools of a server."),
    )  # fmt: skip

    def clean_tools(self) -> list[str]:
        """Return the lines that are not empty."""
        return str(self.cleaned_data["tools"]).split()


class RotateForm(forms.Form):
    """A new secret in the place of an old one."""

    secret = CredentialForm.base_fields["secret"]


class AllowForm(CredentialForm):
    """For which tools a credential may be opened. `tools` comes out as a list."""

    name = None  # type: ignore[assignment]
    secret = None  # type: ignore[assignment]


class BudgetForm(forms.Form):
    """What a subject may use. `whom` comes out as (kind, subject); `micro_dollars` as an integer or None."""

    whom = forms.ChoiceField(label=gettext_lazy("Whose budget"))
    tokens = forms.IntegerField(
        label=gettext_lazy("Tokens"), required=False, min_value=0, max_value=10**12,
        help_text=gettext_lazy("What models read and write. Empty: no limit."),
    )  # fmt: skip
    dollars = forms.DecimalField(
        label=gettext_lazy("US dollars"), required=False, min_value=0, max_value=10**6, decimal_places=2,
        help_text=gettext_lazy("What providers charge. Empty: no limit."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=500, help_text=gettext_lazy("Stands on the record."))

    def __init__(self, *args: Any, people: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            ("workspace:", _("The workspace, a month")), ("person:", _("Each person, a month")),
            ("run:", _("Each run, as a whole")),
            (_("One person, a month"), [(f"person:{row.person}", row.name) for row in people]),
        ]  # fmt: skip

    def clean_whom(self) -> tuple[str, str]:
        """Split the choice."""
        kind, _colon, subject = self.cleaned_data["whom"].partition(":")
        return kind, subject

    @property
    def micro_dollars(self) -> int | None:
        """The dollars as an integer of millionths."""
        dollars = self.cleaned_data["dollars"]
        return None if dollars is None else int(dollars * 1_000_000)


class ExceptionForm(forms.Form):
    """How much more, once, and why."""

    tokens = forms.IntegerField(label=gettext_lazy("More tokens"), required=False, min_value=0, max_value=10**12)
    dollars = forms.DecimalField(
        label=gettext_lazy("More US dollars"), required=False, min_value=0, max_value=10**6, decimal_places=2
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=500)

    @property
    def micro_dollars(self) -> int:
        """The dollars as an integer of millionths."""
        return int((self.cleaned_data["dollars"] or 0) * 1_000_000)


class ReasonForm(forms.Form):
    """Why something is switched, taken away or allowed."""

    reason = forms.CharField(label=gettext_lazy("Why"), max_length=500)


class RevokeForm(ReasonForm):
    """What is taken back of what a run was lent, and why."""

    what = forms.ChoiceField(label=gettext_lazy("What"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, tokens: Sequence[tuple[str, str]], **more: Any) -> None:
        """Offer everything, then each token: (id, agent)."""
        super().__init__(*args, **more)
        one = _("Only the token of %(agent)s, which may be given another")
        every = [("", _("Everything: its next call is refused, and the run ends"))]
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*every, *((id, one % {"agent": agent}) for id, agent in tokens)]
        field.required, self.initial = False, {"what": "", **(self.initial or {})}
        self.order_fields(["what", "reason"])


class AutonomyForm(ReasonForm):
    """How freely an agent acts."""

    autonomy = forms.ChoiceField(
        label=gettext_lazy("How freely it acts"), widget=forms.RadioSelect,
        choices=[
            ("suggest", gettext_lazy("Suggests: each call that leaves the workspace or changes something needs a yes")),
            ("ask", gettext_lazy("Asks before acting: each call that changes something needs a yes")),
            ("act", gettext_lazy("Acts within policy: the policies alone decide")),
        ],
    )  # fmt: skip
    field_order: Sequence[str] = ("autonomy", "reason")


class AgentForm(ReasonForm):
    """What an agent may use, and how much in one task."""

    tools = forms.MultipleChoiceField(label=gettext_lazy("Tools"), required=False, widget=forms.CheckboxSelectMultiple)
    calls_per_task = forms.IntegerField(
        label=gettext_lazy("Calls a task"), required=False, min_value=0,
        help_text=gettext_lazy("Empty: the platform's."),
    )  # fmt: skip
    dollars_per_task = forms.DecimalField(
        label=gettext_lazy("US dollars a task"), required=False, min_value=0, decimal_places=2,
        help_text=gettext_lazy("Empty: the platform's."),
    )  # fmt: skip
    field_order: Sequence[str] = ("tools", "calls_per_task", "dollars_per_task", "reason")

    def __init__(self, *args: Any, tools: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tools"].choices = [(name, name) for name in tools]  # type: ignore[attr-defined]

    @property
    def micro_dollars(self) -> int | None:
        """The dollars as an integer of millionths."""
        dollars = self.cleaned_data["dollars_per_task"]
        return None if dollars is None else int(dollars * 1_000_000)


class PauseForm(ReasonForm):
    """A tool to switch off."""

    tool = forms.ChoiceField(label=gettext_lazy("Tool"))
    field_order: Sequence[str] = ("tool", "reason")

    def __init__(self, *args: Any, tools: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tool"].choices = [(name, name) for name in tools]  # type: ignore[attr-defined]


class CapabilityForm(PauseForm):
    """A permission that runs out."""

    agent = forms.ChoiceField(label=gettext_lazy("Agent"), required=False)
    calls = forms.IntegerField(label=gettext_lazy("Calls"), min_value=1, max_value=10_000, initial=10)
    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=1, max_value=90, initial=7)
    dollars = forms.DecimalField(
        label=gettext_lazy("US dollars in all"), min_value=0, max_value=1000, decimal_places=2, initial=1
    )
    field_order = ("tool", "agent", "calls", "days", "dollars", "reason")

    def __init__(self, *args: Any, agents: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Any agent")), *((name, name) for name in agents)]
        self.fields["agent"].choices = choices  # type: ignore[attr-defined]
