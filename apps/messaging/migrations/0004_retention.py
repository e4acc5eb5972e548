from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0003_marks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("waits", "waits"),
                    ("delegated", "delegated"),
                    ("escalated", "escalated"),
                    ("ends", "ends"),
                    ("fails", "fails"),
                    ("rejected", "rejected"),
                    ("expires", "expires"),
                    ("budget", "budget"),
                    ("credits", "credits"),
                    ("retention", "retention"),
                ],
                max_length=12,
            ),
        ),
    ]
