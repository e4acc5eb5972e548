"""/policies/guardrails: what each check of texts looks at and what it does here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.lib.errors import Invalid, NotFound
from apps.policy.guardrails import choices
from apps.policy.guardrails.choices import MOST_SUBJECTS, Choice

WORDS: dict[str, tuple[Any, Any]] = {
    "injection": (
        gettext_lazy("Orders in what is read"),
        gettext_lazy("Sources, hits and answers of servers that give orders to whoever reads them with a model, also "
                     "where the orders are disguised. Redacting blacks out the sentence before a model reads it."),
    ),
    "secrets_sent": (
        gettext_lazy("Secrets on their way out"),
        gettext_lazy("Keys, tokens and passwords in a call that leaves the workspace. Blocking ends the step at once: "
                     "no attempt follows."),
    ),
    "personal_sent": (
        gettext_lazy("Personal details on their way out"),
        gettext_lazy("E-mail addresses, telephone numbers, cards, accounts and national numbers in a query, an address "
                     "or the arguments of a server's tool."),
    ),
    "personal_read": (
        gettext_lazy("Personal details that a model reads"),
        gettext_lazy("The same in what is handed to a model. A sentence whose quote was blacked out is left out of the "
                     "report."),
    ),
    "personal_written": (
        gettext_lazy("Personal details in what a model writes"),
        gettext_lazy("The same in sentences and titles. Quotes stay as their source has them."),
    ),
    "links_written": (
        gettext_lazy("Addresses that a model made up"),
        gettext_lazy("An address in a model's answer that stands nowhere in what it was given."),
    ),
    "topic": (
        gettext_lazy("Questions off the subject"),
        gettext_lazy("Asks a model whether a question belongs here, before it is planned and only where the other "
                     "checks pass. It costs a short call, and runs in live mode only."),
    ),
    "unsupported": (
        gettext_lazy("Sentences that no source carries"),
        gettext_lazy("Each sentence of a draft is held against what it cites. This is what becomes of one that its "
                     "sources do not carry, or contradict. Nothing is rewritten."),
    ),
}  # fmt: skip
ACTIONS = {
    "off": gettext_lazy("off: not looked at"), "warn": gettext_lazy("warn: noted with the call"),
    "redact": gettext_lazy("redact: blacked out, and noted"), "block": gettext_lazy("block: the call is refused"),
    "keep": gettext_lazy("keep: it stays, and says why it is doubted"),
    "drop": gettext_lazy("drop: it is left out of the draft"),
    "ask": gettext_lazy("ask: a person looks at the draft first"),
}  # fmt: skip


class GuardrailForm(forms.Form):
    """What a check is to do, and why."""

    action = forms.ChoiceField(label=gettext_lazy("What it does"))
    subjects = forms.CharField(
        label=gettext_lazy("What questions may be about"), required=False, max_length=MOST_SUBJECTS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=500, help_text=gettext_lazy("Stands on the record."))

    def __init__(self, given: Any, *, choice: Choice) -> None:
        name = choice.check.name
        start = {"action": choice.action, "subjects": choice.subjects}
        super().__init__(given, prefix=f"rail-{name}", initial=start)
        field = self.fields["action"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each, ACTIONS[each]) for each in choice.check.actions]
        if name != "topic":
            del self.fields["subjects"]


@dataclass(frozen=True, slots=True)
class Rail:
    """A check as the page shows it. form is None for whoever may only read."""

    name: str
    title: Any
    about: Any
    action: str
    subjects: str
    who: str
    at: datetime | None
    form: GuardrailForm | None
    open: bool = False


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever reads may see what is looked at."""
    return layout.SettingsPage("policy:guardrails", _("Guardrails"), _("Control")) if member.may("read") else None


@require_safe
@require("read")
def guardrails(request: MemberRequest) -> HttpResponse:
    """Every check, and what it does here."""
    return _page(request)


@require_POST
@require("settings")
def choose_guardrail(request: MemberRequest, name: str) -> HttpResponse:
    """Choose what a check does from the next call on."""
    choice = next((each for each in choices.listed() if each.check.name == name), None)
    if choice is None:
        raise NotFound(_("There is no such guardrail."))
    form = GuardrailForm(request.POST, choice=choice)
    if form.is_valid():
        try:
            choices.choose(by=request.member.person, name=name, **form.cleaned_data)
        except Invalid as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Kept. It binds the next call."))
            return HttpResponseRedirect(reverse("policy:guardrails") + f"#rail-{name}")
    return _page(request, wrong=(name, form), status=422)


def _page(request: MemberRequest, *, wrong: tuple[str, GuardrailForm] | None = None, status: int = 200) -> HttpResponse:
    listed = choices.listed()
    people = accounts.names(each.by for each in listed if each.by)
    may_change = request.member.may("settings")
    rails = [_rail(each, people.get(each.by or 0, ""), may_change) for each in listed]
    if wrong:
        rails = [replace(each, form=wrong[1], open=True) if each.name == wrong[0] else each for each in rails]
    return layout.show(request, "policy/guardrails.html", {"rails": rails, "may_change": may_change}, status)


def _rail(choice: Choice, who: str, may_change: bool) -> Rail:
    title, about = WORDS[choice.check.name]
    form = GuardrailForm(None, choice=choice) if may_change else None
    return Rail(choice.check.name, title, about, choice.action, choice.subjects, who, choice.at, form)
