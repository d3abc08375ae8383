"""The reader's language and time zone."""

from flask import current_app, request, session
from flask_login import current_user

from app.settings import LOCALES, Settings


def locale() -> str:
    """A member's own choice, else the browser's choice here, else what it asks for, else the default."""
    if current_user.is_authenticated:
        return str(current_user.locale)
    chosen = session.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(LOCALES) or _settings().locale


def timezone() -> str:
    """A member's own zone, else the default one."""
    if current_user.is_authenticated:
        return str(current_user.timezone)
    return _settings().timezone


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
