"""The settings of the program, with a data folder of its own and a queue that nobody reads."""

import os
from tempfile import mkdtemp

os.environ["FETCHHIVE_DATA"] = mkdtemp(prefix="fetchhive-tests-")
os.environ["SITE_URL"] = "http://testserver"
# Tests do what worker and sweep do themselves; only the journeys start real processes.
broker = os.environ.get("CELERY_BROKER_URL", "")
if not broker.startswith("memory"):  # in a worker of xdist this file is read a second time
    os.environ["JOURNEYS_BROKER_URL"] = broker
os.environ["CELERY_BROKER_URL"] = "memory://localhost"
os.environ["UNSENT_PAUSE_SECONDS"] = "0"
os.environ["SPOOL_BALLAST_BYTES"] = "0"  # each test has a spool of its own
# No key, and no address, of a provider or a bucket that somebody has set.
for name in [name for name in os.environ if name.startswith(("FETCHHIVE_", "S3_"))]:
    if name != "FETCHHIVE_DATA":
        del os.environ[name]

from fetchhive.settings import *  # noqa: E402, F403
from fetchhive.settings import DATA, DATABASES, IS_SQLITE, STATIC_ROOT  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, for tests only
STATIC_ROOT.mkdir()  # empty: nobody collects them for tests
if IS_SQLITE:
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.db")}  # threads need a real file
