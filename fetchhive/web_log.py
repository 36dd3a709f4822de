"""What gunicorn says, in the format of all logs."""

from django.conf import settings
from gunicorn.config import Config
from gunicorn.glogging import Logger

from fetchhive.logs import configure


class WebLog(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """`--logger-class fetchhive.web_log.WebLog`"""

    def setup(self, cfg: Config) -> None:
        cfg.set("errorlog", None)  # no handler of its own
        super().setup(cfg)
        configure(settings.LOGGING)  # its first process never loads Django
        self.error_log.propagate = self.access_log.propagate = True
