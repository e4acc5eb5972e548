"""Forms of accounts."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class NewWorkspaceForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("How your team calls it."))
    slug = forms.CharField(
        label=_("Address"), max_length=40, help_text=_("Small letters, digits and hyphens; it becomes part of the URL.")
    )
