"""The tables are made with those of the site, in one go."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = [("blog", "0001_initial")]
    operations = []
