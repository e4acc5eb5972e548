"""All tables of the site, Wagtail's too."""

from django.db import migrations

from apps.blog.migrations._tables import MakeTables
from apps.blog.migrations.tables import (
    blog,
    taggit,
    wagtail_localize,
    wagtailadmin,
    wagtailcore,
    wagtaildocs,
    wagtailimages,
    wagtailredirects,
    wagtailsearch,
    wagtailusers,
)

ORDER = (
    taggit,
    wagtailcore,
    wagtailadmin,
    wagtailimages,
    wagtailredirects,
    wagtailsearch,
    wagtailusers,
    wagtaildocs,
    wagtail_localize,
    blog,
)


class Migration(migrations.Migration):
    initial = True
    # What is migrated after these tables is rendered together with all of them: so ours come first.
    dependencies = [
        ("library", "0005_reports"),
        ("memory", "0001_initial"),
        ("messaging", "0003_marks"),
        ("observability", "0003_seals"),
        ("policy", "0005_tool_sign_in"),
        ("research", "0003_costs"),
        ("runtime", "0002_tasks_have_one_index"),
        ("billing", "0007_alerts"),
        ("agenda", "0005_platform_pause"),
        ("accounts", "0004_members_here"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("sessions", "0001_initial"),
        ("djstripe", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [MakeTables({each.__name__.rsplit(".", 1)[-1]: each.OPERATIONS for each in ORDER})]
