import pytest
from django.db import connection

from tests import databases
from tests.kills import clusters
from tests.kills.children import Zygote, environment_of
from tests.kills.stage import Stage


@pytest.fixture(scope="session")
def zygote(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("zygote")
    with django_db_blocker.unblock():
        address = databases.address()
    environment = environment_of(
        folder / "data",
        DATABASE_URL=address,
        CELERY_BROKER_URL="memory://localhost",
        LEASE_SECONDS="1",
    )
    zygote = Zygote(environment, folder / "log")
    yield zygote
    zygote.stop()


@pytest.fixture
def stage(zygote, sandbox, settings, page, workflow, step_of, address_of):
    return Stage(zygote, sandbox, settings, page, workflow, step_of, address_of)


@pytest.fixture(scope="session")
def cluster(django_db_setup, django_db_blocker):
    if connection.vendor != "postgresql":
        pytest.skip("only a server can be stopped")
    if clusters.programs() is None:
        pytest.skip(clusters.NO_PROGRAMS)
    cluster = clusters.Cluster()
    with django_db_blocker.unblock():
        cluster.copy_schema(databases.address())
    yield cluster
    cluster.remove()


@pytest.fixture
def own_cluster(transactional_db, cluster):
    """The database of the test is on a server that may be stopped."""
    with clusters.connected_to(cluster):
        yield cluster
