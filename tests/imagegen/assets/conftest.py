import pytest

from imagegen.assets import thumbnails
from tests import buckets, fault_proxy


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    with buckets.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def bucket(s3_server):
    with buckets.bucket_of(s3_server) as name:
        yield name


@pytest.fixture
def keep_files_in(settings):
    """Puts this bucket where the folder was; options override what the environment would give."""

    def keep(server, bucket, **options):
        usual = {
            "bucket_name": bucket,
            "region_name": server.region,
            "endpoint_url": server.url,
            "public_url": server.url,
            "access_key": server.key,
            "secret_key": server.secret,
            "addressing_style": "path",
            "connect_seconds": 5,
            "read_seconds": 20,
            "attempts": 1,
        }
        backend = {"BACKEND": "imagegen.assets.bucket.Bucket", "OPTIONS": usual | options}
        settings.STORAGES = settings.STORAGES | {"default": backend}

    return keep


@pytest.fixture
def on_s3(s3_server, bucket, keep_files_in):
    """The files of this test lie in a bucket. The keys that are in it."""
    keep_files_in(s3_server, bucket)
    client = s3_server.client
    return lambda: sorted(buckets.keys_in(client, bucket))


@pytest.fixture
def faulty_s3(s3_server, bucket, keep_files_in):
    """A bucket behind a proxy that spoils what it is told to."""
    with fault_proxy.before(s3_server.url) as proxy:
        keep_files_in(s3_server, bucket, endpoint_url=proxy.url, read_seconds=1)
        yield proxy


@pytest.fixture
def looked_at():
    """An image whose thumbnail somebody has seen."""

    def look(asset):
        thumbnails.opened(asset).close()
        asset.refresh_from_db()
        return asset

    return look
