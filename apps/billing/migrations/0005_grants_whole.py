import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_grants")]

    operations = [
        migrations.AlterField(
            model_name="creditentry",
            name="grant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="billing.creditgrant"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("credits__gt", 0)), name="a_movement_moves_something"
            ),
        ),
    ]
