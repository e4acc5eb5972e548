"""Forms in the shape that the templates expect."""

from __future__ import annotations

from django import forms

from tests.ui import examples


class MultipleFiles(forms.ClearableFileInput):
    """A file field that takes several."""

    allow_multiple_selected = True


class AskForm(forms.Form):
    """The shape that the ask box expects."""

    question = forms.CharField(
        min_length=8,
        widget=forms.Textarea(
            {
                "rows": 3,
                "data-question": "",
                "placeholder": "Ask one thing. Name the period, the place and the units you want.",
            }
        ),
    )
    scope = forms.ChoiceField(choices=[("all", "All 25 documents"), ("chosen", "Only these")], widget=forms.RadioSelect)
    documents = forms.MultipleChoiceField(
        choices=[(str(n), title) for n, title in enumerate(examples.TITLES * 4)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    uploads = forms.FileField(widget=MultipleFiles, required=False)
    depth = forms.ChoiceField(
        choices=[("quick", "Quick"), ("standard", "Standard"), ("deep", "Deep")], widget=forms.RadioSelect
    )
    source_cap = forms.IntegerField(
        min_value=1, max_value=60, label="Sources", widget=forms.NumberInput({"class": "input"})
    )
    mode = forms.ChoiceField(choices=[("mock", "Mock"), ("live", "Live")], widget=forms.RadioSelect)
    approval = forms.BooleanField(required=False)


class SignInForm(forms.Form):
    """What allauth's login form looks like."""

    login = forms.EmailField(label="Email")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    remember = forms.BooleanField(label="Keep me signed in", required=False)


class UploadForm(forms.Form):
    """Files for the workspace."""

    files = forms.FileField(label="Files", widget=MultipleFiles)


class WorkspaceForm(forms.Form):
    """A new workspace."""

    name = forms.CharField(label="Name", help_text="Your organisation or the work it is for.")
    slug = forms.SlugField(
        label="Address", help_text="Small letters, digits and hyphens: it becomes part of the address."
    )
