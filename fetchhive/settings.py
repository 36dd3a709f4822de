"""All settings. Each variable of the environment stands here once, with its default."""

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.functional import SimpleLazyObject

from fetchhive import s3
from fetchhive.data_folder import kept_secret
from fetchhive.environment import Environment
from fetchhive.refusal import Refusal
from imagegen import catalogue

BASE = Path(__file__).resolve().parent.parent

env = Environment()

# Where data lives: database, files, spool, keys, queue

DATA = Path(env.str("FETCHHIVE_DATA", default=str(BASE / ".data"))).expanduser().resolve()
FILES = DATA / "files"
SPOOL = DATA / "spool"
QUEUE = DATA / "queue"

# Address

HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
EVERYWHERE = ("0.0.0.0", "::")  # addresses to listen at, not to be reached by
REACHED_AT = "127.0.0.1" if HOST in EVERYWHERE else HOST
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=1)  # processes, of 16 threads each
SITE_URL = env.str("SITE_URL", default=f"http://{REACHED_AT}:{PORT}").rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or HOST
ALLOWED_HOSTS = sorted({SITE_HOST, REACHED_AT, "127.0.0.1", "localhost", "[::1]"})
CSRF_TRUSTED_ORIGINS = [SITE_URL]
IS_HTTPS = SITE_URL.startswith("https://")

# Stored files lie in FILES, or in a bucket

try:
    S3 = s3.options(env, SITE_URL)
except Refusal as refused:
    raise SystemExit(str(refused)) from None

# Secrets and cookies


def own_secret(name: str, size: int = 48) -> str:
    """Of the embedded default: made once, kept beside the database, mode 0600."""
    try:
        return kept_secret(DATA / name, size)
    except Refusal as refused:
        raise SystemExit(str(refused)) from None


SECRET_KEY = env.str("SECRET_KEY", default="") or own_secret("secret-key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# The first seals provider keys, each opens what it sealed; made when it is first needed.
OWN_MASTER_KEYS = env.list("FETCHHIVE_MASTER_KEYS", default=[])
MASTER_KEYS = SimpleLazyObject(lambda: OWN_MASTER_KEYS or [own_secret("master-key", 32)])
DEBUG = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else f"fetchhive-session-{PORT}"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else f"fetchhive-csrf-{PORT}"
SESSION_COOKIE_AGE = 7 * 24 * 60 * 60
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:  # the proxy must strip this header from visitors
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]  # whoever supervises it asks from inside
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Content-Security-Policy: everything is a file of ours, nothing is inline

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", *([s3.origin(S3)] if S3 else [])],  # our addresses lead there
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# Parts of the program

INSTALLED_APPS = [
    "fetchhive",
    "workflows.apps.WorkflowsConfig",
    "imagegen.apps.ImagegenConfig",
    "axes",
    "csp",
    "django_htmx",
    "template_partials",
    "workflows.apps.RawRowsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "fetchhive.static_files.Collected",
    "django.contrib.humanize",
]
MIDDLEWARE = [
    "fetchhive.request_id.request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fetchhive.compression.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "fetchhive.urls"
WSGI_APPLICATION = "fetchhive.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workflows.navigation.navigation",
            ],
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["fetchhive.formats"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

# People

AUTH_USER_MODEL = "workflows.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
     "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]  # fmt: skip
LOGIN_URL = "workflows:sign-in"
LOGIN_REDIRECT_URL = "/"
STAFF_HOME_URL = "imagegen:billing"  # of those who are members of no workspace
# A pair of person and address is locked, so that nobody can lock out a stranger.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "workflows.views.people.name_to_lock"
AXES_LOCKOUT_CALLABLE = "workflows.views.people.locked_out"
AXES_RESET_ON_SUCCESS = True

# Database

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA / 'fetchhive.db'}")}
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if IS_SQLITE:
    # Without these, 70-95 % of threaded writes fail with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 20, "timeout": 30}}
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # a restarted server costs no request

# Celery: a message is only a wake-up, the database row is the truth

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "polling_interval": 0.1,
        "data_folder_in": str(QUEUE / "messages"),
        "data_folder_out": str(QUEUE / "messages"),
        "control_folder": str(QUEUE / "control"),
        "processed_folder": str(QUEUE / "processed"),
        # Otherwise a message travels through the system's temporary folder, maybe another disk.
        "store_processed": True,
    }
