import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OPERATIONS = [
    migrations.CreateModel(
        name="LocaleSynchronization",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
        ],
    ),
    migrations.CreateModel(
        name="OverridableSegment",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("order", models.PositiveIntegerField()),
            ("data_json", models.TextField()),
        ],
        options={
            "abstract": False,
        },
    ),
    migrations.CreateModel(
        name="RelatedObjectSegment",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("order", models.PositiveIntegerField()),
        ],
        options={
            "abstract": False,
        },
    ),
    migrations.CreateModel(
        name="SegmentOverride",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("updated_at", models.DateTimeField(auto_now=True)),
            ("data_json", models.TextField()),
            ("has_error", models.BooleanField(default=False)),
            ("field_error", models.TextField(blank=True)),
        ],
    ),
    migrations.CreateModel(
        name="String",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("data_hash", models.UUIDField()),
            ("data", models.TextField()),
        ],
    ),
    migrations.CreateModel(
        name="StringSegment",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("order", models.PositiveIntegerField()),
            ("attrs", models.TextField(blank=True)),
        ],
        options={
            "abstract": False,
        },
    ),
    migrations.CreateModel(
        name="StringTranslation",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("data", models.TextField()),
            (
                "translation_type",
                models.CharField(choices=[("manual", "Manual"), ("machine", "Machine")], max_length=20),
            ),
            ("tool_name", models.CharField(blank=True, max_length=255)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("updated_at", models.DateTimeField(auto_now=True)),
            ("has_error", models.BooleanField(default=False)),
            ("field_error", models.TextField(blank=True)),
        ],
    ),
    migrations.CreateModel(
        name="Template",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("uuid", models.UUIDField(unique=True)),
            ("template", models.TextField()),
            ("template_format", models.CharField(max_length=100)),
            ("string_count", models.PositiveIntegerField()),
        ],
    ),
    migrations.CreateModel(
        name="TemplateSegment",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("order", models.PositiveIntegerField()),
        ],
        options={
            "abstract": False,
        },
    ),
    migrations.CreateModel(
        name="TranslatableObject",
        fields=[
            ("translation_key", models.UUIDField(primary_key=True, serialize=False)),
        ],
    ),
    migrations.CreateModel(
        name="Translation",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("translations_last_updated_at", models.DateTimeField(null=True)),
            ("destination_last_updated_at", models.DateTimeField(null=True)),
            ("enabled", models.BooleanField(default=True)),
        ],
    ),
    migrations.CreateModel(
        name="TranslationContext",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("path_id", models.UUIDField()),
            ("path", models.TextField()),
            ("field_path", models.TextField()),
        ],
    ),
    migrations.CreateModel(
        name="TranslationLog",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("created_at", models.DateTimeField(auto_now_add=True)),
        ],
    ),
    migrations.CreateModel(
        name="TranslationSource",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("object_repr", models.TextField(max_length=200)),
            ("content_json", models.TextField()),
            ("schema_version", models.CharField(blank=True, max_length=255)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("last_updated_at", models.DateTimeField()),
        ],
    ),
    migrations.AddField(
        model_name="localesynchronization",
        name="locale",
        field=models.OneToOneField(
            on_delete=django.db.models.deletion.CASCADE, related_name="+", to="wagtailcore.locale"
        ),
    ),
    migrations.AddField(
        model_name="localesynchronization",
        name="sync_from",
        field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="wagtailcore.locale"),
    ),
    migrations.AddField(
        model_name="segmentoverride",
        name="last_translated_by",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="+",
            to=settings.AUTH_USER_MODEL,
        ),
    ),
    migrations.AddField(
        model_name="segmentoverride",
        name="locale",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE, related_name="overrides", to="wagtailcore.locale"
        ),
    ),
    migrations.AddField(
        model_name="string",
        name="locale",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="source_strings",
            to="wagtailcore.locale",
        ),
    ),
    migrations.AddField(
        model_name="stringsegment",
        name="string",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="segments",
            to="wagtail_localize.string",
        ),
    ),
    migrations.AddField(
        model_name="stringtranslation",
        name="last_translated_by",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="+",
            to=settings.AUTH_USER_MODEL,
        ),
    ),
    migrations.AddField(
        model_name="stringtranslation",
        name="locale",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="string_translations",
            to="wagtailcore.locale",
        ),
    ),
    migrations.AddField(
        model_name="stringtranslation",
        name="translation_of",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="translations",
            to="wagtail_localize.string",
        ),
    ),
    migrations.AddField(
        model_name="templatesegment",
        name="template",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="segments",
            to="wagtail_localize.template",
        ),
    ),
    migrations.AddField(
        model_name="translatableobject",
        name="content_type",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contenttypes.contenttype"
        ),
    ),
    migrations.AddField(
        model_name="relatedobjectsegment",
        name="object",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="references",
            to="wagtail_localize.translatableobject",
        ),
    ),
    migrations.AddField(
        model_name="translation",
        name="target_locale",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="translations",
            to="wagtailcore.locale",
        ),
    ),
    migrations.AddField(
        model_name="translationcontext",
        name="object",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="+",
            to="wagtail_localize.translatableobject",
        ),
    ),
    migrations.AddField(
        model_name="templatesegment",
        name="context",
        field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="wagtail_localize.translationcontext"),
    ),
    migrations.AddField(
        model_name="stringtranslation",
        name="context",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="translations",
            to="wagtail_localize.translationcontext",
        ),
    ),
    migrations.AddField(
        model_name="stringsegment",
        name="context",
        field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="wagtail_localize.translationcontext"),
    ),
    migrations.AddField(
        model_name="segmentoverride",
        name="context",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="overrides",
            to="wagtail_localize.translationcontext",
        ),
    ),
    migrations.AddField(
        model_name="relatedobjectsegment",
        name="context",
        field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="wagtail_localize.translationcontext"),
    ),
    migrations.AddField(
        model_name="overridablesegment",
        name="context",
        field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="wagtail_localize.translationcontext"),
    ),
    migrations.AddField(
        model_name="translationlog",
        name="locale",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="translation_logs",
            to="wagtailcore.locale",
        ),
    ),
    migrations.AddField(
        model_name="translationlog",
        name="revision",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="+",
            to="wagtailcore.revision",
        ),
    ),
    migrations.AddField(
        model_name="translationsource",
        name="locale",
        field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="wagtailcore.locale"),
    ),
    migrations.AddField(
        model_name="translationsource",
        name="object",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="sources",
            to="wagtail_localize.translatableobject",
        ),
    ),
    migrations.AddField(
        model_name="translationsource",
        name="specific_content_type",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contenttypes.contenttype"
        ),
    ),
    migrations.AddField(
        model_name="translationlog",
        name="source",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="translation_logs",
            to="wagtail_localize.translationsource",
        ),
    ),
    migrations.AddField(
        model_name="translation",
        name="source",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="translations",
            to="wagtail_localize.translationsource",
        ),
    ),
    migrations.AddField(
        model_name="templatesegment",
        name="source",
        field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="wagtail_localize.translationsource"),
    ),
    migrations.AddField(
        model_name="stringsegment",
        name="source",
        field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="wagtail_localize.translationsource"),
    ),
    migrations.AddField(
        model_name="relatedobjectsegment",
        name="source",
        field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="wagtail_localize.translationsource"),
    ),
    migrations.AddField(
        model_name="overridablesegment",
        name="source",
        field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="wagtail_localize.translationsource"),
    ),
    migrations.AlterUniqueTogether(
        name="string",
        unique_together={("locale", "data_hash")},
    ),
    migrations.AlterUniqueTogether(
        name="translatableobject",
        unique_together={("content_type", "translation_key")},
    ),
    migrations.AlterUniqueTogether(
        name="translationcontext",
        unique_together={("object", "path_id")},
    ),
    migrations.AlterUniqueTogether(
        name="stringtranslation",
        unique_together={("locale", "translation_of", "context")},
    ),
    migrations.AlterUniqueTogether(
        name="translationsource",
        unique_together={("object", "locale")},
    ),
    migrations.AlterUniqueTogether(
        name="translation",
        unique_together={("source", "target_locale")},
    ),
]
