"""Files in a bucket of S3, or of a server that speaks like it. Imported only where one is set."""

import hashlib
import io
import mimetypes
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import boto3.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from storages.backends.s3 import S3Storage

LINK_SECONDS = 300
PIECE = 1 << 20
session = boto3.session.Session()  # with the descriptions of the service, which are read once
making = Lock()  # a session makes one client at a time
LOST = ("404", "NoSuchKey", "NotFound")  # a HEAD has no body that could name it


class Unreachable(OSError):
    """The bucket does not answer, refuses, or has kept something else than it was sent."""


class Bucket(S3Storage):  # type: ignore[misc]  # untyped
    """Private objects under names that are never used twice, signed with signature 4."""

    def __init__(
        self,
        *,
        public_url: str,
        connect_seconds: float,
        read_seconds: float,
        attempts: int,
        **options: Any,
    ) -> None:
        self.public_url = public_url
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": options["addressing_style"]},
            connect_timeout=connect_seconds,
            read_timeout=read_seconds,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=settings.WORKER_CONCURRENCY,
            # Not all that speak like S3 know the newer ones. We send the MD5, which all check.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(client_config=config, file_overwrite=False, default_acl=None, **options)

    @property
    def connection(self) -> Any:
        """One for all threads: its client is safe to share, and each more would take 10 MB."""
        if "_resource" not in self.__dict__:
            with making:
                self._resource = session.resource(**self._at(self.endpoint_url))
        return self._resource

    @property
    def signer(self) -> Any:
        """Sends nothing: the host it signs for is the one that browsers reach."""
        if "_signer" not in self.__dict__:
            with making:
                self._signer = session.client(**self._at(self.public_url))
        return self._signer

    def _at(self, url: str) -> dict[str, Any]:
        return {
            "service_name": "s3",
            "endpoint_url": url,
            "region_name": self.region_name,
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
            "config": self.client_config,
        }

    @property
    def client(self) -> Any:
        return self.connection.meta.client

    def _save(self, name: str, content: "File[bytes]") -> str:
        file: Any = content.file
        file.seek(0)
        md5 = hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False))
        file.seek(0)
        with _told(name):
            kept = self._put(name, file, b64encode(md5.digest()).decode())
        if not _is_sealed(kept) and kept.get("ETag", "").strip('"') != md5.hexdigest():
            raise Unreachable(f"the bucket kept something else than {name}")
        return name

    def _put(self, name: str, file: Any, md5: str) -> Any:
        """Streamed. Only one of two that take the same name gets it."""
        to = {"Bucket": self.bucket_name, "Key": name}
        kind = mimetypes.guess_type(name)[0] or self.default_content_type
        try:
            return self.client.put_object(
                **to, Body=file, ContentMD5=md5, ContentType=kind, IfNoneMatch="*"
            )
        except ClientError as error:
            if _code(error) != "PreconditionFailed":
                raise
            return self.client.head_object(**to)  # a try of ours whose answer was lost

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """Read as it comes; the bytes are never all in memory, and there is no way back in it."""
        if not name:
            raise FileNotFoundError(name)
        with _told(name):
            answer = self.client.get_object(Bucket=self.bucket_name, Key=name)
        return File(io.BufferedReader(_Body(name, answer["Body"]), PIECE), name=name)

    def exists(self, name: str) -> bool:
        with _told(name):
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _told(name):
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        with _told(name):
            modified: datetime = super().get_modified_time(name)
            return modified

    def delete(self, name: str) -> None:
        with _told(name):
            super().delete(name)

    def move(self, name: str, target: str) -> None:
        """Copied within the bucket. Without its old time, which some servers would keep."""
        source = {"Bucket": self.bucket_name, "Key": name}
        kind = mimetypes.guess_type(name)[0] or self.default_content_type
        with _told(name):
            self.client.copy_object(
                Bucket=self.bucket_name,
                Key=target,
                CopySource=source,
                MetadataDirective="REPLACE",
                ContentType=kind,
            )
        self.delete(name)

    def names(self, folder: str = "") -> Iterator[str]:
        """A page of the listing is in memory at once: a thousand."""
        with _told(folder):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket_name, Prefix=f"{folder}/" if folder else ""
            )
            for page in pages:
                yield from (entry["Key"] for entry in page.get("Contents", ()))

    def link(self, name: str, **headers: str) -> str:
        answer = {f"Response{header}": value for header, value in headers.items()}
        params = {"Bucket": self.bucket_name, "Key": name, **answer}
        signed: str = self.signer.generate_presigned_url(
            "get_object", Params=params, ExpiresIn=LINK_SECONDS
        )
        return signed

    def arriving(self) -> Path:
        """With the spool, where what a killed worker left is thrown away after a day."""
        return Path(settings.SPOOL)


class _Body(io.RawIOBase):
    def __init__(self, name: str, body: Any) -> None:
        self._name = name
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _told(self._name):
            piece = self._body.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._body.close()
        super().close()


@contextmanager
def _told(name: str) -> Iterator[None]:
    """In the words of files: what the vendor's library says is for its own readers."""
    try:
        yield
    except ClientError as error:
        if _code(error) in LOST:
            raise FileNotFoundError(name) from None
        raise Unreachable(f"the bucket refused {name}: {_code(error)}") from error
    except BotoCoreError as error:
        raise Unreachable(f"the bucket did not answer for {name}: {error}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _is_sealed(kept: Any) -> bool:
    """By a key of the bucket's owner: then the ETag is not the MD5."""
    return str(kept.get("ServerSideEncryption", "")).startswith("aws:kms")
