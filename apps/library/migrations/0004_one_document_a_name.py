from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0003_old_documents_into_the_library")]

    operations = [
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                condition=models.Q(("forgotten_at", None)), fields=("dataset", "name"), name="one_document_a_name"
            ),
        ),
    ]
