import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

OPERATIONS = [
    migrations.CreateModel(
        name="IndexEntry",
        fields=[
            (
                "id",
                models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("object_id", models.CharField(max_length=50)),
            ("title_norm", models.FloatField(default=1.0)),
            ("autocomplete", django.contrib.postgres.search.SearchVectorField()),
            ("title", django.contrib.postgres.search.SearchVectorField()),
            ("body", django.contrib.postgres.search.SearchVectorField()),
            ("title_text", models.TextField(default="")),
            ("body_text", models.TextField(default="")),
            (
                "content_type",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="contenttypes.contenttype",
                ),
            ),
        ],
        options={
            "verbose_name": "index entry",
            "verbose_name_plural": "index entries",
            "abstract": False,
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(
                    fields=["autocomplete"], name="wagtailsear_autocom_476c89_gin"
                ),
                django.contrib.postgres.indexes.GinIndex(fields=["title"], name="wagtailsear_title_9caae0_gin"),
                django.contrib.postgres.indexes.GinIndex(fields=["body"], name="wagtailsear_body_90c85d_gin"),
            ],
            "unique_together": {("content_type", "object_id")},
        },
    ),
]
