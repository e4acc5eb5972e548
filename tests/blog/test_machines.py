"""What readers that are machines get: sitemaps, Markdown, structured data, pictures for links, contacts."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.conf import settings
from PIL import Image
from wagtail.models import Locale, Page

from apps.blog.actions import ground, guides, planting
from apps.blog.formats import richtext
from apps.blog.formats.sitemaps import SITEMAP, XHTML
from apps.blog.models import DocPage, GenericPage, HomePage, Post, PricingPage
from apps.lib import clock
from tests.architecture.test_hosts import visitor
from tests.blog.conftest import Seeded, sell
from tests.conftest import Cast

SCHEMA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.S)


def text(site: Seeded, path: str) -> str:
    """Return the body of a page of the site."""
    answer = site.visit().get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def described(page: str) -> dict[str, Any]:
    """Return what a page says of itself, by the type of the thing."""
    return {thing["@type"]: thing for thing in map(json.loads, SCHEMA.findall(page))}


def translated(page: Page, language: str) -> Page:
    """Publish a page in another language, with its parents."""
    made = page.copy_for_translation(Locale.objects.get(language_code=language), copy_parents=True)
    made.save_revision().publish()
    return made


def test_sitemaps_list_what_is_published_in_the_languages_that_exist(site: Seeded) -> None:
    index = ElementTree.fromstring(text(site, "/sitemap.xml"))
    assert [each.text for each in index.iter(f"{{{SITEMAP}}}loc")] == [f"{settings.PUBLIC_ORIGIN}/sitemap-en.xml"]
    assert site.visit().get("/sitemap-de.xml").status_code == 404
    translated(HomePage.objects.get(), "de")
    translated(GenericPage.objects.get(slug="about"), "de")
    Page.objects.get(slug="security").unpublish()
    listed = {}
    for language in ("en", "de"):
        for entry in ElementTree.fromstring(text(site, f"/sitemap-{language}.xml")):
            links = {each.get("hreflang"): each.get("href") for each in entry.iter(f"{{{XHTML}}}link")}
            listed[urlsplit(str(entry.findtext(f"{{{SITEMAP}}}loc"))).path] = links
    origin = settings.PUBLIC_ORIGIN
    both = {"de": f"{origin}/de/about", "en": f"{origin}/about", "x-default": f"{origin}/about"}
    assert listed["/about"] == listed["/de/about"] == both and not listed["/pricing"]
    assert "/security" not in listed and {"/", "/de", "/blog/one-gate", "/docs/member/ask", "/status"} <= set(listed)
    for path in ("/", "/de", "/about", "/de/about", "/blog/one-gate", "/docs/member/ask", "/pricing", "/status"):
        page = text(site, path)
        assert f'<link rel="canonical" href="{origin}{path}">' in page, path
        assert page.count("hreflang=") == (6 if listed[path] else 0) - (1 if listed[path] else 0), path
    assert '<html lang="de"' in text(site, "/de/about")


def test_every_public_page_has_a_markdown_twin_and_drafts_have_none(site: Seeded) -> None:
    sell("pro", cents=4900, credits=2000)
    listed = re.findall(r"\]\((\S+\.md)\)", text(site, "/llms.txt"))
    assert len(listed) == Page.objects.filter(depth__gt=1).live().count()
    for address in [*listed, f"{settings.PUBLIC_ORIGIN}/blog/tags/gate.md", f"{settings.PUBLIC_ORIGIN}/status.md"]:
        path = urlsplit(address).path
        answer = site.visit().get(path)
        assert answer.status_code == 200 and answer["Content-Type"] == "text/markdown; charset=utf-8", path
        body = answer.content.decode()
        assert body.startswith("# ") and not re.search(r"</?(p|b|a|li|h\d)\b", body), path
        assert answer["Link"].endswith('>; rel="canonical"')
        if path.count("/") < 3:
            canonical = re.findall("<(.*?)>", answer["Link"])[0]
            assert f'type="text/markdown" href="{address}"' in text(site, urlsplit(canonical).path), path
    ask = text(site, "/docs/member/ask.md")
    assert "| depth | sub-questions |" in ask and "- **Documents:**" in ask
    Post.objects.get(slug="one-gate").unpublish()
    for path in ("/blog/one-gate.md", "/blog/one-gate", "/blog/tags/nothing.md", "/nowhere.md", "/en/blog.md"):
        assert site.visit().get(path).status_code == 404, path


def test_rich_text_keeps_its_lists_links_and_signs_as_markdown() -> None:
    html = (
        "<p>A <b>bold</b> <i>one</i> with <code>a*b</code>.</p><ul><li>One<ol><li>Deep</li></ol></li><li>Two</li></ul>"
    )
    link = '<p>1 * 2 <a href="/x y">in [here]</a> <a href="javascript:alert(1)">out</a></p>'
    assert richtext.markdown(html + link, "https://a.test") == (
        "A **bold** *one* with `a*b`.\n\n- One\n   1. Deep\n- Two\n\n"
        "1 \\* 2 [in \\[here\\]](https://a.test/x y) [out](#)"
    )


def test_structured_data_is_valid_says_what_the_page_says_and_ends_no_element(site: Seeded) -> None:
    sell("free", cents=0, credits=100)
    sell("pro", cents=4950, credits=2000)
    pricing = PricingPage.objects.get()
    for slug in ("free", "pro"):
        pricing.plans.add(pricing.plans.model(plan=slug, line="For </script><b>you", button="Choose"))
    pricing.save_revision().publish()
    page = text(site, "/pricing")
    things = [json.loads(each) for each in SCHEMA.findall(page)]
    prices = {each["name"]: each["offers"]["price"] for each in things if each["@type"] == "Product"}
    assert prices == {"Footnote Free": "0.00", "Footnote Pro": "49.50"}
    assert "</script><b>" not in page and things[0]["description"] == "For </script><b>you"
    asked = described(page)["FAQPage"]["mainEntity"]
    assert "What happens when a payment fails?" in [each["name"] for each in asked]
    assert asked[0]["acceptedAnswer"]["text"] in re.sub(r"\s+", " ", page)
    article = described(text(site, "/blog/one-gate"))
    assert article["BlogPosting"]["headline"] == "One gate to the outside"
    assert [each["item"] for each in article["BreadcrumbList"]["itemListElement"]] == [
        f"{settings.PUBLIC_ORIGIN}{path}" for path in ("", "/blog", "/blog/one-gate")
    ]
    assert {"Organization", "WebSite"} <= set(described(text(site, "/")))


def test_a_link_to_a_page_has_a_picture_of_its_title_that_changes_with_it(
    site: Seeded, settings: Any, tmp_path: Path
) -> None:  # fmt: skip
    settings.MEDIA_ROOT = tmp_path

    def address() -> str:
        return urlsplit(re.findall(r'property="og:image" content="(.*?)"', text(site, "/blog/one-gate"))[0]).path

    first = address()
    for _again in range(2):
        sent = site.visit().get(first)
        assert sent.status_code == 200, sent.headers
        body = b"".join(sent.streaming_content)
        # Closing the answer itself would close the test's connection to the database too.
        for close in sent._resource_closers:
            close()
        assert "immutable" in sent["Cache-Control"]
        with Image.open(io.BytesIO(body)) as shown:
            assert shown.size == (1200, 630) and shown.format == "PNG"
    assert len(list(tmp_path.rglob("*.png"))) == 1
    page = Post.objects.get(slug="one-gate")
    page.title = "Another title"
    page.save_revision().publish()
    assert address() != first and site.visit().get(first)["Location"] == address()
    page.unpublish()
    assert site.visit().get(first).status_code == 404


def test_crawlers_are_told_what_to_read_and_finders_of_holes_whom_to_tell(site: Seeded, cast: Cast) -> None:
    robots = text(site, "/robots.txt")
    assert "Disallow: /cms/\n" in robots and f"Sitemap: {settings.PUBLIC_ORIGIN}/sitemap.xml" in robots
    with clock.stopped(datetime(2026, 11, 23, 9, tzinfo=UTC)):
        lines = dict(line.split(": ", 1) for line in text(site, "/.well-known/security.txt").splitlines())
        until = datetime.fromisoformat(lines["Expires"])
        assert timedelta(days=90) < until - clock.now() < timedelta(days=365)
    assert lines["Contact"].startswith(("mailto:", "https:", "http://localhost"))
    assert visitor(cast.acme_host, cast.alice).get("/research")["X-Robots-Tag"] == "noindex"
    for path in ("/robots.txt", "/sitemap.xml", "/llms.txt", "/index.md"):
        assert visitor(cast.acme_host, cast.alice).get(path).status_code == 404, path


def test_a_guide_that_changed_is_brought_again_but_not_over_an_editors_words(
    site: Seeded, settings: Any, tmp_path: Path
) -> None:  # fmt: skip
    folder = tmp_path / "docs" / "how-to"
    folder.mkdir(parents=True)
    guide = folder / "tester.md"
    settings.BASE_DIR = tmp_path

    def bring(**sections: str) -> guides.Brought:
        guide.write_text("# For testers\n\nHow.\n\n" + "".join(f"## {k}\n\n{v}\n\n" for k, v in sections.items()))
        return guides.bring(HomePage.objects.get(), names=("tester",))

    bring(One="First.", Two="Second.", Three="Third.")
    edited = DocPage.objects.get(slug="two")
    edited.search_description = "As an editor says it"
    edited.save_revision().publish()
    done = bring(One="First, changed.", Two="Second, changed.")
    assert (done.renewed, done.kept, done.gone) == (
        ["/docs/tester/one"], ["/docs/tester/two"], ["/docs/tester/three"]
    )  # fmt: skip
    assert "First, changed." in text(site, "/docs/tester/one") and "Second." in text(site, "/docs/tester/two")
    assert site.visit().get("/docs/tester/three").status_code == 404
    again = bring(One="First, changed.", Two="Second, changed.", Three="Third.")
    assert again.renewed == ["/docs/tester/three"] and "Third." in text(site, "/docs/tester/three")


def test_the_editor_shows_what_to_mend_and_follows_what_is_typed(site: Seeded) -> None:
    blog = Post.objects.get(slug="one-gate").get_parent()
    hidden = planting.add(Page.objects.get(depth=2).specific, GenericPage(title="Hidden", slug="hidden"))
    hidden.unpublish()
    body = [("heading", {"text": "Part", "level": "3"}), ("text", f'<p><a linktype="page" id="{hidden.pk}">a</a></p>')]
    body.append(("text", '<p><a href="/docs/nowhere">b</a> <a href="/docs/member/ask">c</a></p>'))
    made = Post(title="One gate to the outside", slug="s" * 70, lead="A lead.", author=Post.objects.first().author)
    made.live = False
    made.body, made.locale = body, blog.locale
    blog.add_child(instance=made)
    made.save_revision()
    page = site.visit(ground.EDITORS).get(f"/cms/pages/{made.pk}/edit/").content.decode()
    panel = page[page.index('class="seo-says"') :].split("</ul>")[0]
    for said in ("Hidden, /docs/nowhere", "the same title: One gate to the outside", "no section has begun", "70 char"):
        assert said in panel, said
    assert "/docs/member/ask" not in panel and "js/seo.js" in page
    good = Post.objects.get(slug="one-gate")
    assert 'class="seo-says"' not in site.visit(ground.EDITORS).get(f"/cms/pages/{good.pk}/edit/").content.decode()


@pytest.mark.parametrize("path", ["/blog?page=2", "/blog/tags/gate/"])
def test_parts_of_the_blog_have_an_address_of_their_own(site: Seeded, path: str) -> None:
    if "page" in path:
        for number in range(6):
            planting.add(Post.objects.first().get_parent().specific, Post(
                title=f"More {number}", slug=f"more-{number}", lead="A lead.", author=Post.objects.first().author
            ))  # fmt: skip
    assert f'<link rel="canonical" href="{settings.PUBLIC_ORIGIN}{path}">' in text(site, path)
