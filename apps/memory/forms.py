"""What a person changes of what is known."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from apps.memory.actions import MOST_TEXT


class CorrectForm(forms.Form):
    """Other words for a fact, and why."""

    text = forms.CharField(
        label=gettext_lazy("What is right"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300, help_text=gettext_lazy("Stands on the record."))


class ForgetForm(forms.Form):
    """Why a fact is forgotten."""

    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300, help_text=gettext_lazy("Stands on the record."))
