from django.db import migrations


def gather(apps, _editor):
    """Put documents without a dataset into the default one; the older of two that share a name gets a number."""
    document = apps.get_model("library", "Document")
    if not document.objects.filter(dataset=None).exists():
        return
    dataset, _new = apps.get_model("library", "Dataset").objects.get_or_create(
        id="ds_library", defaults={"name": "Library"}
    )
    taken = set()
    for row in document.objects.filter(dataset=None, forgotten_at=None).order_by("-created_at", "pk"):
        number, name = 2, row.name
        while name in taken:
            stem, dot, suffix = row.name[:240].rpartition(".")
            name = f"{stem} ({number}){dot}{suffix}" if stem else f"{row.name[:240]} ({number})"
            number += 1
        taken.add(name)
        if name != row.name:
            document.objects.filter(pk=row.pk).update(name=name)
    document.objects.filter(dataset=None).update(dataset=dataset)


class Migration(migrations.Migration):
    # A transaction of its own: the unique index that follows can't be built while updates are pending.
    dependencies = [("library", "0002_datasets")]

    operations = [migrations.RunPython(gather, migrations.RunPython.noop)]
