import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
import modelcluster.contrib.taggit
import modelcluster.fields
import modelsearch.index
import taggit.managers
import wagtail.contrib.routable_page.models
import wagtail.fields
import wagtail.images.models
import wagtail.models.media
from django.conf import settings
from django.db import migrations, models

OPERATIONS = [
    migrations.CreateModel(
        name="Author",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("name", models.CharField(max_length=120)),
            ("slug", models.SlugField(unique=True)),
            ("about", models.TextField(blank=True, max_length=400)),
        ],
    ),
    migrations.CreateModel(
        name="ChangelogEntry",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
            ("changed_on", models.DateField(default=django.utils.timezone.localdate)),
            ("title", models.CharField(max_length=160)),
            ("text", wagtail.fields.RichTextField()),
        ],
        options={
            "ordering": ["sort_order"],
            "abstract": False,
        },
    ),
    migrations.CreateModel(
        name="ChangelogPage",
        fields=[
            (
                "page_ptr",
                models.OneToOneField(
                    auto_created=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    parent_link=True,
                    primary_key=True,
                    serialize=False,
                    to=settings.WAGTAIL_PAGE_MODEL,
                ),
            ),
            (
                "body",
                wagtail.fields.StreamField(
                    [
                        ("heading", 2),
                        ("text", 3),
                        ("quote", 6),
                        ("code", 8),
                        ("picture", 12),
                        ("callout", 15),
                        ("table", 17),
                        ("faq", 21),
                        ("figure", 25),
                        ("action", 30),
                        ("excerpt", 33),
                    ],
                    blank=True,
                    block_lookup={
                        0: ("wagtail.blocks.CharBlock", (), {"max_length": 120}),
                        1: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {"choices": [("2", "Section"), ("3", "Part of a section")]},
                        ),
                        2: ("wagtail.blocks.StructBlock", [[("text", 0), ("level", 1)]], {}),
                        3: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {
                                "description": "Paragraphs, lists and links.",
                                "features": ["bold", "italic", "ol", "ul", "link", "code"],
                                "icon": "pilcrow",
                                "preview_value": "<p>One thing after another.</p>",
                                "template": "blog/blocks/text.html",
                            },
                        ),
                        4: ("wagtail.blocks.TextBlock", (), {}),
                        5: ("wagtail.blocks.CharBlock", (), {"max_length": 120, "required": False}),
                        6: ("wagtail.blocks.StructBlock", [[("text", 4), ("who", 5)]], {}),
                        7: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("text", "Text"),
                                    ("bash", "Shell"),
                                    ("python", "Python"),
                                    ("json", "JSON"),
                                    ("yaml", "YAML"),
                                ]
                            },
                        ),
                        8: ("wagtail.blocks.StructBlock", [[("language", 7), ("code", 4)]], {}),
                        9: ("wagtail.images.blocks.ImageChooserBlock", (), {}),
                        10: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "What somebody needs to know who can’t see it.",
                                "label": "Alternative text",
                                "max_length": 255,
                            },
                        ),
                        11: ("wagtail.blocks.CharBlock", (), {"max_length": 255, "required": False}),
                        12: (
                            "wagtail.blocks.StructBlock",
                            [[("picture", 9), ("alt", 10), ("caption", 11)]],
                            {},
                        ),
                        13: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("info", "Good to know"),
                                    ("warn", "Careful"),
                                    ("ok", "It holds"),
                                ]
                            },
                        ),
                        14: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {"features": ["bold", "italic", "ol", "ul", "link", "code"]},
                        ),
                        15: ("wagtail.blocks.StructBlock", [[("tone", 13), ("text", 14)]], {}),
                        16: ("wagtail.blocks.CharBlock", (), {"required": False}),
                        17: (
                            "wagtail.contrib.typed_table_block.blocks.TypedTableBlock",
                            [[("text", 16), ("rich", 14)]],
                            {
                                "description": "What differs, side by side.",
                                "label": "Comparison",
                                "preview_template": "blog/blocks/no_preview.html",
                                "template": "blog/blocks/table.html",
                            },
                        ),
                        18: ("wagtail.blocks.CharBlock", (), {"max_length": 200}),
                        19: ("wagtail.blocks.StructBlock", [[("question", 18), ("answer", 14)]], {}),
                        20: ("wagtail.blocks.ListBlock", (19,), {"min_num": 1}),
                        21: ("wagtail.blocks.StructBlock", [[("questions", 20)]], {}),
                        22: ("wagtail.blocks.CharBlock", (), {"max_length": 24}),
                        23: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Where the figure comes from. It is shown beside it.",
                                "max_length": 300,
                            },
                        ),
                        24: ("wagtail.blocks.URLBlock", (), {"required": False}),
                        25: (
                            "wagtail.blocks.StructBlock",
                            [[("value", 22), ("label", 0), ("footnote", 23), ("source", 24)]],
                            {},
                        ),
                        26: ("wagtail.blocks.CharBlock", (), {"max_length": 160}),
                        27: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {"help_text": "Name what happens: “Make a workspace”.", "max_length": 40},
                        ),
                        28: ("wagtail.blocks.PageChooserBlock", (), {"required": False}),
                        29: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Instead of a page: /signup/, for example.",
                                "max_length": 200,
                                "required": False,
                            },
                        ),
                        30: (
                            "wagtail.blocks.StructBlock",
                            [[("text", 26), ("label", 27), ("page", 28), ("address", 29)]],
                            {},
                        ),
                        31: (
                            "wagtail.snippets.blocks.SnippetChooserBlock",
                            ("blog.Evidence",),
                            {"label": "Report"},
                        ),
                        32: (
                            "wagtail.blocks.BooleanBlock",
                            (),
                            {"label": "List its sources too", "required": False},
                        ),
                        33: ("wagtail.blocks.StructBlock", [[("evidence", 31), ("sources", 32)]], {}),
                    },
                ),
            ),
        ],
        options={
            "abstract": False,
        },
        bases=("wagtailcore.page",),
    ),
    migrations.CreateModel(
        name="DocIndex",
        fields=[
            (
                "page_ptr",
                models.OneToOneField(
                    auto_created=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    parent_link=True,
                    primary_key=True,
                    serialize=False,
                    to=settings.WAGTAIL_PAGE_MODEL,
                ),
            ),
            ("lead", models.CharField(blank=True, max_length=240)),
        ],
        options={
            "abstract": False,
        },
        bases=("wagtailcore.page",),
    ),
    migrations.CreateModel(
        name="DocPage",
        fields=[
            (
                "page_ptr",
                models.OneToOneField(
                    auto_created=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    parent_link=True,
                    primary_key=True,
                    serialize=False,
                    to=settings.WAGTAIL_PAGE_MODEL,
                ),
            ),
            ("source_hash", models.CharField(blank=True, editable=False, max_length=64)),
            ("source_revision", models.PositiveBigIntegerField(blank=True, editable=False, null=True)),
            (
                "body",
                wagtail.fields.StreamField(
                    [
                        ("heading", 2),
                        ("text", 3),
                        ("quote", 6),
                        ("code", 8),
                        ("picture", 12),
                        ("callout", 15),
                        ("table", 17),
                        ("faq", 21),
                        ("figure", 25),
                        ("action", 30),
                        ("excerpt", 33),
                    ],
                    blank=True,
                    block_lookup={
                        0: ("wagtail.blocks.CharBlock", (), {"max_length": 120}),
                        1: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {"choices": [("2", "Section"), ("3", "Part of a section")]},
                        ),
                        2: ("wagtail.blocks.StructBlock", [[("text", 0), ("level", 1)]], {}),
                        3: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {
                                "description": "Paragraphs, lists and links.",
                                "features": ["bold", "italic", "ol", "ul", "link", "code"],
                                "icon": "pilcrow",
                                "preview_value": "<p>One thing after another.</p>",
                                "template": "blog/blocks/text.html",
                            },
                        ),
                        4: ("wagtail.blocks.TextBlock", (), {}),
                        5: ("wagtail.blocks.CharBlock", (), {"max_length": 120, "required": False}),
                        6: ("wagtail.blocks.StructBlock", [[("text", 4), ("who", 5)]], {}),
                        7: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("text", "Text"),
                                    ("bash", "Shell"),
                                    ("python", "Python"),
                                    ("json", "JSON"),
                                    ("yaml", "YAML"),
                                ]
                            },
                        ),
                        8: ("wagtail.blocks.StructBlock", [[("language", 7), ("code", 4)]], {}),
                        9: ("wagtail.images.blocks.ImageChooserBlock", (), {}),
                        10: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "What somebody needs to know who can’t see it.",
                                "label": "Alternative text",
                                "max_length": 255,
                            },
                        ),
                        11: ("wagtail.blocks.CharBlock", (), {"max_length": 255, "required": False}),
                        12: (
                            "wagtail.blocks.StructBlock",
                            [[("picture", 9), ("alt", 10), ("caption", 11)]],
                            {},
                        ),
                        13: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("info", "Good to know"),
                                    ("warn", "Careful"),
                                    ("ok", "It holds"),
                                ]
                            },
                        ),
                        14: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {"features": ["bold", "italic", "ol", "ul", "link", "code"]},
                        ),
                        15: ("wagtail.blocks.StructBlock", [[("tone", 13), ("text", 14)]], {}),
                        16: ("wagtail.blocks.CharBlock", (), {"required": False}),
                        17: (
                            "wagtail.contrib.typed_table_block.blocks.TypedTableBlock",
                            [[("text", 16), ("rich", 14)]],
                            {
                                "description": "What differs, side by side.",
                                "label": "Comparison",
                                "preview_template": "blog/blocks/no_preview.html",
                                "template": "blog/blocks/table.html",
                            },
                        ),
                        18: ("wagtail.blocks.CharBlock", (), {"max_length": 200}),
                        19: ("wagtail.blocks.StructBlock", [[("question", 18), ("answer", 14)]], {}),
                        20: ("wagtail.blocks.ListBlock", (19,), {"min_num": 1}),
                        21: ("wagtail.blocks.StructBlock", [[("questions", 20)]], {}),
                        22: ("wagtail.blocks.CharBlock", (), {"max_length": 24}),
                        23: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Where the figure comes from. It is shown beside it.",
                                "max_length": 300,
                            },
                        ),
                        24: ("wagtail.blocks.URLBlock", (), {"required": False}),
                        25: (
                            "wagtail.blocks.StructBlock",
                            [[("value", 22), ("label", 0), ("footnote", 23), ("source", 24)]],
                            {},
                        ),
                        26: ("wagtail.blocks.CharBlock", (), {"max_length": 160}),
                        27: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {"help_text": "Name what happens: “Make a workspace”.", "max_length": 40},
                        ),
                        28: ("wagtail.blocks.PageChooserBlock", (), {"required": False}),
                        29: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Instead of a page: /signup/, for example.",
                                "max_length": 200,
                                "required": False,
                            },
                        ),
                        30: (
                            "wagtail.blocks.StructBlock",
                            [[("text", 26), ("label", 27), ("page", 28), ("address", 29)]],
                            {},
                        ),
                        31: (
                            "wagtail.snippets.blocks.SnippetChooserBlock",
                            ("blog.Evidence",),
                            {"label": "Report"},
                        ),
                        32: (
                            "wagtail.blocks.BooleanBlock",
                            (),
                            {"label": "List its sources too", "required": False},
                        ),
                        33: ("wagtail.blocks.StructBlock", [[("evidence", 31), ("sources", 32)]], {}),
                    },
                ),
            ),
        ],
        options={
            "abstract": False,
        },
        bases=("wagtailcore.page",),
    ),
    migrations.CreateModel(
        name="Evidence",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("slug", models.SlugField(unique=True)),
            ("title", models.CharField(max_length=300)),
            ("report", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
            (
                "replay",
                models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder),
            ),
            ("copied_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("workspace", models.CharField(blank=True, editable=False, max_length=63)),
            ("run", models.CharField(blank=True, editable=False, max_length=40)),
        ],
        options={
            "verbose_name_plural": "evidence",
        },
    ),
    migrations.CreateModel(
        name="GenericPage",
        fields=[
            (
                "page_ptr",
                models.OneToOneField(
                    auto_created=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    parent_link=True,
                    primary_key=True,
                    serialize=False,
                    to=settings.WAGTAIL_PAGE_MODEL,
                ),
            ),
            (
                "body",
                wagtail.fields.StreamField(
                    [
                        ("heading", 2),
                        ("text", 3),
                        ("quote", 6),
                        ("code", 8),
                        ("picture", 12),
                        ("callout", 15),
                        ("table", 17),
                        ("faq", 21),
                        ("figure", 25),
                        ("action", 30),
                        ("excerpt", 33),
                    ],
                    blank=True,
                    block_lookup={
                        0: ("wagtail.blocks.CharBlock", (), {"max_length": 120}),
                        1: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {"choices": [("2", "Section"), ("3", "Part of a section")]},
                        ),
                        2: ("wagtail.blocks.StructBlock", [[("text", 0), ("level", 1)]], {}),
                        3: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {
                                "description": "Paragraphs, lists and links.",
                                "features": ["bold", "italic", "ol", "ul", "link", "code"],
                                "icon": "pilcrow",
                                "preview_value": "<p>One thing after another.</p>",
                                "template": "blog/blocks/text.html",
                            },
                        ),
                        4: ("wagtail.blocks.TextBlock", (), {}),
                        5: ("wagtail.blocks.CharBlock", (), {"max_length": 120, "required": False}),
                        6: ("wagtail.blocks.StructBlock", [[("text", 4), ("who", 5)]], {}),
                        7: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("text", "Text"),
                                    ("bash", "Shell"),
                                    ("python", "Python"),
                                    ("json", "JSON"),
                                    ("yaml", "YAML"),
                                ]
                            },
                        ),
                        8: ("wagtail.blocks.StructBlock", [[("language", 7), ("code", 4)]], {}),
                        9: ("wagtail.images.blocks.ImageChooserBlock", (), {}),
                        10: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "What somebody needs to know who can’t see it.",
                                "label": "Alternative text",
                                "max_length": 255,
                            },
                        ),
                        11: ("wagtail.blocks.CharBlock", (), {"max_length": 255, "required": False}),
                        12: (
                            "wagtail.blocks.StructBlock",
                            [[("picture", 9), ("alt", 10), ("caption", 11)]],
                            {},
                        ),
                        13: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("info", "Good to know"),
                                    ("warn", "Careful"),
                                    ("ok", "It holds"),
                                ]
                            },
                        ),
                        14: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {"features": ["bold", "italic", "ol", "ul", "link", "code"]},
                        ),
                        15: ("wagtail.blocks.StructBlock", [[("tone", 13), ("text", 14)]], {}),
                        16: ("wagtail.blocks.CharBlock", (), {"required": False}),
                        17: (
                            "wagtail.contrib.typed_table_block.blocks.TypedTableBlock",
                            [[("text", 16), ("rich", 14)]],
                            {
                                "description": "What differs, side by side.",
                                "label": "Comparison",
                                "preview_template": "blog/blocks/no_preview.html",
                                "template": "blog/blocks/table.html",
                            },
                        ),
                        18: ("wagtail.blocks.CharBlock", (), {"max_length": 200}),
                        19: ("wagtail.blocks.StructBlock", [[("question", 18), ("answer", 14)]], {}),
                        20: ("wagtail.blocks.ListBlock", (19,), {"min_num": 1}),
                        21: ("wagtail.blocks.StructBlock", [[("questions", 20)]], {}),
                        22: ("wagtail.blocks.CharBlock", (), {"max_length": 24}),
                        23: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Where the figure comes from. It is shown beside it.",
                                "max_length": 300,
                            },
                        ),
                        24: ("wagtail.blocks.URLBlock", (), {"required": False}),
                        25: (
                            "wagtail.blocks.StructBlock",
                            [[("value", 22), ("label", 0), ("footnote", 23), ("source", 24)]],
                            {},
                        ),
                        26: ("wagtail.blocks.CharBlock", (), {"max_length": 160}),
                        27: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {"help_text": "Name what happens: “Make a workspace”.", "max_length": 40},
                        ),
                        28: ("wagtail.blocks.PageChooserBlock", (), {"required": False}),
                        29: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Instead of a page: /signup/, for example.",
                                "max_length": 200,
                                "required": False,
                            },
                        ),
                        30: (
                            "wagtail.blocks.StructBlock",
                            [[("text", 26), ("label", 27), ("page", 28), ("address", 29)]],
                            {},
                        ),
                        31: (
                            "wagtail.snippets.blocks.SnippetChooserBlock",
                            ("blog.Evidence",),
                            {"label": "Report"},
                        ),
                        32: (
                            "wagtail.blocks.BooleanBlock",
                            (),
                            {"label": "List its sources too", "required": False},
                        ),
                        33: ("wagtail.blocks.StructBlock", [[("evidence", 31), ("sources", 32)]], {}),
                    },
                ),
            ),
            ("lead", models.CharField(blank=True, max_length=240)),
        ],
        options={
            "abstract": False,
        },
        bases=("wagtailcore.page",),
    ),
    migrations.CreateModel(
        name="LegalPage",
        fields=[
            (
                "page_ptr",
                models.OneToOneField(
                    auto_created=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    parent_link=True,
                    primary_key=True,
                    serialize=False,
                    to=settings.WAGTAIL_PAGE_MODEL,
                ),
            ),
            (
                "body",
                wagtail.fields.StreamField(
                    [
                        ("heading", 2),
                        ("text", 3),
                        ("quote", 6),
                        ("code", 8),
                        ("picture", 12),
                        ("callout", 15),
                        ("table", 17),
                        ("faq", 21),
                        ("figure", 25),
                        ("action", 30),
                        ("excerpt", 33),
                    ],
                    blank=True,
                    block_lookup={
                        0: ("wagtail.blocks.CharBlock", (), {"max_length": 120}),
                        1: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {"choices": [("2", "Section"), ("3", "Part of a section")]},
                        ),
                        2: ("wagtail.blocks.StructBlock", [[("text", 0), ("level", 1)]], {}),
                        3: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {
                                "description": "Paragraphs, lists and links.",
                                "features": ["bold", "italic", "ol", "ul", "link", "code"],
                                "icon": "pilcrow",
                                "preview_value": "<p>One thing after another.</p>",
                                "template": "blog/blocks/text.html",
                            },
                        ),
                        4: ("wagtail.blocks.TextBlock", (), {}),
                        5: ("wagtail.blocks.CharBlock", (), {"max_length": 120, "required": False}),
                        6: ("wagtail.blocks.StructBlock", [[("text", 4), ("who", 5)]], {}),
                        7: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("text", "Text"),
                                    ("bash", "Shell"),
                                    ("python", "Python"),
                                    ("json", "JSON"),
                                    ("yaml", "YAML"),
                                ]
                            },
                        ),
                        8: ("wagtail.blocks.StructBlock", [[("language", 7), ("code", 4)]], {}),
                        9: ("wagtail.images.blocks.ImageChooserBlock", (), {}),
                        10: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "What somebody needs to know who can’t see it.",
                                "label": "Alternative text",
                                "max_length": 255,
                            },
                        ),
                        11: ("wagtail.blocks.CharBlock", (), {"max_length": 255, "required": False}),
                        12: (
                            "wagtail.blocks.StructBlock",
                            [[("picture", 9), ("alt", 10), ("caption", 11)]],
                            {},
                        ),
                        13: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("info", "Good to know"),
                                    ("warn", "Careful"),
                                    ("ok", "It holds"),
                                ]
                            },
                        ),
                        14: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {"features": ["bold", "italic", "ol", "ul", "link", "code"]},
                        ),
                        15: ("wagtail.blocks.StructBlock", [[("tone", 13), ("text", 14)]], {}),
                        16: ("wagtail.blocks.CharBlock", (), {"required": False}),
                        17: (
                            "wagtail.contrib.typed_table_block.blocks.TypedTableBlock",
                            [[("text", 16), ("rich", 14)]],
                            {
                                "description": "What differs, side by side.",
                                "label": "Comparison",
                                "preview_template": "blog/blocks/no_preview.html",
                                "template": "blog/blocks/table.html",
                            },
                        ),
                        18: ("wagtail.blocks.CharBlock", (), {"max_length": 200}),
                        19: ("wagtail.blocks.StructBlock", [[("question", 18), ("answer", 14)]], {}),
                        20: ("wagtail.blocks.ListBlock", (19,), {"min_num": 1}),
                        21: ("wagtail.blocks.StructBlock", [[("questions", 20)]], {}),
                        22: ("wagtail.blocks.CharBlock", (), {"max_length": 24}),
                        23: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Where the figure comes from. It is shown beside it.",
                                "max_length": 300,
                            },
                        ),
                        24: ("wagtail.blocks.URLBlock", (), {"required": False}),
                        25: (
                            "wagtail.blocks.StructBlock",
                            [[("value", 22), ("label", 0), ("footnote", 23), ("source", 24)]],
                            {},
                        ),
                        26: ("wagtail.blocks.CharBlock", (), {"max_length": 160}),
                        27: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {"help_text": "Name what happens: “Make a workspace”.", "max_length": 40},
                        ),
                        28: ("wagtail.blocks.PageChooserBlock", (), {"required": False}),
                        29: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Instead of a page: /signup/, for example.",
                                "max_length": 200,
                                "required": False,
                            },
                        ),
                        30: (
                            "wagtail.blocks.StructBlock",
                            [[("text", 26), ("label", 27), ("page", 28), ("address", 29)]],
                            {},
                        ),
                        31: (
                            "wagtail.snippets.blocks.SnippetChooserBlock",
                            ("blog.Evidence",),
                            {"label": "Report"},
                        ),
                        32: (
                            "wagtail.blocks.BooleanBlock",
                            (),
                            {"label": "List its sources too", "required": False},
                        ),
                        33: ("wagtail.blocks.StructBlock", [[("evidence", 31), ("sources", 32)]], {}),
                    },
                ),
            ),
            (
                "reviewed_on",
                models.DateField(blank=True, help_text="When somebody who knows the law approved it.", null=True),
            ),
        ],
        options={
            "abstract": False,
        },
        bases=("wagtailcore.page",),
    ),
    migrations.CreateModel(
        name="PostIndex",
        fields=[
            (
                "page_ptr",
                models.OneToOneField(
                    auto_created=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    parent_link=True,
                    primary_key=True,
                    serialize=False,
                    to=settings.WAGTAIL_PAGE_MODEL,
                ),
            ),
            ("lead", models.CharField(blank=True, max_length=240)),
        ],
        options={
            "abstract": False,
        },
        bases=(wagtail.contrib.routable_page.models.RoutablePageMixin, "wagtailcore.page"),
    ),
    migrations.CreateModel(
        name="PricingPage",
        fields=[
            (
                "page_ptr",
                models.OneToOneField(
                    auto_created=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    parent_link=True,
                    primary_key=True,
                    serialize=False,
                    to=settings.WAGTAIL_PAGE_MODEL,
                ),
            ),
            (
                "body",
                wagtail.fields.StreamField(
                    [
                        ("heading", 2),
                        ("text", 3),
                        ("quote", 6),
                        ("code", 8),
                        ("picture", 12),
                        ("callout", 15),
                        ("table", 17),
                        ("faq", 21),
                        ("figure", 25),
                        ("action", 30),
                        ("excerpt", 33),
                    ],
                    blank=True,
                    block_lookup={
                        0: ("wagtail.blocks.CharBlock", (), {"max_length": 120}),
                        1: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {"choices": [("2", "Section"), ("3", "Part of a section")]},
                        ),
                        2: ("wagtail.blocks.StructBlock", [[("text", 0), ("level", 1)]], {}),
                        3: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {
                                "description": "Paragraphs, lists and links.",
                                "features": ["bold", "italic", "ol", "ul", "link", "code"],
                                "icon": "pilcrow",
                                "preview_value": "<p>One thing after another.</p>",
                                "template": "blog/blocks/text.html",
                            },
                        ),
                        4: ("wagtail.blocks.TextBlock", (), {}),
                        5: ("wagtail.blocks.CharBlock", (), {"max_length": 120, "required": False}),
                        6: ("wagtail.blocks.StructBlock", [[("text", 4), ("who", 5)]], {}),
                        7: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("text", "Text"),
                                    ("bash", "Shell"),
                                    ("python", "Python"),
                                    ("json", "JSON"),
                                    ("yaml", "YAML"),
                                ]
                            },
                        ),
                        8: ("wagtail.blocks.StructBlock", [[("language", 7), ("code", 4)]], {}),
                        9: ("wagtail.images.blocks.ImageChooserBlock", (), {}),
                        10: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "What somebody needs to know who can’t see it.",
                                "label": "Alternative text",
                                "max_length": 255,
                            },
                        ),
                        11: ("wagtail.blocks.CharBlock", (), {"max_length": 255, "required": False}),
                        12: (
                            "wagtail.blocks.StructBlock",
                            [[("picture", 9), ("alt", 10), ("caption", 11)]],
                            {},
                        ),
                        13: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("info", "Good to know"),
                                    ("warn", "Careful"),
                                    ("ok", "It holds"),
                                ]
                            },
                        ),
                        14: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {"features": ["bold", "italic", "ol", "ul", "link", "code"]},
                        ),
                        15: ("wagtail.blocks.StructBlock", [[("tone", 13), ("text", 14)]], {}),
                        16: ("wagtail.blocks.CharBlock", (), {"required": False}),
                        17: (
                            "wagtail.contrib.typed_table_block.blocks.TypedTableBlock",
                            [[("text", 16), ("rich", 14)]],
                            {
                                "description": "What differs, side by side.",
                                "label": "Comparison",
                                "preview_template": "blog/blocks/no_preview.html",
                                "template": "blog/blocks/table.html",
                            },
                        ),
                        18: ("wagtail.blocks.CharBlock", (), {"max_length": 200}),
                        19: ("wagtail.blocks.StructBlock", [[("question", 18), ("answer", 14)]], {}),
                        20: ("wagtail.blocks.ListBlock", (19,), {"min_num": 1}),
                        21: ("wagtail.blocks.StructBlock", [[("questions", 20)]], {}),
                        22: ("wagtail.blocks.CharBlock", (), {"max_length": 24}),
                        23: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Where the figure comes from. It is shown beside it.",
                                "max_length": 300,
                            },
                        ),
                        24: ("wagtail.blocks.URLBlock", (), {"required": False}),
                        25: (
                            "wagtail.blocks.StructBlock",
                            [[("value", 22), ("label", 0), ("footnote", 23), ("source", 24)]],
                            {},
                        ),
                        26: ("wagtail.blocks.CharBlock", (), {"max_length": 160}),
                        27: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {"help_text": "Name what happens: “Make a workspace”.", "max_length": 40},
                        ),
                        28: ("wagtail.blocks.PageChooserBlock", (), {"required": False}),
                        29: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Instead of a page: /signup/, for example.",
                                "max_length": 200,
                                "required": False,
                            },
                        ),
                        30: (
                            "wagtail.blocks.StructBlock",
                            [[("text", 26), ("label", 27), ("page", 28), ("address", 29)]],
                            {},
                        ),
                        31: (
                            "wagtail.snippets.blocks.SnippetChooserBlock",
                            ("blog.Evidence",),
                            {"label": "Report"},
                        ),
                        32: (
                            "wagtail.blocks.BooleanBlock",
                            (),
                            {"label": "List its sources too", "required": False},
                        ),
                        33: ("wagtail.blocks.StructBlock", [[("evidence", 31), ("sources", 32)]], {}),
                    },
                ),
            ),
            ("lead", models.CharField(blank=True, max_length=240)),
        ],
        options={
            "abstract": False,
        },
        bases=("wagtailcore.page",),
    ),
    migrations.AddField(
        model_name="changelogentry",
        name="page",
        field=modelcluster.fields.ParentalKey(
            on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="blog.changelogpage"
        ),
    ),
    migrations.CreateModel(
        name="HomePage",
        fields=[
            (
                "page_ptr",
                models.OneToOneField(
                    auto_created=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    parent_link=True,
                    primary_key=True,
                    serialize=False,
                    to=settings.WAGTAIL_PAGE_MODEL,
                ),
            ),
            (
                "body",
                wagtail.fields.StreamField(
                    [
                        ("heading", 2),
                        ("text", 3),
                        ("quote", 6),
                        ("code", 8),
                        ("picture", 12),
                        ("callout", 15),
                        ("table", 17),
                        ("faq", 21),
                        ("figure", 25),
                        ("action", 30),
                        ("excerpt", 33),
                    ],
                    blank=True,
                    block_lookup={
                        0: ("wagtail.blocks.CharBlock", (), {"max_length": 120}),
                        1: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {"choices": [("2", "Section"), ("3", "Part of a section")]},
                        ),
                        2: ("wagtail.blocks.StructBlock", [[("text", 0), ("level", 1)]], {}),
                        3: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {
                                "description": "Paragraphs, lists and links.",
                                "features": ["bold", "italic", "ol", "ul", "link", "code"],
                                "icon": "pilcrow",
                                "preview_value": "<p>One thing after another.</p>",
                                "template": "blog/blocks/text.html",
                            },
                        ),
                        4: ("wagtail.blocks.TextBlock", (), {}),
                        5: ("wagtail.blocks.CharBlock", (), {"max_length": 120, "required": False}),
                        6: ("wagtail.blocks.StructBlock", [[("text", 4), ("who", 5)]], {}),
                        7: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("text", "Text"),
                                    ("bash", "Shell"),
                                    ("python", "Python"),
                                    ("json", "JSON"),
                                    ("yaml", "YAML"),
                                ]
                            },
                        ),
                        8: ("wagtail.blocks.StructBlock", [[("language", 7), ("code", 4)]], {}),
                        9: ("wagtail.images.blocks.ImageChooserBlock", (), {}),
                        10: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "What somebody needs to know who can’t see it.",
                                "label": "Alternative text",
                                "max_length": 255,
                            },
                        ),
                        11: ("wagtail.blocks.CharBlock", (), {"max_length": 255, "required": False}),
                        12: (
                            "wagtail.blocks.StructBlock",
                            [[("picture", 9), ("alt", 10), ("caption", 11)]],
                            {},
                        ),
                        13: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("info", "Good to know"),
                                    ("warn", "Careful"),
                                    ("ok", "It holds"),
                                ]
                            },
                        ),
                        14: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {"features": ["bold", "italic", "ol", "ul", "link", "code"]},
                        ),
                        15: ("wagtail.blocks.StructBlock", [[("tone", 13), ("text", 14)]], {}),
                        16: ("wagtail.blocks.CharBlock", (), {"required": False}),
                        17: (
                            "wagtail.contrib.typed_table_block.blocks.TypedTableBlock",
                            [[("text", 16), ("rich", 14)]],
                            {
                                "description": "What differs, side by side.",
                                "label": "Comparison",
                                "preview_template": "blog/blocks/no_preview.html",
                                "template": "blog/blocks/table.html",
                            },
                        ),
                        18: ("wagtail.blocks.CharBlock", (), {"max_length": 200}),
                        19: ("wagtail.blocks.StructBlock", [[("question", 18), ("answer", 14)]], {}),
                        20: ("wagtail.blocks.ListBlock", (19,), {"min_num": 1}),
                        21: ("wagtail.blocks.StructBlock", [[("questions", 20)]], {}),
                        22: ("wagtail.blocks.CharBlock", (), {"max_length": 24}),
                        23: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Where the figure comes from. It is shown beside it.",
                                "max_length": 300,
                            },
                        ),
                        24: ("wagtail.blocks.URLBlock", (), {"required": False}),
                        25: (
                            "wagtail.blocks.StructBlock",
                            [[("value", 22), ("label", 0), ("footnote", 23), ("source", 24)]],
                            {},
                        ),
                        26: ("wagtail.blocks.CharBlock", (), {"max_length": 160}),
                        27: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {"help_text": "Name what happens: “Make a workspace”.", "max_length": 40},
                        ),
                        28: ("wagtail.blocks.PageChooserBlock", (), {"required": False}),
                        29: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Instead of a page: /signup/, for example.",
                                "max_length": 200,
                                "required": False,
                            },
                        ),
                        30: (
                            "wagtail.blocks.StructBlock",
                            [[("text", 26), ("label", 27), ("page", 28), ("address", 29)]],
                            {},
                        ),
                        31: (
                            "wagtail.snippets.blocks.SnippetChooserBlock",
                            ("blog.Evidence",),
                            {"label": "Report"},
                        ),
                        32: (
                            "wagtail.blocks.BooleanBlock",
                            (),
                            {"label": "List its sources too", "required": False},
                        ),
                        33: ("wagtail.blocks.StructBlock", [[("evidence", 31), ("sources", 32)]], {}),
                    },
                ),
            ),
            ("claim", models.CharField(max_length=120)),
            ("lead", models.TextField(max_length=400)),
            (
                "evidence",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="blog.evidence",
                    verbose_name="Proof",
                ),
            ),
        ],
        options={
            "abstract": False,
        },
        bases=("wagtailcore.page",),
    ),
    migrations.CreateModel(
        name="Picture",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("title", models.CharField(max_length=255, verbose_name="title")),
            (
                "file",
                wagtail.images.models.WagtailImageField(
                    height_field="height",
                    upload_to=wagtail.images.models.get_upload_to,
                    verbose_name="file",
                    width_field="width",
                ),
            ),
            (
                "description",
                models.CharField(blank=True, default="", max_length=255, verbose_name="description"),
            ),
            ("width", models.IntegerField(editable=False, verbose_name="width")),
            ("height", models.IntegerField(editable=False, verbose_name="height")),
            (
                "created_at",
                models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="created at"),
            ),
            ("focal_point_x", models.PositiveIntegerField(blank=True, null=True)),
            ("focal_point_y", models.PositiveIntegerField(blank=True, null=True)),
            ("focal_point_width", models.PositiveIntegerField(blank=True, null=True)),
            ("focal_point_height", models.PositiveIntegerField(blank=True, null=True)),
            ("file_size", models.PositiveIntegerField(editable=False, null=True)),
            ("file_hash", models.CharField(blank=True, db_index=True, editable=False, max_length=40)),
            ("credit", models.CharField(blank=True, max_length=160)),
            (
                "collection",
                models.ForeignKey(
                    default=wagtail.models.media.get_root_collection_id,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="wagtailcore.collection",
                    verbose_name="collection",
                ),
            ),
            (
                "tags",
                taggit.managers.TaggableManager(
                    blank=True,
                    help_text=None,
                    through="taggit.TaggedItem",
                    to="taggit.Tag",
                    verbose_name="tags",
                ),
            ),
            (
                "uploaded_by_user",
                models.ForeignKey(
                    blank=True,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    to=settings.AUTH_USER_MODEL,
                    related_name="+",
                ),
            ),
        ],
        options={
            "abstract": False,
        },
        bases=(wagtail.images.models.ImageFileMixin, modelsearch.index.Indexed, models.Model),
    ),
    migrations.CreateModel(
        name="Post",
        fields=[
            (
                "page_ptr",
                models.OneToOneField(
                    auto_created=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    parent_link=True,
                    primary_key=True,
                    serialize=False,
                    to=settings.WAGTAIL_PAGE_MODEL,
                ),
            ),
            (
                "body",
                wagtail.fields.StreamField(
                    [
                        ("heading", 2),
                        ("text", 3),
                        ("quote", 6),
                        ("code", 8),
                        ("picture", 12),
                        ("callout", 15),
                        ("table", 17),
                        ("faq", 21),
                        ("figure", 25),
                        ("action", 30),
                        ("excerpt", 33),
                    ],
                    blank=True,
                    block_lookup={
                        0: ("wagtail.blocks.CharBlock", (), {"max_length": 120}),
                        1: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {"choices": [("2", "Section"), ("3", "Part of a section")]},
                        ),
                        2: ("wagtail.blocks.StructBlock", [[("text", 0), ("level", 1)]], {}),
                        3: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {
                                "description": "Paragraphs, lists and links.",
                                "features": ["bold", "italic", "ol", "ul", "link", "code"],
                                "icon": "pilcrow",
                                "preview_value": "<p>One thing after another.</p>",
                                "template": "blog/blocks/text.html",
                            },
                        ),
                        4: ("wagtail.blocks.TextBlock", (), {}),
                        5: ("wagtail.blocks.CharBlock", (), {"max_length": 120, "required": False}),
                        6: ("wagtail.blocks.StructBlock", [[("text", 4), ("who", 5)]], {}),
                        7: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("text", "Text"),
                                    ("bash", "Shell"),
                                    ("python", "Python"),
                                    ("json", "JSON"),
                                    ("yaml", "YAML"),
                                ]
                            },
                        ),
                        8: ("wagtail.blocks.StructBlock", [[("language", 7), ("code", 4)]], {}),
                        9: ("wagtail.images.blocks.ImageChooserBlock", (), {}),
                        10: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "What somebody needs to know who can’t see it.",
                                "label": "Alternative text",
                                "max_length": 255,
                            },
                        ),
                        11: ("wagtail.blocks.CharBlock", (), {"max_length": 255, "required": False}),
                        12: (
                            "wagtail.blocks.StructBlock",
                            [[("picture", 9), ("alt", 10), ("caption", 11)]],
                            {},
                        ),
                        13: (
                            "wagtail.blocks.ChoiceBlock",
                            [],
                            {
                                "choices": [
                                    ("info", "Good to know"),
                                    ("warn", "Careful"),
                                    ("ok", "It holds"),
                                ]
                            },
                        ),
                        14: (
                            "wagtail.blocks.RichTextBlock",
                            (),
                            {"features": ["bold", "italic", "ol", "ul", "link", "code"]},
                        ),
                        15: ("wagtail.blocks.StructBlock", [[("tone", 13), ("text", 14)]], {}),
                        16: ("wagtail.blocks.CharBlock", (), {"required": False}),
                        17: (
                            "wagtail.contrib.typed_table_block.blocks.TypedTableBlock",
                            [[("text", 16), ("rich", 14)]],
                            {
                                "description": "What differs, side by side.",
                                "label": "Comparison",
                                "preview_template": "blog/blocks/no_preview.html",
                                "template": "blog/blocks/table.html",
                            },
                        ),
                        18: ("wagtail.blocks.CharBlock", (), {"max_length": 200}),
                        19: ("wagtail.blocks.StructBlock", [[("question", 18), ("answer", 14)]], {}),
                        20: ("wagtail.blocks.ListBlock", (19,), {"min_num": 1}),
                        21: ("wagtail.blocks.StructBlock", [[("questions", 20)]], {}),
                        22: ("wagtail.blocks.CharBlock", (), {"max_length": 24}),
                        23: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Where the figure comes from. It is shown beside it.",
                                "max_length": 300,
                            },
                        ),
                        24: ("wagtail.blocks.URLBlock", (), {"required": False}),
                        25: (
                            "wagtail.blocks.StructBlock",
                            [[("value", 22), ("label", 0), ("footnote", 23), ("source", 24)]],
                            {},
                        ),
                        26: ("wagtail.blocks.CharBlock", (), {"max_length": 160}),
                        27: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {"help_text": "Name what happens: “Make a workspace”.", "max_length": 40},
                        ),
                        28: ("wagtail.blocks.PageChooserBlock", (), {"required": False}),
                        29: (
                            "wagtail.blocks.CharBlock",
                            (),
                            {
                                "help_text": "Instead of a page: /signup/, for example.",
                                "max_length": 200,
                                "required": False,
                            },
                        ),
                        30: (
                            "wagtail.blocks.StructBlock",
                            [[("text", 26), ("label", 27), ("page", 28), ("address", 29)]],
                            {},
                        ),
                        31: (
                            "wagtail.snippets.blocks.SnippetChooserBlock",
                            ("blog.Evidence",),
                            {"label": "Report"},
                        ),
                        32: (
                            "wagtail.blocks.BooleanBlock",
                            (),
                            {"label": "List its sources too", "required": False},
                        ),
                        33: ("wagtail.blocks.StructBlock", [[("evidence", 31), ("sources", 32)]], {}),
                    },
                ),
            ),
            (
                "lead",
                models.TextField(help_text="Stands below the title, and in lists of posts.", max_length=400),
            ),
            (
                "author",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="blog.author"),
            ),
            (
                "picture",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="blog.picture",
                    verbose_name="Picture",
                ),
            ),
        ],
        options={
            "abstract": False,
        },
        bases=("wagtailcore.page",),
    ),
    migrations.CreateModel(
        name="PostTag",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "content_object",
                modelcluster.fields.ParentalKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="tagged", to="blog.post"
                ),
            ),
            (
                "tag",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="%(app_label)s_%(class)s_items",
                    to="taggit.tag",
                ),
            ),
        ],
        options={
            "abstract": False,
        },
    ),
    migrations.AddField(
        model_name="post",
        name="tags",
        field=modelcluster.contrib.taggit.ClusterTaggableManager(
            blank=True,
            help_text="A comma-separated list of tags.",
            through="blog.PostTag",
            to="taggit.Tag",
            verbose_name="Tags",
        ),
    ),
    migrations.CreateModel(
        name="PlanCard",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
            ("plan", models.CharField(max_length=40)),
            (
                "line",
                models.CharField(help_text="For whom it is. Price and limits are added by themselves.", max_length=160),
            ),
            ("button", models.CharField(max_length=40)),
            ("highlighted", models.BooleanField(default=False)),
            (
                "page",
                modelcluster.fields.ParentalKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="plans", to="blog.pricingpage"
                ),
            ),
        ],
        options={
            "ordering": ["sort_order"],
            "abstract": False,
        },
    ),
    migrations.CreateModel(
        name="FeatureLine",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
            ("feature", models.CharField(max_length=80)),
            ("note", models.CharField(blank=True, max_length=200)),
            (
                "page",
                modelcluster.fields.ParentalKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="features",
                    to="blog.pricingpage",
                ),
            ),
        ],
        options={
            "ordering": ["sort_order"],
            "abstract": False,
        },
    ),
    migrations.CreateModel(
        name="RelatedPost",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
            (
                "page",
                modelcluster.fields.ParentalKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="related", to="blog.post"
                ),
            ),
            (
                "post",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="blog.post"),
            ),
        ],
        options={
            "ordering": ["sort_order"],
            "abstract": False,
        },
    ),
    migrations.CreateModel(
        name="PictureRendition",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("filter_spec", models.CharField(db_index=True, max_length=255)),
            (
                "file",
                wagtail.images.models.WagtailImageField(
                    height_field="height",
                    storage=wagtail.images.models.get_rendition_storage,
                    upload_to=wagtail.images.models.get_rendition_upload_to,
                    width_field="width",
                ),
            ),
            ("width", models.IntegerField(editable=False)),
            ("height", models.IntegerField(editable=False)),
            ("focal_point_key", models.CharField(blank=True, default="", editable=False, max_length=16)),
            (
                "image",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="renditions",
                    to="blog.picture",
                ),
            ),
        ],
        options={
            "abstract": False,
            "constraints": [
                models.UniqueConstraint(fields=("image", "filter_spec", "focal_point_key"), name="one_rendition_a_size")
            ],
        },
        bases=(wagtail.images.models.ImageFileMixin, models.Model),
    ),
]
