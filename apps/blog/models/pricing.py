"""The pricing page: words are the editors', figures are those that the server enforces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable

from apps.billing import catalogue
from apps.billing.catalogue import Offer
from apps.blog.models.base import TextPage


def plan_choices() -> list[tuple[str, str]]:
    """List the plans that are sold."""
    return [(offer.slug, offer.name) for offer in catalogue.plans() if is_sold(offer)]


def feature_choices() -> list[tuple[str, str]]:
    """List the features that some plan includes."""
    pairs = [pair for offer in catalogue.plans() for pair in zip(offer.features, offer.feature_names, strict=True)]
    return list(dict(pairs).items())


class Chooser(forms.Select):
    """Offers what the catalogue has when the form is shown; what was chosen before and is gone is said to be."""

    def __init__(self, listed: Callable[[], list[tuple[str, str]]], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.listed = listed

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """List the choices of now."""
        known = self.listed()
        gone = [(each, _("%(name)s (not sold)") % {"name": each}) for each in value if each and each not in dict(known)]
        self.choices = [("", "---------"), *known, *gone]
        return super().optgroups(name, value, attrs)


class PlanChooser(Chooser):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(plan_choices, attrs)


class FeatureChooser(Chooser):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(feature_choices, attrs)


def is_sold(offer: Offer) -> bool:
    """Tell whether somebody can have a plan: it has an active price, of nothing too."""
    return bool(offer.price)


@dataclass(frozen=True, slots=True)
class Card:
    """A plan as the page shows it: `offer` is the catalogue's, the rest is the editors'."""

    offer: Offer
    line: str
    button: str
    highlighted: bool


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """A feature, and for each card whether its plan includes it."""

    name: str
    note: str
    included: tuple[bool, ...]


class PricingForm(WagtailAdminPageForm):
    """Publishing is refused here with a sentence beside the plan, before the page's own check refuses it."""

    def clean(self) -> dict[str, Any]:
        """Look at each chosen plan where the page is about to be published, now or later."""
        cleaned = super().clean()
        if self.data.get("action-publish") or self.data.get("action-submit") or cleaned.get("go_live_at"):
            sold = dict(plan_choices())
            for form in self.formsets["plans"].forms:
                slug = form.cleaned_data.get("plan") if form.is_valid() else ""
                if slug and not form.cleaned_data.get("DELETE") and slug not in sold:
                    form.add_error("plan", _("This plan has no active price: nobody could buy it."))
                    self.add_error(None, _("A plan on this page can’t be bought. Choose another or remove it."))
        return cleaned


class PricingPage(TextPage):
    lead = models.CharField(max_length=240, blank=True)

    base_form_class = PricingForm
    template = "blog/pricing.html"
    max_count_per_parent = 1
    parent_page_types: ClassVar[list[str]] = ["blog.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[Any]] = [
        *TextPage.content_panels, FieldPanel("lead"),
        InlinePanel("plans", heading=_("Plans"), label=pgettext_lazy("subscription", "Plan")),
        InlinePanel("features", heading=_("Features"), label=_("Feature")), FieldPanel("body"),
    ]  # fmt: skip

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to be published with a plan that nobody can buy, whatever way led here. Raises ValidationError."""
        if self.live and not kwargs.get("update_fields"):
            self.demand_sold()
        super().save(*args, **kwargs)

    def demand_sold(self) -> None:
        """Raise ValidationError where a plan of the page has no active price."""
        sold = dict(plan_choices())
        if missing := [card.plan for card in self.plans.all() if card.plan not in sold]:
            raise ValidationError(_("These plans have no active price: %(names)s") % {"names": ", ".join(missing)})

    def cards(self) -> list[Card]:
        """Return the chosen plans as they are sold now; one that is not sold any more is left out."""
        sold = {offer.slug: offer for offer in catalogue.plans() if is_sold(offer)}
        rows = [row for row in self.plans.all() if row.plan in sold]
        return [Card(sold[row.plan], row.line, row.button, row.highlighted) for row in rows]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the cards, the comparison and what can be bought once."""
        cards = self.cards()
        names = dict(feature_choices())
        rows = [
            FeatureRow(names[row.feature], row.note, tuple(row.feature in card.offer.features for card in cards))
            for row in self.features.all() if row.feature in names
        ]  # fmt: skip
        context = super().get_context(request, *args, **kwargs)
        return {**context, "cards": cards, "rows": rows, "topups": catalogue.topups()}


class PlanCard(Orderable):
    page = ParentalKey(PricingPage, on_delete=models.CASCADE, related_name="plans")
    plan = models.CharField(max_length=40)
    line = models.CharField(max_length=160, help_text=_("For whom it is. Price and limits are added by themselves."))
    button = models.CharField(max_length=40)
    highlighted = models.BooleanField(default=False)

    panels: ClassVar[list[Any]] = [
        FieldPanel("plan", widget=PlanChooser),
        FieldPanel("line"),
        FieldPanel("button"),
        FieldPanel("highlighted"),
    ]

    def __str__(self) -> str:
        return self.plan


class FeatureLine(Orderable):
    page = ParentalKey(PricingPage, on_delete=models.CASCADE, related_name="features")
    feature = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True)

    panels: ClassVar[list[Any]] = [FieldPanel("feature", widget=FeatureChooser), FieldPanel("note")]

    def __str__(self) -> str:
        return self.feature
