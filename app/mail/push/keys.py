"""The key by which push services know this site (VAPID, RFC 8292): made at first use, kept in the instance folder."""

import base64
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.settings import Settings

NAME = "push.key"


def public_key(settings: Settings) -> str:
    """What a browser asks a service for: the public part, in the alphabet of addresses."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    point = _key(settings.instance).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def signed(settings: Settings, claims: dict[str, Any]) -> dict[str, str]:
    """The headers that prove who sends."""
    headers: dict[str, str] = _key(settings.instance).sign(claims)
    return headers


@lru_cache(4)
def _key(instance: Path) -> Any:
    """Only this user can read its file. Two processes that begin at once take the one that was written first."""
    from py_vapid import Vapid02

    path = instance / NAME
    if not path.exists():
        made = Vapid02()
        made.generate_keys()
        part = instance / f"{NAME}.{os.getpid()}"
        with os.fdopen(os.open(path=part, flags=os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode=0o600), "wb") as file:
            file.write(made.private_pem())
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return Vapid02.from_pem(path.read_bytes())
