"""Settings from environment variables, read and checked once, at start."""

import os
import re
import secrets
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from click import ClickException

PROJECT = Path(__file__).resolve().parent.parent
LOCALES = ("fr", "en")
MIN_SECRET_LENGTH = 16
# A larger number is more likely a typing error.
MAX_PROXIES = 5
MAX_OLD_SECRETS = 3
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.-]++)*+")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+")
LOCAL_NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1"))


class SettingsError(ClickException):
    """A setting is missing or can't be used. The message says what to do; commands print it as one line."""


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """How a process uses PostgreSQL: connections that it keeps, and seconds after which it gives up; 0: never."""

    pool: int = 10
    pool_seconds: int = 10
    # A statement of a page; one of a job.
    statement_seconds: int = 30
    work_seconds: int = 600
    # A transaction in which nothing is asked.
    idle_seconds: int = 120


@dataclass(frozen=True, slots=True)
class Settings:
    instance: Path
    database_url: str
    secret_key: str
    # Keys of before, the latest first: what they signed is still read, and nothing is signed with them.
    old_secret_keys: tuple[str, ...] = field(default=(), repr=False)
    redis_url: str = field(default="", repr=False)
    base_url: str = "http://127.0.0.1:5000"
    embedding_model: str = "use-multilingual"
    namer_url: str = ""
    namer_model: str = ""
    namer_key: str = field(default="", repr=False)
    locale: str = "fr"
    timezone: str = "Europe/Paris"
    smtp_url: str = ""
    mail_from: str = "Convergence <convergence@localhost>"
    contact_email: str = ""
    footer_links: tuple[tuple[str, str], ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    # Where these proxies are: their headers are believed, no one else's.
    proxy_networks: tuple[IPv4Network | IPv6Network, ...] = LOCAL_NETWORKS
    # Lines of text, or an object of JSON for each.
    log_format: str = "text"
    # Figures for Prometheus, read on this machine, or with the token.
    metrics: bool = False
    metrics_token: str = field(default="", repr=False)
    # The token of before: what reads the figures gets its new one meanwhile.
    old_metrics_token: str = field(default="", repr=False)
    # Traces are sent where the standard variables of OpenTelemetry say.
    telemetry: bool = False
    # Origins of further push services, beside those of the makers of browsers.
    push_services: tuple[str, ...] = ()
    # Others may reach the demo, whose accounts get passwords of their own.
    demo: bool = False
    # Where the worker puts a back-up each day: how many it keeps, for how many days, and who can read them.
    backup_folder: Path | None = None
    # Uploads are in this bucket, such as s3://convergence, of the server at the endpoint; else in a folder.
    file_store: str = ""
    file_store_endpoint: str = ""
    backups_kept: int = 14
    backup_days: int = 90
    backup_recipients: tuple[str, ...] = ()
    limits: DatabaseLimits = DatabaseLimits()
    testing: bool = False

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def uploads(self) -> Path:
        return self.instance / "uploads"

    @property
    def mail_folder(self) -> Path:
        return self.instance / "mail"

    @property
    def mail_domain(self) -> str:
        return urlsplit(self.base_url).hostname or "localhost"


def from_env(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises SettingsError where one is missing or can't be used."""
    environ = os.environ if environ is None else environ
    instance = Path(environ.get("CONVERGENCE_INSTANCE") or PROJECT / "instance").resolve()
    _check_writable(instance)
    host, port = environ.get("HOST", "127.0.0.1"), environ.get("PORT", "5000")
    return Settings(
        instance=instance,
        database_url=_database_url(environ.get("DATABASE_URL", ""), instance),
        secret_key=_secret_key(environ.get("SECRET_KEY", ""), instance),
        old_secret_keys=_old_secret_keys(environ.get("SECRET_KEY_OLD", "")),
        redis_url=_redis_url(environ.get("REDIS_URL", "")),
        base_url=_base_url(environ.get("BASE_URL") or f"http://{host}:{port}"),
        embedding_model=environ.get("EMBEDDING_MODEL") or "use-multilingual",
        namer_url=_namer_url(environ.get("NAMER_URL", ""), environ.get("NAMER_MODEL", "")),
        namer_model=environ.get("NAMER_MODEL", ""),
        namer_key=environ.get("NAMER_KEY", ""),
        locale=_one_of("DEFAULT_LOCALE", environ.get("DEFAULT_LOCALE") or "fr", LOCALES),
        timezone=_timezone(environ.get("DEFAULT_TIMEZONE") or "Europe/Paris"),
        smtp_url=_smtp_url(environ.get("SMTP_URL", "")),
        mail_from=environ.get("MAIL_FROM") or "Convergence <convergence@localhost>",
        contact_email=_contact_email(environ.get("CONTACT_EMAIL", "")),
        footer_links=_footer_links(environ.get("FOOTER_LINKS", "")),
        trusted_hosts=tuple(host.strip() for host in environ.get("TRUSTED_HOSTS", "").split(",") if host.strip()),
        trusted_proxies=_count("TRUSTED_PROXIES", environ.get("TRUSTED_PROXIES") or "0"),
        proxy_networks=_networks("PROXY_ADDRESSES", environ.get("PROXY_ADDRESSES", "")),
        log_format=_one_of("LOG_FORMAT", environ.get("LOG_FORMAT") or "text", ("text", "json")),
        metrics=_metrics(environ.get("METRICS", "")),
        metrics_token=_token("METRICS_TOKEN", environ.get("METRICS_TOKEN", "")),
        old_metrics_token=_token("METRICS_TOKEN_OLD", environ.get("METRICS_TOKEN_OLD", "")),
        telemetry=_telemetry(environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""), environ.get("OTEL_SDK_DISABLED", "")),
        push_services=_origins("PUSH_SERVICES", environ.get("PUSH_SERVICES", "")),
        demo=_switch("DEMO", environ.get("DEMO", "")),
        file_store=_file_store(environ.get("FILE_STORE", "")),
        file_store_endpoint=_address("FILE_STORE_ENDPOINT", environ.get("FILE_STORE_ENDPOINT", "")),
        backup_folder=_backup_folder(environ.get("BACKUP_DIR", "")),
        backups_kept=_number("BACKUP_KEEP", environ.get("BACKUP_KEEP") or "14", least=1),
        backup_days=_number("BACKUP_KEEP_DAYS", environ.get("BACKUP_KEEP_DAYS") or "90", least=1),
        backup_recipients=_recipients(environ.get("BACKUP_RECIPIENTS", "")),
        limits=DatabaseLimits(
            pool=_number("DATABASE_POOL", environ.get("DATABASE_POOL") or "10", least=1, most=1_000),
            pool_seconds=_number("DATABASE_POOL_TIMEOUT", environ.get("DATABASE_POOL_TIMEOUT") or "10", least=1),
            statement_seconds=_number("DATABASE_TIMEOUT", environ.get("DATABASE_TIMEOUT") or "30"),
            work_seconds=_number("DATABASE_WORK_TIMEOUT", environ.get("DATABASE_WORK_TIMEOUT") or "600"),
            idle_seconds=_number("DATABASE_IDLE_TIMEOUT", environ.get("DATABASE_IDLE_TIMEOUT") or "120"),
        ),
    )


def _check_writable(instance: Path) -> None:
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=instance):
            pass
    except OSError as error:
        raise SettingsError(
            f"The folder {instance} can't be written to ({error.strerror}). It keeps the database, uploads and keys:"
            " give this user the right to write there, or name another folder in CONVERGENCE_INSTANCE."
        ) from error


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'convergence.sqlite'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    raise SettingsError("DATABASE_URL must start with postgresql:// or sqlite:///.")