elif CELERY_BROKER_URL.startswith("redis"):
    # Otherwise a broker that hangs holds a click on Run for two minutes.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 3, "socket_connect_timeout": 3}
    # One that refuses would be asked again and again for six seconds.
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"max_retries": 1, "interval_start": 0, "interval_step": 0}
CELERY_WORKER_POOL = "threads"  # the heartbeat belongs to the process that holds the requests
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "fetchhive"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_TASK_PUBLISH_RETRY = False  # the sweep wakes what a lost message left asleep
WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=64)
# Threads to plan and end runs while as many requests are open as there may be
CELERY_WORKER_CONCURRENCY = WORKER_CONCURRENCY + 8
# So that one workspace leaves room for another's first run, and no provider is flooded
REQUESTS_PER_WORKSPACE = env.int("REQUESTS_PER_WORKSPACE", default=WORKER_CONCURRENCY * 3 // 4 or 1)
REQUESTS_PER_PROVIDER = env.int("REQUESTS_PER_PROVIDER", default=200)

# Leases and deadlines, in seconds; tests shorten them

NODE = env.str("NODE", default=socket.gethostname())
LEASE_SECONDS = env.float("LEASE_SECONDS", default=10)
if not IS_SQLITE:
    # Who stands still in a transaction loses it, too: all others may wait for what it has locked.
    DATABASES["default"]["OPTIONS"]["options"] = (
        f"-c idle_in_transaction_session_timeout={LEASE_SECONDS * 1000:.0f}"
    )
HEARTBEAT_SECONDS = env.float("HEARTBEAT_SECONDS", default=3)
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=2)
LOST_NODE_SECONDS = env.float("LOST_NODE_SECONDS", default=300)
DEADLINE_SECONDS = env.float("DEADLINE_SECONDS", default=0)  # 0: the model's record decides
UNSENT_PAUSE_SECONDS = env.float("UNSENT_PAUSE_SECONDS", default=1)  # grows with each try
# The first of the pauses when a provider asks for patience and does not say for how long
RATE_LIMIT_PAUSE_SECONDS = env.float("RATE_LIMIT_PAUSE_SECONDS", default=5)
CONNECT_SECONDS = env.float("CONNECT_SECONDS", default=10)
READY_SECONDS = 1  # that an answer of /readyz is good for
RUNS_AT_ONCE = env.int("RUNS_AT_ONCE", default=3)  # of one step, and of one whole workflow

# Room on the disk that is kept for answers which are paid for; 0 for none

SPOOL_BALLAST_BYTES = env.int("SPOOL_BALLAST_BYTES", default=256 * 1024 * 1024)

# Caps of an answer

ANSWER_BYTES = env.int("ANSWER_BYTES", default=400 * 1024 * 1024)
IMAGE_BYTES = env.int("IMAGE_BYTES", default=64 * 1024 * 1024)
IMAGE_PIXELS = env.int("IMAGE_PIXELS", default=40_000_000)

# Providers: a hosted key of our own → live; none → the sandbox, when there is one

SANDBOX_URL = env.str("FETCHHIVE_SANDBOX_URL", default="").rstrip("/")  # set by `manage.py start`


def provider_routes() -> dict[str, dict[str, str]]:
    """By the names that the models' records give them."""
    return {
        route.name: {
            "provider": provider,
            "key": env.key(f"FETCHHIVE_{provider.upper()}_API_KEY"),
            "base_url": env.base_url(route.name, default=route.base_url),
            "sandbox_path": route.sandbox,
        }
        for route, provider in catalogue.routes().items()
    }


PROVIDER_ROUTES = provider_routes()

# A first workspace gets these, visible as such

OPENING_GRANT_MICRO = env.int("OPENING_GRANT_MICRO", default=25_000_000)
OPENING_STORAGE_BYTES = env.int("OPENING_STORAGE_BYTES", default=5_000_000_000)

# E-mail: printed to the log of the sweep, unless a server is named

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # seconds; the sweep waits for it
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Fetch Hive <fetchhive@localhost>")

# Days in the trash before the files go

TRASH_DAYS = env.int("TRASH_DAYS", default=30)

# Stored files that nothing refers to: how often, how old, and how long in quarantine

ORPHAN_SCAN_SECONDS = env.float("ORPHAN_SCAN_SECONDS", default=60 * 60)
ORPHAN_GRACE_SECONDS = env.float("ORPHAN_GRACE_SECONDS", default=24 * 60 * 60)
QUARANTINE_DAYS = env.int("QUARANTINE_DAYS", default=30)

# Static files come from the web process itself

STATIC_URL = "/static/"
# `manage.py start` collects them there, an image of a container when it is built.
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or DATA / "static-collected")
STATICFILES_DIRS = [BASE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
IN_A_FOLDER = {
    "BACKEND": "imagegen.assets.folder.Folder",
    "OPTIONS": {"location": str(FILES), "file_permissions_mode": 0o600},
}
STORAGES = {
    "default": {"BACKEND": s3.BACKEND, "OPTIONS": S3} if S3 else IN_A_FOLDER,
    "staticfiles": {"BACKEND": "fetchhive.static_files.StaticFiles"},
}

# Logs: never a prompt, never a key

LOGGING_CONFIG = "fetchhive.logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "fetchhive.logs.formatter",
            "style": env.choice("LOG_FORMAT", ["text", "json"]),
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "boto3": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},  # below that it tells what it signs
        "urllib3": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        # Our own events say what came of a task.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "PIL": {"level": "WARNING"},
        # Below that they quote prompts: values of templates, and of SQL statements.
        "django.template": {"level": "INFO"},
        "django.db.backends": {"level": "INFO"},
    },
}
