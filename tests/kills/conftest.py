import pytest

from tests import databases
from tests.kills.children import Zygote, environment_of
from tests.kills.stage import Stage


@pytest.fixture(scope="session")
def zygote(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("zygote")
    with django_db_blocker.unblock():
        address = databases.address()
    environment = environment_of(
        folder / "data", DATABASE_URL=address, CELERY_BROKER_URL="memory://localhost"
    )
    zygote = Zygote(environment, folder / "log")
    yield zygote
    zygote.stop()


@pytest.fixture
def stage(zygote, sandbox, settings, page, workflow, step_of, address_of):
    return Stage(zygote, sandbox, settings, page, workflow, step_of, address_of)
