import django.contrib.postgres.fields
from django.db import migrations, models


def names(**more):
    return django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None, **more)


class Migration(migrations.Migration):
    dependencies = [("policy", "0005_tool_sign_in")]

    operations = [
        migrations.CreateModel(
            name="IssuedToken",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("run", models.CharField(max_length=40)),
                ("task", models.CharField(max_length=40)),
                ("epoch", models.IntegerField()),
                ("agent", models.CharField(max_length=40)),
                ("chain", names(default=list)),
                ("scopes", names()),
                ("parents", names(default=list)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
