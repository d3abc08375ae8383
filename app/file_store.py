"""Where this site keeps the bytes of files: in its folder, or in a bucket of a server with the protocol of S3."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from app.settings import Settings
from ideas.store import Folder, Store, StoreAway

# A request waits no longer for the store than for the database.
_TIMEOUTS = {"connect_timeout": 3, "read_timeout": 10}
# A look at the health of the site takes three seconds in all.
_LOOK_TIMEOUTS = {"connect_timeout": 1, "read_timeout": 1}
_NOT_THERE = frozenset({"404", "NoSuchKey", "NotFound"})
# Names as the site gives them. Others in the bucket are left alone.
_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")


class Bucket(Store):
    """Objects of a bucket, below a prefix. Keys of access and region come from the standard variables (AWS_…)."""

    def __init__(self, place: str, *, endpoint: str, scratch: Path) -> None:
        self._bucket, _, prefix = place.removeprefix("s3://").partition("/")
        self._prefix, self._endpoint, self.scratch = prefix and f"{prefix.strip('/')}/", endpoint, scratch

    def put(self, name: str, source: bytes | Path) -> None:
        with _reached():
            if isinstance(source, bytes):
                self._client.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=source)
            else:  # in parts, so that a large file is not held in memory
                self._client.upload_file(str(source), self._bucket, self._prefix + name)

    def move(self, path: Path, name: str) -> None:
        self.put(name, path)
        path.unlink()

    def open(self, name: str) -> BinaryIO:
        with _reached():
            return cast(BinaryIO, self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)["Body"])

    def read(self, name: str) -> bytes | None:
        with _reached():
            return super().read(name)

    def delete(self, name: str) -> None:
        with _reached():
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name)

    def names(self, *, until: datetime | None = None) -> Iterator[str]:
        with _reached():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            for found in (found for page in pages for found in page.get("Contents", [])):
                name = found["Key"].removeprefix(self._prefix)
                if _NAME.fullmatch(name) and (until is None or found["LastModified"] <= until):
                    yield name

    def look(self) -> None:
        """Ask once whether the bucket is there. Raises StoreAway."""
        try:
            with _reached():
                self._looking.head_bucket(Bucket=self._bucket)
        except FileNotFoundError as error:
            raise StoreAway from error

    @cached_property
    def _client(self) -> Any:
        return self._made(_TIMEOUTS, attempts=2)

    @cached_property
    def _looking(self) -> Any:
        return self._made(_LOOK_TIMEOUTS, attempts=1)

    def _made(self, timeouts: dict[str, int], *, attempts: int) -> Any:
        from boto3.session import Session
        from botocore.config import Config

        session = Session()
        config = Config(
            **timeouts,
            retries={"mode": "standard", "total_max_attempts": attempts},
            s3={"addressing_style": "path" if self._endpoint else "auto"},
            # Servers of other makers may not know the checksums that Amazon's adds.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        region = session.region_name or "us-east-1"
        return session.client("s3", region_name=region, endpoint_url=self._endpoint or None, config=config)


def file_store(settings: Settings) -> Store:
    """The store that the settings name."""
    if not settings.file_store:
        return Folder(settings.uploads)
    return _bucket(settings.file_store, settings.file_store_endpoint, settings.uploads)


@cache  # a connection is used again
def _bucket(place: str, endpoint: str, scratch: Path) -> Bucket:
    return Bucket(place, endpoint=endpoint, scratch=scratch)


@contextmanager
def _reached() -> Iterator[None]:
    """Raises FileNotFoundError for an object that is not there, StoreAway for every other error of the store."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _NOT_THERE:
            raise FileNotFoundError from error
        raise StoreAway from error
    except (BotoCoreError, Boto3Error) as error:
        raise StoreAway from error