def _redis_url(url: str) -> str:
    if not url:
        return ""
    if urlsplit(url).scheme not in {"redis", "rediss"} or not urlsplit(url).hostname:
        raise SettingsError("REDIS_URL must be like redis://:password@redis.example.org:6379/0 (or rediss://…).")
    if find_spec("celery") is None:
        raise SettingsError("REDIS_URL needs Celery: .venv/bin/pip install -c constraints.txt -e '.[celery]'")
    return url


def _secret_key(given: str, instance: Path) -> str:
    if not given:
        return _stored_secret_key(instance)
    if len(given) < MIN_SECRET_LENGTH:
        raise SettingsError(
            f"SECRET_KEY has {len(given)} characters; it needs {MIN_SECRET_LENGTH} at least. Make one with"
            ' python -c "import secrets; print(secrets.token_urlsafe(48))", or leave it out.'
        )
    return given


def _stored_secret_key(instance: Path) -> str:
    """The key that signs cookies, made at the first start. Only this user can read its file."""
    path = instance / "secret.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    secret = path.read_text().strip()
    for _ in range(20):
        if secret:
            break
        time.sleep(0.05)  # another process that starts now may be writing it
        secret = path.read_text().strip()
    if not secret:
        raise SettingsError(f"{path} is empty: delete it, and a new key is made (everyone has to sign in again).")
    return secret


def _old_secret_keys(given: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in given.split(",") if key.strip())
    if any(len(key) < MIN_SECRET_LENGTH for key in keys):
        raise SettingsError(f"Each key of SECRET_KEY_OLD needs {MIN_SECRET_LENGTH} characters at least.")
    if len(keys) > MAX_OLD_SECRETS:
        raise SettingsError(f"SECRET_KEY_OLD has {len(keys)} keys, {MAX_OLD_SECRETS} at most. Leave the oldest out.")
    return keys


def _file_store(given: str) -> str:
    if given and not _BUCKET.fullmatch(given):
        raise SettingsError("FILE_STORE must be like s3://bucket or s3://bucket/folder.")
    if given and find_spec("boto3") is None:
        raise SettingsError("FILE_STORE needs a library: pip install -c constraints.txt -e '.[s3]'")
    return given


