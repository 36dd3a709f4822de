from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    run, step_run = apps.get_model('workflows', 'Run'), apps.get_model('workflows', 'StepRun')
    number = run.objects.filter(pk=OuterRef('run')).values('number')
    step_run.objects.update(run_number=Subquery(number))


class Migration(migrations.Migration):

    dependencies = [
        ('workflows', '0006_steprun_run_number'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
