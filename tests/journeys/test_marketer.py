"""The marketer's journey: a post with a picture, previewed, published by the clock; pricing; approval."""

from __future__ import annotations

import io
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys import browsers
from tests.journeys.stack import Running

Visit = Callable[..., Page]
pytestmark = pytest.mark.sample_of_file(1)


def fetch(stack: Running, path: str) -> tuple[int, str]:
    """Return status and body as a stranger gets them."""
    try:
        with urllib.request.urlopen(stack.origin + path, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def enter(visit: Visit, stack: Running, name: str) -> Page:
    """Sign in by the form and come to the editors' desk."""
    page = browsers.log_in(visit(f"{stack.origin}/login/"), stack, f"{name}@example.test")
    page.goto(f"{stack.origin}/cms/")
    return page


def write(page: Page, stack: Running, title: str) -> None:
    """Begin a post with a title, a lead and an author."""
    page.goto(f"{stack.origin}/cms/pages/add/blog/post/{stack.made['pages']['blog']}/")
    page.fill("#id_title", title)
    page.fill("#id_lead", "What the water board saw there.")
    page.get_by_role("button", name="Choose author").click()
    page.locator(".modal-body a", has_text="The Footnote team").click()
    expect(page.get_by_role("button", name="Choose author")).to_be_hidden()


def save(page: Page) -> str:
    """Save the draft and return its number."""
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url("**/edit/**")
    return re.findall(r"/pages/(\d+)/", page.url)[0]


def add_picture(page: Page) -> None:
    """Upload a picture with the words for those who can't see it."""
    body = io.BytesIO()
    Image.new("RGB", (1600, 900), "#0E5A75").save(body, "PNG")
    page.get_by_role("button", name="Choose an image").click()
    page.locator("#tab-label-upload").click()
    form = page.locator("#tab-upload")
    form.locator("input[type=file]").set_input_files(
        {"name": "dam.png", "mimeType": "image/png", "buffer": body.getvalue()}
    )
    form.locator("[name$=title]").fill("The dam")
    form.locator("[name$=description]").fill("The wall of the dam, seen from the valley")
    form.locator("button[type=submit]").click()
    expect(page.get_by_role("button", name="Choose an image")).to_be_hidden()


def publish(page: Page) -> None:
    """Press what publishes, now or at the time that was set."""
    page.get_by_role("button", name="More actions").click()
    page.locator("button[name=action-publish]").click()
    page.wait_for_url(re.compile(r"/cms/pages/\d+/$"))


def test_the_pricing_page_changes_by_one_form_and_nothing_else_opens(stack: Running, visit: Visit) -> None:
    page = enter(visit, stack, "mara")
    page.goto(f"{stack.origin}/cms/pages/{stack.made['pages']['pricing']}/edit/")
    page.fill("#id_lead", "New words about what it costs.")
    publish(page)
    assert "New words about what it costs." in fetch(stack, "/pricing")[1]
    assert "New words" in fetch(stack, "/pricing.md")[1]
    for path in ("/staff/", "/enter/acme", "/cms/users/"):
        answer = page.goto(stack.origin + path)
        assert answer is not None and answer.status == 404, path


def test_a_post_with_a_picture_is_previewed_scheduled_and_appears_with_its_feed(stack: Running, visit: Visit) -> None:
    page = enter(visit, stack, "mara")
    write(page, stack, "A day at the dam")
    add_picture(page)
    number = save(page)
    page.goto(f"{stack.origin}/cms/pages/{number}/view_draft/")
    expect(page.get_by_role("heading", level=1)).to_have_text("A day at the dam")
    shown = page.get_by_alt_text("The wall of the dam, seen from the valley")
    assert shown.evaluate("(picture) => picture.decode().then(() => picture.naturalWidth)") >= 480
    assert fetch(stack, "/blog/a-day-at-the-dam")[0] == 404
    page.goto(f"{stack.origin}/cms/pages/{number}/edit/")
    page.get_by_role("button", name="Status").click()
    page.get_by_role("button", name="Set schedule").click()
    # By minutes: the next one that begins.
    at = timezone.now() + timedelta(minutes=1)
    page.fill("#id_go_live_at", at.strftime("%Y-%m-%d %H:%M"))
    # By the keyboard: the field's calendar lies above the button.
    page.get_by_role("button", name="Save schedule").press("Enter")
    expect(page.get_by_text("Once scheduled:").first).to_be_visible()
    publish(page)
    assert fetch(stack, "/blog/a-day-at-the-dam")[0] == 404
    for _second in range(110):
        if fetch(stack, "/blog/a-day-at-the-dam")[0] == 200:
            break
        page.wait_for_timeout(1000)
    status, body = fetch(stack, "/blog/a-day-at-the-dam")
    assert status == 200 and 'type="image/avif"' in body
    for path in ("/blog/feed.atom", "/sitemap-en.xml", "/llms.txt", "/blog"):
        assert "/blog/a-day-at-the-dam" in fetch(stack, path)[1], path


def test_what_an_author_hands_in_a_moderator_approves(stack: Running, visit: Visit) -> None:
    page = enter(visit, stack, "arne")
    write(page, stack, "From the valley")
    number = save(page)
    page.get_by_role("button", name="More actions").click()
    assert page.locator("button[name=action-publish]").count() == 0
    page.locator("button[name=action-submit]").click()
    page.wait_for_url(re.compile(r"/cms/pages/\d+/$"))
    assert fetch(stack, "/blog/from-the-valley")[0] == 404
    desk = enter(visit, stack, "mara")
    assert desk.get_by_text("From the valley").first.is_visible()
    desk.goto(f"{stack.origin}/cms/pages/{number}/edit/")
    desk.get_by_role("button", name="More actions").click()
    desk.get_by_role("button", name="Approve and Publish").click()
    desk.wait_for_url(re.compile(r"/cms/"))
    assert fetch(stack, "/blog/from-the-valley")[0] == 200
