"""The pricing page shows what the server enforces, and can't be published with a plan that nobody can buy."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from djstripe.models import Price
from wagtail.models import Revision

from apps.billing import entitlements
from apps.billing.actions import subscriptions
from apps.blog.actions import ground, publishing
from apps.blog.models import PlanCard, PricingPage
from tests.blog.conftest import Seeded, sell
from tests.conftest import Cast


@pytest.fixture
def page(site: Seeded) -> PricingPage:
    """The page with two plans that are sold."""
    sell("free", cents=0, credits=100)
    sell("pro", cents=4900, credits=2000)
    found = PricingPage.objects.get()
    for order, slug in enumerate(("free", "pro")):
        found.plans.add(PlanCard(plan=slug, line="For you.", button="Choose", sort_order=order))
    found.save_revision().publish()
    return found


def figures(site: Seeded) -> dict[str, list[str]]:
    """Return the figures of each plan as the page shows them."""
    text = site.visit().get("/pricing").content.decode()
    plans = re.findall(r'<li class="plan.*?</li>', text, flags=re.S)
    return {re.findall(r"<h2>(\w+)", each)[0]: re.findall(r"<dd>([\d,]+)", each) for each in plans}


def test_the_figures_are_those_that_a_workspace_gets_and_follow_them(
    site: Seeded, page: PricingPage, cast: Cast
) -> None:
    subscriptions.begin(schema=cast.acme, by=cast.alice)
    limits = entitlements.of(cast.acme).limits or {}
    shown = [f"{limits[name]:,}" for name in ("credits", "seats", "monitors", "retention_days", "tokens")]
    assert figures(site)["Free"] == shown and figures(site)["Pro"][0] == "2,000"
    sell("free", cents=0, credits=250)
    subscriptions.refresh_plan(product="prod_free")
    assert (entitlements.of(cast.acme).limits or {})["credits"] == 250
    assert figures(site)["Free"][0] == "250"


def test_a_page_with_a_plan_that_has_no_active_price_is_not_published_in_any_way(
    site: Seeded, page: PricingPage
) -> None:
    page.lead = "New words"
    draft = page.save_revision()
    Price.objects.filter(id="price_pro").update(active=False)
    with pytest.raises(ValidationError, match="pro"):
        draft.publish()
    Revision.objects.filter(pk=draft.pk).update(approved_go_live_at=timezone.now())
    assert publishing.publish_due() == 0
    assert b"New words" not in site.visit().get("/pricing").content
    assert list(figures(site)) == ["Free"]
    answer = site.visit(ground.MODERATORS).post(f"/cms/pages/{page.pk}/edit/", _form(page) | {"action-publish": "1"})
    assert answer.status_code == 200 and b"no active price" in answer.content
    sell("pro", cents=5900, credits=2000)
    answer = site.visit(ground.MODERATORS).post(f"/cms/pages/{page.pk}/edit/", _form(page) | {"action-publish": "1"})
    assert answer.status_code == 302
    shown = site.visit().get("/pricing").content
    assert b"From the form" in shown and b"<b>59</b> USD" in shown


def _form(page: PricingPage) -> dict[str, str]:
    """Return what the editor's form sends: words, order, the plan that stands out; no figure."""
    found = {
        "title": "Pricing", "slug": "pricing", "lead": "From the form", "body-count": "0", "seo_title": "",
        "search_description": "", "features-TOTAL_FORMS": "0", "features-INITIAL_FORMS": "0",
        "plans-TOTAL_FORMS": "2", "plans-INITIAL_FORMS": "2",
        "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0",
    }  # fmt: skip
    for number, card in enumerate(PlanCard.objects.filter(page=page).order_by("sort_order")):
        found |= {f"plans-{number}-{name}": str(value) for name, value in (
            ("id", card.pk), ("plan", card.plan), ("line", card.line), ("button", card.button), ("ORDER", number + 1),
            ("DELETE", ""),
        )}  # fmt: skip
    return found
