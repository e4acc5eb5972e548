"""What visitors and editors of the public site may see, and what is published when."""

from __future__ import annotations

import gc
import io
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Revision

from apps.blog import blocks
from apps.blog.actions import ground, publishing, seeding
from apps.blog.models import Author, DocPage, Evidence, HomePage, Picture, Post, PostIndex
from apps.lib import clock
from tests.architecture.test_hosts import visitor
from tests.blog.conftest import Seeded
from tests.conftest import Cast

PAGES = ("/", "/blog", "/blog/one-gate", "/blog/tags/gate/", "/blog/authors/footnote/", "/docs", "/docs/member/ask",
         "/pricing", "/changelog", "/security", "/terms", "/status")  # fmt: skip

# What the policy forbids, what would ask another host, and the script that only workspaces need.
OTHERS = (b"<style", b' style="', b'src="http', b"htmx-with")


def post(title: str, **more: object) -> Post:
    """Put a draft below the blog."""
    made = Post(title=title, lead="A lead.", author=Author.objects.get(), live=False, locale_id=None, **more)
    made.locale = PostIndex.objects.get().locale
    PostIndex.objects.get().add_child(instance=made)
    return made


def test_every_page_is_there_with_a_strict_policy_and_asks_no_other_host(site: Seeded) -> None:
    for path in PAGES:
        answer = site.visit().get(path)
        assert answer.status_code == 200, path
        assert "unsafe" not in answer["Content-Security-Policy"], path
        assert answer["X-Frame-Options"] == "DENY" and not answer.cookies, path
        assert not [each for each in OTHERS if each in answer.content], path
        assert b'<link rel="canonical" href="http' in answer.content or path == "/status"


def test_a_second_seeding_changes_nothing(site: Seeded) -> None:
    edited = Post.objects.get(slug="one-gate")
    edited.title = "As an editor wrote it"
    edited.save_revision().publish()
    before = Page.objects.count(), Revision.objects.count()
    assert site.pages > 20
    assert seeding.seed(workspace="nobody", names=("member",)).made == 0
    assert (Page.objects.count(), Revision.objects.count()) == before
    assert Post.objects.get(slug="one-gate").title == "As an editor wrote it"


def test_guides_keep_their_links_and_tables_and_are_found_by_their_words(site: Seeded) -> None:
    page = DocPage.objects.get(slug="ask")
    assert {"text", "table"} <= {part.block_type for part in page.body}
    answer = site.visit().get("/docs?q=methodology")
    assert b'href="/docs/member/ask"' in answer.content
    # Links to files that are not on the site became words; the page's own Markdown is another thing.
    assert set(re.findall(r'[^"/]+\.md', site.visit().get("/docs/member/read").content.decode())) == {"read.md"}


@pytest.mark.parametrize("group", ground.GROUPS)
def test_who_edits_the_site_reaches_no_staff_page_no_people_and_no_workspace(
    site: Seeded, cast: Cast, group: str
) -> None:
    client = site.visit(group)
    desk = client.get("/cms/")
    assert desk.status_code == 200 and "frame-ancestors 'self'" in desk["Content-Security-Policy"]
    for path in ("/staff/", "/cms/users/", "/cms/groups/", "/cms/sites/", "/cms/documents/", "/cms/account/"):
        assert client.get(path, follow=True).status_code == 404, path
    inside = visitor(cast.acme_host, site.editors[group])
    assert inside.get("/research").status_code == inside.get("/cms/").status_code == 404
    add = client.get(f"/cms/pages/add/blog/post/{PostIndex.objects.get().pk}/")
    assert add.status_code == 200
    assert (b"action-publish" in add.content) == (group != ground.AUTHORS)


def test_a_draft_is_previewed_in_the_editors_frame_with_no_looser_scripts(site: Seeded) -> None:
    page = Post.objects.get(slug="one-gate")
    page.title = "Not yet"
    page.save_revision()
    answer = site.visit(ground.EDITORS).get(f"/cms/pages/{page.pk}/view_draft/")
    assert b"Not yet" in answer.content and answer["X-Frame-Options"] == "SAMEORIGIN"
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy and "unsafe" not in policy
    assert b"Not yet" not in site.visit().get("/blog/one-gate").content


def test_whoever_is_no_editor_is_led_to_sign_in(site: Seeded, cast: Cast) -> None:
    for client in (site.visit(), visitor("localhost", cast.alice)):
        answer = client.get("/cms/pages/")
        assert answer.status_code == 302 and answer["Location"].startswith("/login/")


