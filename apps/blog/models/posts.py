"""The blog."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import Tag, TaggedItemBase
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.models import Orderable
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from apps.blog.models.base import SitePage, TextPage

POSTS_A_PAGE = 10
RELATED = 3


@register_snippet
class Author(models.Model):
    """Somebody who writes posts; an account is not needed for it."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    about = models.TextField(blank=True, max_length=400)

    panels: ClassVar[list[Any]] = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("about")]

    def __str__(self) -> str:
        return self.name


class PostTag(TaggedItemBase):
    content_object = ParentalKey("blog.Post", on_delete=models.CASCADE, related_name="tagged")


class PostIndex(RoutablePageMixin, SitePage):
    """All posts; those of a tag or an author stand below."""

    lead = models.CharField(max_length=240, blank=True)
    template = "blog/posts.html"
    max_count_per_parent = 1
    parent_page_types: ClassVar[list[str]] = ["blog.HomePage"]
    subpage_types: ClassVar[list[str]] = ["blog.Post"]
    content_panels: ClassVar[list[Any]] = [*SitePage.content_panels, FieldPanel("lead")]

    def posts(self) -> QuerySet[Post]:
        """Return the published posts, newest first."""
        rows = Post.objects.child_of(self).live().select_related("author", "locale", "picture")
        return rows.prefetch_related("tags").order_by("-first_published_at", "-pk")

    @path("")
    def every(self, request: HttpRequest) -> HttpResponse:
        """Show all posts."""
        return self._show(request, self.posts(), canonical="")

    @path("tags/<slug:slug>/")
    def of_tag(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the posts with a tag."""
        tag = Tag.objects.filter(slug=slug).first()
        if tag is None:
            raise Http404
        return self._show(request, self.posts().filter(tags=tag), canonical=f"tags/{slug}/", tag=tag)

    @path("authors/<slug:slug>/")
    def of_author(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show somebody's posts."""
        author = Author.objects.filter(slug=slug).first()
        if author is None:
            raise Http404
        return self._show(request, self.posts().filter(author=author), canonical=f"authors/{slug}/", author=author)

    def _show(self, request: HttpRequest, rows: QuerySet[Post], *, canonical: str, **more: Any) -> HttpResponse:
        page = Paginator(rows, POSTS_A_PAGE).get_page(request.GET.get("page"))
        if more and not page.object_list:
            raise Http404
        address = self.get_full_url(request) or ""
        address = f"{address}/{canonical}" if canonical else address
        if page.number > 1:
            address += f"?page={page.number}"
        named = [each.name for each in more.values()]
        tags = Tag.objects.filter(pk__in=PostTag.objects.filter(content_object__in=self.posts()).values("tag"))
        context = {"posts": page, "canonical": address, "tags": tags.order_by("name"), **more}
        return self.render(request, context_overrides=context | {"head_title": " · ".join([*named, self.title])})


class Post(TextPage):
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="+")
    lead = models.TextField(max_length=400, help_text=_("Stands below the title, and in lists of posts."))
    picture = models.ForeignKey(
        "blog.Picture", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Picture")
    )
    tags = ClusterTaggableManager(through=PostTag, blank=True)

    template = "blog/post.html"
    parent_page_types: ClassVar[list[str]] = ["blog.PostIndex"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[Any]] = [
        *TextPage.content_panels, FieldPanel("lead"), FieldPanel("picture"), FieldPanel("body"),
        MultiFieldPanel([FieldPanel("author"), FieldPanel("tags")], heading=_("Who and what about")),
        InlinePanel("related", heading=_("Read next"), max_num=RELATED),
    ]  # fmt: skip
    search_fields: ClassVar[list[Any]] = [*TextPage.search_fields, index.SearchField("lead"), index.SearchField("body")]

    def read_next(self) -> list[Post]:
        """Return the posts that editors chose, else the newest others that share a tag."""
        rows = Post.objects.live().exclude(pk=self.pk).select_related("author", "locale")
        chosen = [line.post_id for line in self.related.all()]
        if chosen:
            found = {post.pk: post for post in rows.filter(pk__in=chosen)}
            return [found[each] for each in chosen if each in found]
        tags = [tag.pk for tag in self.tags.all()]
        rows = rows.sibling_of(self).filter(tags__in=tags).distinct()
        return list(rows.order_by("-first_published_at", "-pk")[:RELATED])

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what to read next."""
        return {**super().get_context(request, *args, **kwargs), "related": self.read_next()}


class RelatedPost(Orderable):
    page = ParentalKey(Post, on_delete=models.CASCADE, related_name="related")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")

    panels: ClassVar[list[Any]] = [PageChooserPanel("post")]
