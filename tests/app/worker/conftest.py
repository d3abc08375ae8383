from dataclasses import replace

import pytest

from tests.databases import own_database
from tests.services import Redis
from tests.worker_processes import make_campaign


@pytest.fixture
def redis():
    server = Redis()
    yield server
    server.kill()


@pytest.fixture
def carrier(request):
    """What brings the jobs of `own` to its workers: the database, unless a test says otherwise."""
    return getattr(request, "param", "database")


@pytest.fixture
def own(request, settings, carrier, tmp_path, migrated):
    """An application on a database of its own, which other processes or threads share."""
    if carrier == "celery":
        settings = replace(settings, redis_url=request.getfixturevalue("redis").url)
    with own_database(settings, tmp_path) as app, app.app_context():
        migrated()
        yield app


@pytest.fixture
def campaign_id(own):
    return make_campaign()
