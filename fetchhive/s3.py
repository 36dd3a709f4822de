"""S3, or a server that speaks like it, by the environment. Nothing of its client is imported."""

import re
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from fetchhive.environment import Environment
from fetchhive.refusal import Refusal

BACKEND = "imagegen.assets.bucket.Bucket"
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
REGION = re.compile(r"[a-z0-9-]+")
ADDRESS = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?")
STYLES = ("path", "virtual")


def options(env: Environment, site_url: str) -> dict[str, Any] | None:
    """Of the storage; None when files lie in a folder. Raises Refusal."""
    bucket = env.str("S3_BUCKET", default="")
    region = env.str("S3_REGION", default="")
    endpoint = _address("S3_ENDPOINT_URL", env.str("S3_ENDPOINT_URL", default=""))
    public = _address("S3_PUBLIC_URL", env.str("S3_PUBLIC_URL", default=""))
    key, secret = env.key("S3_ACCESS_KEY_ID"), env.key("S3_SECRET_ACCESS_KEY")
    if not any((bucket, region, endpoint, public, key, secret)):
        return None
    _refuse_half(
        S3_BUCKET=bucket,
        S3_ACCESS_KEY_ID=key,
        S3_SECRET_ACCESS_KEY=secret,
        S3_REGION=region or endpoint,
    )
    _refuse_malformed("S3_BUCKET", bucket, BUCKET)
    _refuse_malformed("S3_REGION", region or "us-east-1", REGION)
    _refuse_without_client()
    _refuse_without_tls(public or endpoint or "https://", site_url)
    ours = endpoint or f"https://s3.{region}.amazonaws.com"
    return {
        "bucket_name": bucket,
        "region_name": region or "us-east-1",
        "endpoint_url": ours,
        "public_url": public or ours,
        "access_key": key,
        "secret_key": secret,
        "addressing_style": _style(env, "path" if endpoint else "virtual"),
        "connect_seconds": env.float("S3_CONNECT_SECONDS", default=5),
        "read_seconds": env.float("S3_READ_SECONDS", default=20),
        "attempts": max(1, env.int("S3_ATTEMPTS", default=3)),
    }


def origin(options: dict[str, Any]) -> str:
    """What a browser must be allowed to load images from."""
    address = urlsplit(options["public_url"])
    prefix = f"{options['bucket_name']}." if options["addressing_style"] == "virtual" else ""
    return f"{address.scheme}://{prefix}{address.netloc}"


def _style(env: Environment, default: str) -> str:
    style = str(env.str("S3_ADDRESSING_STYLE", default=default))
    if style not in STYLES:
        raise Refusal(f"S3_ADDRESSING_STYLE cannot be {style!r}: take {' or '.join(STYLES)}.")
    return style


def _refuse_half(**needed: str) -> None:
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise Refusal(
            f"S3 is configured by half: {', '.join(missing)} missing. Set"
            f" {'it' if len(missing) == 1 else 'them'}, or unset every S3_… to keep files in a"
            " folder."
        )


def _refuse_malformed(name: str, value: str, allowed: re.Pattern[str]) -> None:
    if not allowed.fullmatch(value):
        raise Refusal(f"{name} cannot be {value!r}. Copy it again from your storage.")


def _refuse_without_client() -> None:
    if not (find_spec("boto3") and find_spec("storages")):
        raise Refusal(
            "S3_BUCKET is set, but its client is not installed: install requirements-prod.txt, or"
            " unset every S3_… to keep files in a folder."
        )


def _refuse_without_tls(public: str, site_url: str) -> None:
    if site_url.startswith("https://") and not public.startswith("https://"):
        raise Refusal(
            "S3_PUBLIC_URL has to begin with https:// as SITE_URL does: browsers load nothing"
            " without TLS into a page with it."
        )


def _address(name: str, value: str) -> str:
    """Of a server, without a path: the bucket has a variable of its own."""
    value = value.rstrip("/")
    if value and not ADDRESS.fullmatch(value):
        raise Refusal(
            f"{name} has to be a scheme and a host such as https://s3.example.com, without the"
            " bucket and without a password."
        )
    return value
