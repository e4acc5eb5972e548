"""The group of staff who decide for the platform."""

from django.db import migrations


def make(apps, schema_editor):
    """Make the group where it is missing."""
    apps.get_model("auth", "Group").objects.get_or_create(name="platform_staff")


class Migration(migrations.Migration):
    dependencies = [("agenda", "0003_goodwill"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
