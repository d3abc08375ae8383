"""The keys of the site: what they sign, and what is read though an earlier one signed it."""

from flask import current_app
from itsdangerous import URLSafeSerializer


def secret_key() -> str:
    """The key of the site: what is made now follows from it."""
    return str(current_app.config["SECRET_KEY"])


def reading_keys() -> tuple[str, ...]:
    """The keys with which something may have been signed, the present one first."""
    return (secret_key(), *current_app.config["SECRET_KEY_FALLBACKS"])


def signer(purpose: str) -> URLSafeSerializer:
    """Signs for one purpose, and reads what an earlier key signed. Such a signature is worth nothing for another."""
    return URLSafeSerializer(list(reversed(reading_keys())), salt=purpose)  # it signs with the last
