"""Forms of the library."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _


class ManyFilesInput(forms.ClearableFileInput):
    """A file field that takes several."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several uploaded files as a list; what they hold is checked when they are read."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Return the files that were sent; an empty one is kept, so that its reason can be told."""
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if not files and self.required:
            raise forms.ValidationError(_("Choose at least one file."), code="required")
        return files


class UploadForm(forms.Form):
    """Files, the dataset they go to, and the document that they are a new version of, if any."""

    dataset = forms.SlugField(max_length=40)
    document = forms.SlugField(max_length=40, required=False)
    # Django takes declared fields off the class: the form's own `files` is not in the way.
    files = ManyFilesField(label=_("Files"))  # type: ignore[assignment]


class DatasetForm(forms.Form):
    """Name and description of a dataset."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("What it holds"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
