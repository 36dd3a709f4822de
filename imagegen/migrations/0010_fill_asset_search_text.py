from django.db import migrations

BATCH = 1000


def fill(apps, schema_editor):
    """What `store.keep` writes since: the name and the prompt that was asked for."""
    Asset = apps.get_model("imagegen", "Asset")
    empty = Asset.objects.filter(search_text="").select_related("part").order_by("pk")
    while batch := list(empty.only("pk", "file_name", "part__request")[:BATCH]):
        for asset in batch:
            prompt = asset.part.request.get("prompt", "")
            asset.search_text = f"{asset.file_name}\n{prompt}".casefold()
        Asset.objects.bulk_update(batch, ["search_text"], batch_size=100)


class Migration(migrations.Migration):

    dependencies = [
        ("imagegen", "0009_trash_and_library"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
