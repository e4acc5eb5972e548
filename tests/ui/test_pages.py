"""Every page that links lead to: readable by everyone, at every width, in both colour schemes, in every direction."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys import browsers
from tests.journeys.stack import Running
from tests.ui import crawl, look
from tests.ui.crawl import Found, Place

# Where a form, a mail or another site leads: no link does.
AFTERWARDS = (
    "/inactive/", "/confirm-email/", "/password/reset/done/", "/password/reset/key/done/", "/settings/accounts/",
    "/settings/accounts/login/cancelled/", "/settings/accounts/login/error/", "/reauthenticate/", "/styleguide",
)  # fmt: skip
# Kinds that no walk can see, because something must be done before: test_forms does it where there is a page.
BY_HAND = {
    "apex account_confirm_login_code": "after a code was sent",
    "apex mfa_authenticate": "in the middle of signing in",
    "apex accounts:fetch_copy": "once a copy was made",
    "apex accounts:leave": "after the password was asked for once more",
    "apex mfa_reauthenticate": "when a second factor is asked for once more",
    "apex mfa_edit_webauthn": "with a passkey",
    "apex mfa_remove_webauthn": "with a passkey",
    "apex admin:agenda_platformpause_change": "while the platform is paused",
    "apex picture": "where a page has one (tests/blog)",
    "apex card": "beside a link on somebody else's page (tests/blog)",
    "apex stripe_webhook": "for Stripe alone",
    "workspace monitors:monitor": "once something is watched (tests/monitors)",
    "workspace monitors:change": "once something is watched (tests/monitors)",
    "workspace policy:replay": "by the form of the simulator",
    "workspace entry:arrive": "with a ticket of the apex",
    "apex socialaccount_signup": "in the middle of signing up with another site",
    "apex mfa_reauthenticate_webauthn": "when a passkey is asked for once more",
}
LANGUAGES = ("en", "de", "ar")
People = Callable[[str, str], tuple[Page, list[str]]]


@pytest.fixture(scope="module")
def found(stack: Running, request: pytest.FixtureRequest) -> Found:
    """All pages there are; without --prove two of a kind for each person."""
    return crawl.walk(stack, most=12 if request.config.getoption("--prove") else 2, more=AFTERWARDS)


@pytest.fixture(scope="module")
def people(browser: Browser, stack: Running) -> Iterator[People]:
    """Give each person a page in a language, and a list of what the browser complains about there."""
    open_: dict[tuple[str, str], tuple[Page, list[str]]] = {}

    def who(person: str, language: str) -> tuple[Page, list[str]]:
        if (person, language) not in open_:
            context = browsers.signed_in(browser, stack, person, locale=language, reduced_motion="reduce")
            complaints: list[str] = []
            open_[person, language] = browsers.listen(context.new_page(), complaints), complaints
        return open_[person, language]

    yield who
    for page, _complaints in open_.values():
        page.context.close()


def test_no_link_leads_nowhere(found: Found) -> None:
    assert found.dead == []


def test_every_named_page_is_reached_by_links(stack: Running, found: Found) -> None:
    """A new page that nothing links to is noticed here, as is one for which the workspaces hold nothing to show."""
    samples = {"run": stack.made["runs"]["published"], "approval": stack.made["approvals"]["draft"], "slug": "acme",
               "dataset": "ds_library", "language": "en",
               "invitation": "00000000-0000-4000-8000-000000000000"}  # fmt: skip
    lonely = []
    for host in crawl.URLCONFS:
        for name, words in crawl.named(host):
            kind = f"{host} {name}"
            if kind in found.reached or kind in BY_HAND or crawl.is_staff_form(name):
                continue
            path = crawl.address(host, name, words, samples)
            place = "acme" if host == "workspace" else "apex"
            status, content = crawl.fetch(stack, crawl.owner(name), place, path)[:2] if path else (0, "")
            if status == 200 and content.startswith("text/html") and name not in crawl.FRAGMENTS:
                lonely.append(f"{kind} at {path}")
            elif status not in {200, 302, 405}:
                lonely.append(f"{kind} at {path or words}: {status}")
    assert lonely == [], "\n".join(lonely)


def test_every_page_is_right_in_every_view(
    stack: Running, found: Found, full: bool, people: People,
    proof: Callable[[str, int, str], None],
) -> None:  # fmt: skip
    # Without --prove one in fourteen: each page takes a second of a browser.
    chosen = found.pages if full else crawl.one_of_each(found.pages)[::14]
    dice, wrong, looked = random.Random(7), [], 0
    for place in chosen:
        views = look.VIEWS if full else (dice.choice(look.VIEWS),)
        for language in LANGUAGES if full else (dice.choice(LANGUAGES),):
            seen = people(place.person, language)
            wrong += _look_at(*seen, stack, place, language, views if language == "en" or not full else views[2:5:2])
            looked += 1
    proof("pages with no barrier, no sideways scroll, no crowded target", looked, f"{len(wrong)} wrong")
    assert not wrong, "\n".join(wrong)


def _look_at(
    page: Page, complaints: list[str], stack: Running, place: Place, language: str, views: tuple[tuple[int, str], ...]
) -> Iterator[str]:  # fmt: skip
    complaints.clear()
    look.turn(page, *views[0])
    page.goto(stack.host(place.host) + place.path, wait_until="load")
    about = f"{place.kind} {place.path} for {place.person or 'nobody'} in {language}"
    for width, scheme in views:
        look.turn(page, width, scheme)
        yield from (
            f"{about} at {width} {scheme}: {line}" for line in look.examine(page, "en" if place.of_site else language)
        )
        look.keep_picture(page, f"{place.kind} {place.person} {place.path[-24:]} {language} {width} {scheme}")
    yield from (f"{about}: {line}" for line in complaints)
