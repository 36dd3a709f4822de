"""Files in a bucket, by the environment."""

import ast
import subprocess
import sys

import pytest

WHOLE = {
    "S3_BUCKET": "hive-images",
    "S3_ENDPOINT_URL": "https://s3.example",
    "S3_ACCESS_KEY_ID": "an-id",
    "S3_SECRET_ACCESS_KEY": "never-to-be-shown",
}
ASKED = (
    "from fetchhive import settings;"
    "print([settings.S3, settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src']])"
)


@pytest.fixture
def settings_with(environment, repository):
    """What a start with these variables says."""

    def start(**variables):
        return subprocess.run(
            [sys.executable, "-c", ASKED],
            cwd=repository,
            env=environment | variables,
            capture_output=True,
            text=True,
        )

    return start


@pytest.mark.parametrize("missing", ["S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"])
def test_half_a_bucket_is_refused_with_the_name_of_what_is_missing(missing, settings_with):
    refused = settings_with(**{name: WHOLE[name] for name in WHOLE if name != missing})
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"S3 is configured by half: {missing} missing.")
    assert refused.stderr.count("\n") == 1
    assert "never-to-be-shown" not in refused.stderr


def test_without_an_endpoint_it_is_aws_which_needs_a_region(settings_with):
    aws = {name: WHOLE[name] for name in WHOLE if name != "S3_ENDPOINT_URL"}
    assert "S3_REGION missing" in settings_with(**aws).stderr
    s3, sources = ast.literal_eval(settings_with(**aws, S3_REGION="eu-west-1").stdout)
    assert s3["endpoint_url"] == "https://s3.eu-west-1.amazonaws.com"
    assert s3["addressing_style"] == "virtual"
    assert sources[-1] == "https://hive-images.s3.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("S3_BUCKET", "Two Words"),
        ("S3_REGION", "eu west"),
        ("S3_ENDPOINT_URL", "s3.example"),
        ("S3_ENDPOINT_URL", "https://never-to-be-shown@s3.example"),
        ("S3_PUBLIC_URL", "https://s3.example/hive-images"),
        ("S3_PUBLIC_URL", "https://s3.example; script-src *"),
        ("S3_ADDRESSING_STYLE", "sideways"),
        ("S3_READ_SECONDS", "many"),
        ("S3_SECRET_ACCESS_KEY", "two\nlines"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_with_its_name(name, value, settings_with):
    refused = settings_with(**WHOLE | {name: value})
    assert refused.returncode == 1
    assert refused.stderr.startswith(name)
    assert refused.stderr.count("\n") == 1
    assert "never-to-be-shown" not in refused.stderr


def test_pages_may_show_images_from_where_browsers_reach_the_bucket_and_nowhere_else(
    settings_with,
):
    _, sources = ast.literal_eval(settings_with(**WHOLE).stdout)
    assert sources == ["'self'", "blob:", "https://s3.example"]
    public = {"S3_ENDPOINT_URL": "http://s3:9000", "S3_PUBLIC_URL": "https://images.example:444"}
    _, sources = ast.literal_eval(settings_with(**WHOLE | public).stdout)
    assert sources == ["'self'", "blob:", "https://images.example:444"]


def test_the_embedded_default_keeps_files_in_a_folder_and_never_imports_the_client_of_s3(
    environment, repository
):
    asked = (
        "import sys, django; django.setup(); from imagegen.assets import views;"
        "from imagegen.assets.files import stored_files; stored_files.exists('a');"
        "print({'boto3', 'botocore', 'storages'} & set(sys.modules))"
    )
    said = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=repository,
        env=environment | {"DJANGO_SETTINGS_MODULE": "fetchhive.settings"},
        capture_output=True,
        text=True,
    )
    assert said.stdout == "set()\n", said.stderr


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_image_of_a_page_with_tls_is_not_sent_to_an_address_without(scheme, settings_with):
    site = {"SITE_URL": "https://hive.example"}
    refused = settings_with(**WHOLE | {"S3_PUBLIC_URL": f"{scheme}://images.example"} | site)
    assert ("browsers load nothing" in refused.stderr) is (scheme == "http")
