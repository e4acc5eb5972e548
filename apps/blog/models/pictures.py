"""Pictures of the site."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class Picture(AbstractImage):
    """A picture that editors uploaded. `description` is what is read aloud where no other text is given."""

    credit = models.CharField(max_length=160, blank=True)
    # As Wagtail has it, but without a way back from people to pictures.
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    admin_form_fields = (*Image.admin_form_fields, "credit")

    def clean(self) -> None:
        """A picture without a description is of no use to whoever can't see it."""
        super().clean()
        if not self.description.strip():
            raise ValidationError({"description": _("Say what the picture shows, for those who can’t see it.")})


class PictureRendition(AbstractRendition):
    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta(AbstractRendition.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("image", "filter_spec", "focal_point_key"), name="one_rendition_a_size"),
        ]
