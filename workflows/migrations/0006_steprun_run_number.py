from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workflows', '0005_step_deleted_at'),
    ]

    operations = [
        migrations.AddField(
            model_name='steprun',
            name='run_number',
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(fields=['step', '-run_number'], name='step_run_newest_of_step'),
        ),
    ]
