"""Forms of accounts."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts import rules
from apps.accounts.queries import Member
from apps.observability.queries import Wanted


class CarefulDecoder(json.JSONDecoder):
    """Reads what a passkey says of itself; what is beyond all limits, or of another shape, is no crash."""

    def decode(self, s: str, *args: Any) -> Any:
        """Return what the text holds. Raises JSONDecodeError."""
        try:
            found = super().decode(s, *args)
        except (ValueError, RecursionError) as error:
            raise json.JSONDecodeError("no JSON, or beyond all limits", s[:20], 0) from error
        if not _is_credential(found):
            raise json.JSONDecodeError("no credential", s[:20], 0)
        return found


def _is_credential(found: Any) -> bool:
    """Tell whether every part is there that a passkey's answer has, on registering or on signing in."""
    said = found.get("response") if isinstance(found, dict) else None
    if not isinstance(said, dict) or not all(isinstance(found.get(part), str) for part in ("id", "rawId")):
        return False
    made, used = ("clientDataJSON", "attestationObject"), ("clientDataJSON", "authenticatorData", "signature")
    return any(all(isinstance(said.get(part), str) for part in parts) for parts in (made, used))


ROLE_NAMES = {
    rules.OWNER: _("Owner"),
    rules.ADMIN: _("Admin"),
    rules.APPROVER: _("Approver"),
    rules.RESEARCHER: _("Researcher"),
    rules.VIEWER: _("Viewer"),
    rules.BILLING: _("Billing"),
}
# What a role is for, in one sentence; the table itself stands in rules.MAY.
ROLE_HINTS = {
    rules.OWNER: _("Everything, also plans and payment, handing the workspace over and closing it."),
    rules.ADMIN: _("Everything but plans, payment and closing; gives roles up to admin."),
    rules.APPROVER: _("Researches and decides what stops for a person."),
    rules.RESEARCHER: _("Asks questions, accepts plans, adds documents."),
    rules.VIEWER: _("Reads reports, changes nothing."),
    rules.BILLING: _("Sees plans and payment, no research."),
}


def own_language_names(empty: Any) -> list[tuple[str, Any]]:
    """List the languages, each by its own name, after an empty choice."""
    return [("", empty), *settings.LANGUAGES]


class NewWorkspaceForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What your team calls it."))
    slug = forms.CharField(
        label=_("Address"), max_length=40, required=False,
        help_text=_("Small letters, digits and hyphens; it becomes part of the URL. Empty: made from the name."),
    )  # fmt: skip


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=120, required=False, help_text=_("How colleagues see you. Empty: your address."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), required=False)
    theme = forms.ChoiceField(
        label=_("Colours"),
        required=False,
        choices=[("", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = own_language_names(_("As the workspace, else the browser"))  # type: ignore[attr-defined]


class GeneralForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("For members who chose none of their own.")
    )
    retention_days = forms.IntegerField(
        label=_("Days to keep research"), required=False, min_value=rules.RETENTION_DAYS[0],
        max_value=rules.RETENTION_DAYS[1],
        help_text=_("Finished research is deleted after so many days. Empty: it is kept until somebody deletes it."),
    )  # fmt: skip
    fallback_approver = forms.TypedChoiceField(
        label=_("Who decides when nobody did"), required=False, coerce=int, empty_value=None,
        help_text=_("Gets an approval that nobody answered in time."),
    )  # fmt: skip

    def __init__(self, *args: Any, people: list[Member], plan_days: int | None = None, **kwargs: Any) -> None:
        """Offer those who may approve. plan_days: how long the plan keeps research at most, None for ever."""
        super().__init__(*args, **kwargs)
        if plan_days:
            self.fields["retention_days"].help_text = ngettext(
                "Finished research is deleted after so many days. The plan keeps it for %(n)d day at most, which "
                "counts where this is empty.",
                "Finished research is deleted after so many days. The plan keeps it for %(n)d days at most, which "
                "counts where this is empty.",
                plan_days,
            ) % {"n": plan_days}  # fmt: skip
        self.fields["language"].choices = own_language_names(_("As each browser"))  # type: ignore[attr-defined]
        able = [(row.person, row.name) for row in people if row.may("approve")]
        self.fields["fallback_approver"].choices = [("", _("Nobody")), *able]  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, giver: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, ROLE_NAMES[role]) for role in rules.grantable(giver)]  # type: ignore[attr-defined]
        if rules.RESEARCHER in rules.grantable(giver):
            self.fields["role"].initial = rules.RESEARCHER


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    people = forms.TypedMultipleChoiceField(
        label=_("People"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, people: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = [(row.person, row.name) for row in people]  # type: ignore[attr-defined]


class RecordForm(forms.Form):
    """What of the record is wanted; every field may be left empty. Dates are days in the person's time zone."""

    whose = forms.ChoiceField(
        label=_("Whose"), required=False,
        choices=[("", _("Everybody’s")), ("people", _("People and Footnote")), ("agents", _("Calls of agents"))],
    )  # fmt: skip
    person = forms.TypedChoiceField(label=_("Person"), required=False, coerce=int, empty_value=None)
    agent = forms.ChoiceField(label=_("Agent"), required=False)
    did = forms.CharField(
        label=_("What, from its beginning"), required=False, max_length=60,
        widget=forms.TextInput(attrs={"class": "mono", "placeholder": "approval.", "spellcheck": "false"}),
    )  # fmt: skip
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, people: list[Member], agents: list[str], outcomes: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        everybody = [(row.person, row.name) for row in people]
        for name, choices in (("person", everybody), ("agent", agents), ("outcome", outcomes)):
            pairs = [(each, each) if isinstance(each, str) else each for each in choices]
            self.fields[name].choices = [("", _("Any")), *pairs]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a span that ends before it begins."""
        found = super().clean() or {}
        if (since := found.get("since")) and (until := found.get("until")) and until < since:
            self.add_error("until", _("This day is before the first one."))
        return found

    def wanted(self) -> Wanted:
        """Return what the form asks for; the last day is a part of it."""
        found = dict(self.cleaned_data)
        for name, days in (("since", 0), ("until", 1)):
            if day := found[name]:
                start = datetime.combine(day, time.min) + timedelta(days=days)
                found[name] = timezone.make_aware(start)
        return Wanted(**found)
