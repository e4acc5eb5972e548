import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

SOURCES = [(each, each) for each in ("goodwill", "plan", "welcome", "refund", "topup")]
KINDS = [(each, each) for each in ("grant", "hold", "release", "charge", "refund", "expire", "adjust")]

# What was granted before becomes one grant of each workspace, and every movement one of its credits.
GATHER = """
ALTER TABLE billing_creditentry DISABLE TRIGGER billing_creditentry_frozen;
DELETE FROM billing_creditentry WHERE credits <= 0;
INSERT INTO billing_creditgrant (workspace, source, credits, "left", note, created_at)
  SELECT e.workspace, 'welcome', sum(e.credits) FILTER (WHERE e.kind IN ('grant', 'refund')), b.available,
    'what was there before', min(e.created_at)
  FROM billing_creditentry e JOIN billing_balance b USING (workspace) GROUP BY e.workspace, b.available;
UPDATE billing_creditentry e SET grant_id = g.id, key = e.key || CASE WHEN e.kind = 'hold' THEN ':0' ELSE '' END
  FROM billing_creditgrant g WHERE g.workspace = e.workspace;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE billing_creditentry ENABLE TRIGGER billing_creditentry_frozen;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_entries")]

    operations = [
        migrations.CreateModel(
            name="CreditGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("workspace", models.CharField(max_length=63)),
                ("source", models.CharField(choices=SOURCES, max_length=10)),
                ("credits", models.BigIntegerField()),
                ("left", models.BigIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("left__gt", 0)), fields=["workspace"], name="grants_with_credits"
                    ),
                    models.Index(
                        condition=models.Q(("left__gt", 0)), fields=["expires_at"], name="grants_to_expire"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("left__gte", 0), ("left__lte", models.F("credits"))),
                        name="left_of_what_was_given",
                    )
                ],
            },
        ),
        migrations.AlterField(
            model_name="creditentry", name="key", field=models.CharField(max_length=160, unique=True)
        ),
        migrations.AlterField(
            model_name="creditentry", name="kind", field=models.CharField(choices=KINDS, max_length=8)
        ),
        migrations.AddField(
            model_name="creditentry", name="step", field=models.CharField(blank=True, default="", max_length=80),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="creditentry", name="grant",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="billing.creditgrant"
            ),
        ),
        migrations.RunSQL(GATHER, migrations.RunSQL.noop),
    ]  # fmt: skip
