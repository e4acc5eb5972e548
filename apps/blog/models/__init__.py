"""Pages of the public site and what stands in them. All of it is shared."""

from apps.blog.models.base import SitePage
from apps.blog.models.docs import DocIndex, DocPage
from apps.blog.models.evidence import Evidence
from apps.blog.models.pictures import Picture, PictureRendition
from apps.blog.models.posts import Author, Post, PostIndex, PostTag, RelatedPost
from apps.blog.models.pricing import FeatureLine, PlanCard, PricingPage
from apps.blog.models.site import ChangelogEntry, ChangelogPage, GenericPage, HomePage, LegalPage

__all__ = [
    "Author", "ChangelogEntry", "ChangelogPage", "DocIndex", "DocPage", "Evidence", "FeatureLine", "GenericPage",
    "HomePage", "LegalPage", "Picture", "PictureRendition", "PlanCard", "Post", "PostIndex", "PostTag", "PricingPage",
    "RelatedPost", "SitePage",
]  # fmt: skip
