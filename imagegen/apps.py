from django.apps import AppConfig


class ImagegenConfig(AppConfig):
    name = "imagegen"
    verbose_name = "Paid requests, money and files"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from imagegen import checks  # noqa: F401  # registers itself
        from imagegen.billing.opening import open_accounts
        from imagegen.step import ImageGeneration
        from workflows import kinds
        from workflows.first_start import opens_accounts

        kinds.register(ImageGeneration())
        opens_accounts(open_accounts)