def _address(name: str, given: str) -> str:
    if given and (urlsplit(given).scheme not in {"http", "https"} or not urlsplit(given).hostname):
        raise SettingsError(f"{name} must be like https://s3.example.org.")
    return given


def _backup_folder(given: str) -> Path | None:
    if given and not Path(given).is_absolute():
        raise SettingsError("BACKUP_DIR must be a whole path, such as /var/backups/convergence.")
    return Path(given) if given else None


def _recipients(given: str) -> tuple[str, ...]:
    """Public keys of age, to which back-ups are encrypted."""
    keys = tuple(key.strip() for key in given.split(",") if key.strip())
    if not keys:
        return ()
    if find_spec("pyrage") is None:
        raise SettingsError("BACKUP_RECIPIENTS needs a library: pip install -c constraints.txt -e '.[encryption]'")
    import pyrage

    for key in keys:
        try:
            pyrage.x25519.Recipient.from_str(key)
        except pyrage.RecipientError as error:
            raise SettingsError("BACKUP_RECIPIENTS must be public keys of age, which begin with age1.") from error
    return keys


def _contact_email(address: str) -> str:
    address = address.strip()
    if address and not _EMAIL.fullmatch(address):
        raise SettingsError("CONTACT_EMAIL must be one email address, such as ideas@example.org.")
    return address


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError("BASE_URL must be the address people use, such as https://ideas.example.org.")
    return url.rstrip("/")


def _footer_links(given: str) -> tuple[tuple[str, str], ...]:
    """Names and addresses, from `Legal notice=https://…; Privacy=https://…`."""
    links = []
    for entry in filter(None, (entry.strip() for entry in given.split(";"))):
        name, _, address = (part.strip() for part in entry.partition("="))
        parts = urlsplit(address)
        if not name or parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingsError(
                "FOOTER_LINKS must be like Legal notice=https://example.org/legal; Privacy=https://example.org/privacy."
            )
        links.append((name, address))
    return tuple(links)


def _smtp_url(url: str) -> str:
    if url and (urlsplit(url).scheme not in {"smtp", "smtps"} or not urlsplit(url).hostname):
        raise SettingsError("SMTP_URL must be like smtp://user:password@mail.example.org:587 (or smtps://…:465).")
    return url


def _namer_url(url: str, model: str) -> str:
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise SettingsError("NAMER_URL must be the address of an OpenAI-compatible service, up to /v1.")
    if url and not model:
        raise SettingsError("NAMER_MODEL must say which model names the themes, as the service at NAMER_URL calls it.")
    return url


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def _switch(name: str, value: str) -> bool:
    if value not in {"", "0", "1"}:
        raise SettingsError(f"{name} must be 1 for on, or 0 for off, not {value!r}.")
    return value == "1"


def _metrics(value: str) -> bool:
    is_on = _switch("METRICS", value)
    if is_on and find_spec("prometheus_client") is None:
        raise SettingsError("METRICS=1 needs a library: pip install -c constraints.txt -e '.[metrics]'")
    return is_on


def _telemetry(endpoint: str, disabled: str) -> bool:
    if not endpoint or disabled.lower() == "true":
        return False
    if urlsplit(endpoint).scheme not in {"http", "https"} or not urlsplit(endpoint).hostname:
        raise SettingsError("OTEL_EXPORTER_OTLP_ENDPOINT must be like http://127.0.0.1:4318.")
    if find_spec("opentelemetry") is None:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT needs a library: pip install -c constraints.txt -e '.[telemetry]'"
        )
    return True


def _origins(name: str, value: str) -> tuple[str, ...]:
    found = tuple(origin.strip() for origin in value.split(",") if origin.strip())
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme != "https" or not parts.hostname or origin != f"https://{parts.netloc}" or "@" in parts.netloc:
            raise SettingsError(f"{name} must be like https://push.example.org, separated by commas.")
    return found


def _token(name: str, value: str) -> str:
    if value and len(value) < MIN_SECRET_LENGTH:
        raise SettingsError(f"{name} has {len(value)} characters; it needs {MIN_SECRET_LENGTH} at least.")
    return value


def _number(name: str, value: str, *, least: int = 0, most: int = 100_000) -> int:
    if not value.isascii() or not value.isdecimal() or not least <= int(value) <= most:
        raise SettingsError(f"{name} must be a whole number, {least} to {most}, not {value!r}.")
    return int(value)


def _count(name: str, value: str) -> int:
    if not value.isdecimal() or int(value) > MAX_PROXIES:
        raise SettingsError(f"{name} must be the number of proxies in front, 0 to {MAX_PROXIES}, not {value!r}.")
    return int(value)


def _networks(name: str, value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """The addresses and networks in a list with commas; this machine where it is empty."""
    try:
        found = tuple(ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(f"{name} must be addresses or networks such as 10.0.0.5, 10.1.0.0/16: {error}.") from error
    return found or LOCAL_NETWORKS


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(f"DEFAULT_TIMEZONE must be a zone such as Europe/Paris, not {name!r}.") from error
    return name
