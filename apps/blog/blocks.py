"""What editors put pages together from. Each has a sentence about itself and an example, shown in the editor."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

FEATURES = ["bold", "italic", "ol", "ul", "link", "code"]
LANGUAGES = [("text", "Text"), ("bash", "Shell"), ("python", "Python"), ("json", "JSON"), ("yaml", "YAML")]


class Heading(blocks.StructBlock):
    text = blocks.CharBlock(max_length=120)
    level = blocks.ChoiceBlock(choices=[("2", _("Section")), ("3", _("Part of a section"))], default="2")

    class Meta:
        icon = "title"
        template = "blog/blocks/heading.html"
        description = _("A heading; readers can link to it.")
        preview_value = {"text": "Where the figures come from", "level": "2"}


class Quote(blocks.StructBlock):
    text = blocks.TextBlock()
    who = blocks.CharBlock(required=False, max_length=120)

    class Meta:
        icon = "openquote"
        template = "blog/blocks/quote.html"
        description = _("Somebody else’s words, and whose they are.")
        preview_value = {"text": "A figure without its source is an opinion.", "who": "A reader"}


class Code(blocks.StructBlock):
    language = blocks.ChoiceBlock(choices=LANGUAGES, default="text")
    code = blocks.TextBlock()

    class Meta:
        icon = "code"
        template = "blog/blocks/code.html"
        description = _("Code or a command, with a button that copies it.")
        preview_value = {"language": "bash", "code": "make demo"}

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        """Add a name by which the button finds the code, and its language in words."""
        key = hashlib.sha256(value["code"].encode()).hexdigest()[:10]
        named = dict(LANGUAGES).get(value["language"], "")
        return {**super().get_context(value, parent_context), "key": key, "language": named}


class Picture(blocks.StructBlock):
    picture = ImageChooserBlock()
    alt = blocks.CharBlock(
        label=_("Alternative text"), max_length=255, help_text=_("What somebody needs to know who can’t see it.")
    )
    caption = blocks.CharBlock(required=False, max_length=255)

    class Meta:
        icon = "image"
        template = "blog/blocks/picture.html"
        preview_template = "blog/blocks/no_preview.html"
        description = _("A picture with its alternative text, sent as AVIF or WebP in the size that fits.")


class Callout(blocks.StructBlock):
    tone = blocks.ChoiceBlock(
        choices=[("info", _("Good to know")), ("warn", _("Careful")), ("ok", _("It holds"))], default="info"
    )
    text = blocks.RichTextBlock(features=FEATURES)

    class Meta:
        icon = "info-circle"
        template = "blog/blocks/callout.html"
        description = _("A sentence or two that stand out.")
        preview_value = {"tone": "info", "text": "<p>A plan is fixed before any source is read.</p>"}


class Question(blocks.StructBlock):
    question = blocks.CharBlock(max_length=200)
    answer = blocks.RichTextBlock(features=FEATURES)


class Faq(blocks.StructBlock):
    questions = blocks.ListBlock(Question(), min_num=1)

    class Meta:
        icon = "help"
        template = "blog/blocks/faq.html"
        description = _("Questions that open to their answers.")
        preview_value = {"questions": [{"question": "What is a credit?", "answer": "<p>A unit of work.</p>"}]}


class Figure(blocks.StructBlock):
    """A number that could be doubted, with its footnote."""

    value = blocks.CharBlock(max_length=24)
    label = blocks.CharBlock(max_length=120)
    footnote = blocks.CharBlock(max_length=300, help_text=_("Where the figure comes from. It is shown beside it."))
    source = blocks.URLBlock(required=False)

    class Meta:
        icon = "table"
        template = "blog/blocks/figure.html"
        description = _("A figure, with the footnote that says where it comes from.")
        preview_value = {"value": "1", "label": "row for each call", "footnote": "Counted in the call ledger."}


class Action(blocks.StructBlock):
    text = blocks.CharBlock(max_length=160)
    label = blocks.CharBlock(max_length=40, help_text=_("Name what happens: “Make a workspace”."))
    page = blocks.PageChooserBlock(required=False)
    address = blocks.CharBlock(required=False, max_length=200, help_text=_("Instead of a page: /signup/, for example."))

    class Meta:
        icon = "link"
        template = "blog/blocks/action.html"
        description = _("One sentence and one button.")
        preview_value = {"text": "See it on your own question.", "label": "Make a workspace", "address": "/signup/"}


class Excerpt(blocks.StructBlock):
    """The first section of a real report, with its footnotes."""

    evidence = SnippetChooserBlock("blog.Evidence", label=_("Report"))
    sources = blocks.BooleanBlock(required=False, label=_("List its sources too"))

    class Meta:
        icon = "doc-full"
        template = "blog/blocks/excerpt.html"
        preview_template = "blog/blocks/no_preview.html"
        description = _("A real report’s summary with working footnotes.")

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        """Add the report itself."""
        return {**super().get_context(value, parent_context), "report": value["evidence"] and value["evidence"].report}


class Body(blocks.StreamBlock):
    heading = Heading()
    text = blocks.RichTextBlock(
        features=FEATURES, icon="pilcrow", template="blog/blocks/text.html",
        description=_("Paragraphs, lists and links."), preview_value="<p>One thing after another.</p>",
    )  # fmt: skip
    quote = Quote()
    code = Code()
    picture = Picture()
    callout = Callout()
    table = TypedTableBlock(
        [("text", blocks.CharBlock(required=False)), ("rich", blocks.RichTextBlock(features=FEATURES))],
        label=_("Comparison"), template="blog/blocks/table.html", preview_template="blog/blocks/no_preview.html",
        description=_("What differs, side by side."),
    )  # fmt: skip
    faq = Faq()
    figure = Figure()
    action = Action()
    excerpt = Excerpt()
