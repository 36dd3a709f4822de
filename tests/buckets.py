"""A real S3 server: the one that the environment names, or rclone's, which checks signatures."""

import contextlib
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from uuid import uuid4

import boto3.session
import pytest
from botocore.config import Config

from tests.waiting import wait_until

RCLONE = Path(sys.executable).with_name("rclone")
KEYS = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
NO_RCLONE = "no rclone was found; it comes with requirements-dev.txt"


@dataclass(frozen=True)
class Server:
    url: str
    key: str = "test-key-id"
    secret: str = "test-secret-access-key"
    region: str = "us-east-1"

    def environment(self, bucket):
        """As .env.example says it."""
        return {
            "S3_BUCKET": bucket,
            "S3_ENDPOINT_URL": self.url,
            "S3_REGION": self.region,
            "S3_ACCESS_KEY_ID": self.key,
            "S3_SECRET_ACCESS_KEY": self.secret,
        }

    @cached_property
    def client(self):
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(
                s3={"addressing_style": "path"}, request_checksum_calculation="when_required"
            ),
        )


@contextlib.contextmanager
def running(folder):
    if url := os.environ.get("TEST_S3_ENDPOINT_URL"):
        key, secret = (os.environ[f"TEST_S3_{name}"] for name in KEYS)
        yield Server(url, key, secret, os.environ.get("TEST_S3_REGION", "us-east-1"))
    elif RCLONE.exists():
        with _rclone(folder) as server:
            yield server
    elif os.environ.get("REQUIRE_S3"):
        pytest.fail(NO_RCLONE)
    else:
        pytest.skip(NO_RCLONE)


@contextlib.contextmanager
def _rclone(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(f"http://127.0.0.1:{port}")
    (folder / "objects").mkdir()
    command = [RCLONE, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--config", "/dev/null"]
    command += ["--auth-key", f"{server.key},{server.secret}", folder / "objects"]
    with (folder / "rclone.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: _answers(port))
        yield server
    finally:
        process.kill()
        process.wait()


def _answers(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def bucket_of(server):
    """A bucket of its own, gone afterwards."""
    client, name = server.client, f"fetchhive-{uuid4()}"
    client.create_bucket(Bucket=name)
    try:
        yield name
    finally:
        for key in keys_in(client, name):
            client.delete_object(Bucket=name, Key=key)
        client.delete_bucket(Bucket=name)


def keys_in(client, bucket):
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [entry["Key"] for page in pages for entry in page.get("Contents", ())]
