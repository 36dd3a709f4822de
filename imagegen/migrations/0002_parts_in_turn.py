from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def copy_estimates(apps, schema_editor):
    """An estimate belongs to the part: one that was never charged was estimated, too."""
    Part, Charge = apps.get_model("imagegen", "Part"), apps.get_model("imagegen", "Charge")
    estimate = Charge.objects.filter(part=OuterRef("pk")).values("estimate_micro")
    Part.objects.filter(charge__isnull=False).update(estimate_micro=Subquery(estimate))


class Migration(migrations.Migration):
    dependencies = [("imagegen", "0001_initial")]

    operations = [
        migrations.AddField("part", "at_once", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("part", "estimate_micro", models.BigIntegerField(default=0)),
        migrations.RunPython(copy_estimates, migrations.RunPython.noop),
        migrations.RemoveField("charge", "estimate_micro"),
        migrations.AddField("charge", "our_lines", models.JSONField(default=list)),
        migrations.AddField(
            "asset", "note", models.CharField(blank=True, default="", max_length=100)
        ),
    ]