def test_a_scheduled_post_appears_when_the_scheduler_comes_round_and_not_before(
    site: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    now = timezone.now()
    made = post("Later")
    made.go_live_at, made.expire_at = now + timedelta(hours=1), now + timedelta(hours=2)
    made.save_revision().publish()

    def status() -> int:
        return site.visit().get("/blog/later").status_code

    def come_round(minutes: int) -> int:
        """Let so much time pass, for Wagtail too, and let the scheduler look."""
        monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=minutes))
        with clock.stopped(now + timedelta(minutes=minutes)):
            return publishing.publish_due()

    assert come_round(59) == 0 and status() == 404
    assert b"Later" not in site.visit().get("/blog/feed.atom").content
    assert come_round(61) == 1 and status() == 200
    feed = ElementTree.fromstring(site.visit().get("/blog/feed.atom").content)
    titles = [entry.findtext("{http://www.w3.org/2005/Atom}title") for entry in feed.iter() if "entry" in entry.tag]
    assert titles[0] == "Later" and len(titles) == 7
    assert b"/blog/later</loc>" in site.visit().get("/sitemap-en.xml").content
    assert come_round(121) == 1 and status() == 404


# Wagtail leaves its temporary files to the collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_picture_needs_words_and_is_sent_small_and_modern(
    site: Seeded, settings: object, tmp_path: object
) -> None:  # fmt: skip
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    body = io.BytesIO()
    Image.new("RGB", (1600, 900), "#0E5A75").save(body, "PNG")
    made = Picture(title="Blue", file=SimpleUploadedFile("blue.png", body.getvalue()), width=1600, height=900)
    with pytest.raises(ValidationError, match="what the picture shows"):
        made.clean()
    made.description = "A blue field"
    made.save()
    block = blocks.Picture()
    with pytest.raises(ValidationError):
        block.clean(block.to_python({"picture": made.pk, "alt": "", "caption": ""}))
    shown = post("Pictured", picture=made, body=[("picture", {"picture": made, "alt": "Blue, all over"})])
    shown.save_revision().publish()
    page = site.visit().get("/blog/pictured").content.decode()
    assert 'alt="A blue field"' in page and 'alt="Blue, all over"' in page
    for kind in ("avif", "webp"):
        assert f'type="image/{kind}"' in page
    address = page.split('srcset="')[1].split(" ")[0]
    sent = site.visit().get(address)
    assert sent["Content-Type"] == "image/avif" and "immutable" in sent["Cache-Control"]
    assert b"ftypavif" in b"".join(sent.streaming_content)[:16]
    sent.close()
    for path in ("original_images/blue.png", "images/../../secrets.json", "images/nothing.png"):
        assert site.visit().get(f"/media/{path}").status_code == 404
    gc.collect()


def test_pages_cost_the_same_queries_however_many_posts_there_are(site: Seeded) -> None:
    counts = {}
    for round_ in range(2):
        for path in PAGES:
            with CaptureQueriesContext(
                connection,
            ) as seen:
                site.visit().get(path)
            counts.setdefault(path, []).append(len(seen))
        for number in range(3 * (1 - round_)):
            made = post(f"More {number}")
            made.tags.add("gate")
            made.save_revision().publish()
    assert {path: found for path, found in counts.items() if found[1] > found[0] or found[1] > 32} == {}


def test_an_address_that_lacks_its_slash_or_has_moved_still_leads_there(site: Seeded) -> None:
    assert site.visit().get("/login")["Location"] == "/login/"
    Redirect.objects.create(old_path="/old", redirect_page=PostIndex.objects.get())
    assert site.visit().get("/old")["Location"].endswith("/blog")
    assert site.visit().get("/nowhere").status_code == site.visit().get("/en/blog").status_code == 404


def test_the_proof_is_shown_from_its_copy_with_notes_and_steps(site: Seeded) -> None:
    note = {"number": 1, "title": "A source", "quote": "It cost 412.", "before": "", "after": "", "verdict": "sourced"}
    claim = {"public_id": "1", "text": "It cost 412.", "verdict": "sourced", "marks": [{"number": 1, "about": ""}]}
    report = {"question": "What did it cost?", "sourced": 1, "sentences": 1, "credits": 3, "sources": [{}],
              "summary": {"key": "summary", "claims": [claim], "notes": [note]}}  # fmt: skip
    kept = Evidence.objects.create(slug="x", title="T", report=report, replay=[{"label": "Plan", "start_ms": 1}])
    HomePage.objects.update(evidence=kept)
    page = site.visit().get("/").content.decode()
    assert 'href="#note-1"' in page and 'id="note-1"' in page and "It cost 412." in page
    assert 'id="replay"' in page and "data-replay" in page
    twin = site.visit().get("/index.md").content.decode()
    assert "It cost 412.[^1]" in twin and "[^1]: A source: “It cost 412.”" in twin
    HomePage.objects.update(evidence=None)
    page = site.visit().get("/").content.decode()
    assert "No report stands here now" in page and "replay" not in page and "It cost 412." not in page
