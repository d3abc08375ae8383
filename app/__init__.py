"""The web application, assembled."""

import gc

from flask import Flask

from app import views
from app.access import enforcement, loaders, roles
from app.commands import cli
from app.database import postgresql, sqlite
from app.extensions import babel, compress, csrf, db, limiter, login, migrate
from app.server import bounds, logs, proxies
from app.server.compiled import keep_compiled
from app.server.private_files import COUNTS, protect
from app.settings import PROJECT, Settings, from_env
from app.signing import caller, signing
from app.signing.counts import counts_address
from app.text import badge, moderation, peoples_text, shown
from app.web import errors, headers, search, static_files, uploads
from app.web.pages import erased, language, links, rendering, site
from app.worker import broker

MAX_UPLOAD_BYTES = 16 * 1024 * 1024
MAX_FORM_BYTES = 2 * 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """The application with these settings, or those of the environment. Raises SettingsError, UndeclaredNeedError."""
    is_process = settings is None  # and not an application that a test or a benchmark makes
    if settings is None:
        settings = from_env()
        logs.configure(settings)
        protect(settings)
    app = Flask(
        __name__,
        template_folder=PROJECT / "templates",
        static_folder=None,
        instance_path=str(settings.instance),
    )
    app.config.from_mapping(_config(settings))
    app.extensions["settings"] = settings
    if is_process:
        keep_compiled(app, settings)
    proxies.init_app(app)
    db.init_app(app)
    with app.app_context():
        sqlite.tune(db.engine)
        postgresql.tune(app, db.engine)
    migrate.init_app(app, db, directory=PROJECT / "app" / "migrations")
    login.init_app(app)
    logs.init_app(app)
    if settings.metrics:
        from app.health import metrics

        metrics.init_app(app)
    if settings.telemetry:
        from app.health import telemetry

        telemetry.init_app(app)
    bounds.init_app(app)  # before anything that reads the form
    csrf.init_app(app)
    limiter.init_app(app)
    compress.init_app(app)
    babel.init_app(app, locale_selector=language.locale, timezone_selector=language.timezone)
    for part in (
        broker,
        caller,
        erased,
        signing,
        roles,
        loaders,
        static_files,
        errors,
        headers,
        language,
        links,
        badge,
        moderation,
        peoples_text,
        rendering,
        search,
        shown,
        site,
        uploads,
        views,
        enforcement,
        cli,
    ):
        part.init_app(app)
    if is_process:
        gc.freeze()  # what stays until the end is never looked through for garbage, while somebody waits for a page
    return app


def _config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.old_secret_keys),
        # Of a form that was opened before the key changed; the last one signs.
        "WTF_CSRF_SECRET_KEY": [*reversed(settings.old_secret_keys), settings.secret_key],
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "TESTING": settings.testing,
        "MAX_CONTENT_LENGTH": MAX_UPLOAD_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_FORM_BYTES,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.https else "session",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # A sign-in ends on its day, whatever is read meanwhile. An answer that changes nothing of the cookie, such as
        # of a draft that is saved while the form is sent, must not undo what another one has just written there.
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PREFERRED_URL_SCHEME": "https" if settings.https else "http",
        # With a token that expires, a form left open for long could not be sent, and its text would be lost.
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": settings.locale,
        "BABEL_DEFAULT_TIMEZONE": settings.timezone,
        # All processes count together, each for itself while that fails. What has to hold is in the database too.
        "RATELIMIT_STORAGE_URI": settings.redis_url or counts_address(settings.instance / COUNTS),
        "RATELIMIT_STORAGE_OPTIONS": broker.TIMEOUTS if settings.redis_url else {},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_ENABLED": not settings.testing,
        "RATELIMIT_HEADERS_ENABLED": True,
        "COMPRESS_MIN_SIZE": 500,
        # A long page has 1.5 kB less than at the usual level 3, for 1.3 ms.
        "COMPRESS_ZSTD_LEVEL": 8,
    }


def _engine_options(settings: Settings) -> dict[str, object]:
    # Errors are logged without the values of a statement: they hold people's texts and addresses.
    is_server = settings.database_url.startswith("postgresql")
    return {"hide_parameters": True} | (postgresql.options(settings) if is_server else {})
