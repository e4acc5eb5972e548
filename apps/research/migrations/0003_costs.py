from django.db import migrations, models


def hold_what_was_held(apps, schema_editor):
    """Until now a run held the high end of its estimate."""
    apps.get_model("research", "Inquiry").objects.update(most=models.F("high"))


class Migration(migrations.Migration):
    dependencies = [("research", "0002_sight_links_follow_ups")]

    operations = [
        migrations.AddField("inquiry", "most", models.IntegerField(default=0), preserve_default=False),
        migrations.AddField("inquiry", "learned_from", models.IntegerField(default=0)),
        migrations.AddField("inquiry", "used", models.IntegerField(null=True)),
        migrations.RunPython(hold_what_was_held, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            "inquiry",
            models.Index(
                fields=["mode", "-created_at"], condition=models.Q(used__isnull=False), name="inquiries_to_learn_from"
            ),
        ),
    ]
