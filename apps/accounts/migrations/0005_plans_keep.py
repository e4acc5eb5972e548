from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_members_here")]

    operations = [
        migrations.AddField("workspace", "plan_days", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("workspace", "next_plan_days", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("workspace", "next_plan_days_at", models.DateTimeField(blank=True, null=True)),
    ]
