from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class WorkflowsConfig(AppConfig):
    name = "workflows"
    verbose_name = "People, workspaces and runs"
    default_auto_field = "django.db.models.BigAutoField"


class RawRowsConfig(AdminConfig):
    default_site = "workflows.raw_rows.RawRows"
