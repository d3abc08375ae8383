# ruff: noqa: F401, F811 -- fixtures of another file
"""What programs send that no browser does: every route answers with a page, never with a fault of the server."""

import io
import os
from operator import itemgetter
from urllib.parse import urlencode

import pytest
from wtforms import StringField
from wtforms.form import BaseForm

from app.access.needs import Platform
from app.server.bounds import MAX_FORM_BYTES
from tests.app.access.test_enforcement import STATES, call, campaign_in, cast, fill, routes
from tests.effort import effort

LONG = pytest.mark.skipif(os.environ.get("LONG_TESTS") != "1", reason="takes most of a minute: set LONG_TESTS=1")
BEFORE_A_VIEW = ("JSON", "torn JSON", "bytes that are no text", "no boundary", "a torn file")
OPEN_AND_CLOSED = [STATES[0], STATES[2]]  # in which campaigns are read and written
MARKS = "e" + "\u0315\u0300" * 20_000
ODD = [
    "",
    "\x00",
    "\ud83d",
    MARKS[:3000],
    "9" * 400,
    "-1",
    "1e999",
    "right/Europe/Paris",
    "../../etc/passwd",
    "{{" * 900,
]
FIELDS = [
    "title",
    "body",
    "picture_words",
    "spaces",
    "name",
    "email",
    "password",
    "confirm_password",
    "confirm_code",
    "code",
    "timezone",
    "locale",
    "next",
    "form_key",
    "version",
    "seen",
    "emotion",
    "to",
    "back",
    "everything",
    "idea",
    "other",
    "into",
    "run",
    "key",
    "proposal",
    "level",
    "status",
    "reason",
    "respondent",
    "decided_on",
    "expected_on",
    "owner",
    "due_on",
    "progress",
    "opens_at",
    "closes_at",
    "place",
    "debrief_due_at",
    "text",
    "author",
    "lang",
    "role",
    "act",
    "then",
    "change_reason",
    "themes-0-theme",
    "themes-0-expected_on",
    "kind",
    "rules",
    "headline",
    "endpoint",
    "public_key",
    "secret",
    "device",
    "containing",
    "before",
    "match",
    "page",
    "draft",
    "step",
    "outline",
    "file",
    "portrait",
    "words",
    "of",
    "mail",
    "seen_name",
    "anyway",
    "abandon",
    "top",
    "note",
    "order",
    "campaign",
    "answer",
]


MAX_QUOTED = 1_000  # characters


def filled_with(odd, most=None):
    """Every field with the same text, as a form sends it: written once, for it is sent to each route."""
    return urlencode({name: odd.encode(errors="surrogatepass")[:most] for name in FIELDS})


def body_of(odd):
    """The same as a body. Programs may send a long text unquoted: quoted, it is larger than a form may be."""
    return filled_with(odd) if len(odd) < MAX_QUOTED else "&".join(f"{name}={odd}" for name in FIELDS).encode()


BODIES = {odd: body_of(odd) for odd in ODD}
QUERIES = {odd: filled_with(odd, 250) for odd in ODD[:7]}


def bodies():
    """Options of a request, by what is odd about them."""
    torn = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nab'
    form, multipart = "application/x-www-form-urlencoded", "multipart/form-data"
    yield "nothing", {}
    yield "JSON", {"json": {name: {"a": [1]} for name in FIELDS}}
    yield "torn JSON", {"data": b"[1, 2", "content_type": "application/json"}
    yield "bytes that are no text", {"data": b"title=\xff\xfe&body=%ff%00&email=%c3", "content_type": form}
    yield "no boundary", {"data": b"--x\r\n", "content_type": multipart}
    yield "a torn file", {"data": torn, "content_type": f"{multipart}; boundary=x"}
    yield "files for texts", {"data": {name: (io.BytesIO(b"\x00\xff"), "a.csv") for name in FIELDS}}
    yield "texts for files", {"data": dict.fromkeys(FIELDS, "text"), "content_type": multipart}
    yield "twice", {"data": {name: ["1", "\x00 2"] for name in FIELDS}}
    for odd, body in BODIES.items():
        yield odd, {"data": body, "content_type": form}


def who(need):
    """The roles to try a route in: one that may, and a visitor where visitors may."""
    if need is Platform.EVERYONE:
        return ("visitor", "admin")
    return ("admin",) if isinstance(need, Platform) else ("owner",)


def share_of(odd, state, place):
    """In an open campaign all of them; in the other state a third, another one for each route.

    What a state changes is told before a body is read: so many requests would find the same again.
    """
    found = list(odd)
    if state == "open":
        return found
    return found[place % 3 :: 3]


def readable(odd, place):
    """The bodies that a view reads as a form; of those that none does, one for each route, another one each time."""
    found = list(odd)
    refused = [one for one in found if one[0] in BEFORE_A_VIEW]
    return [one for one in found if one not in refused] + refused[place % len(refused) :][:1]


# What a database may refuse by itself. PostgreSQL gets no other: what reads a body is the same before both.
FOR_A_DATABASE = {"\x00", "\ud83d", "9" * 400, "-1", "1e999", "twice"}


def tried_on(session, odd, what=lambda one: one):
    if session.get_bind().dialect.name == "sqlite":
        return odd
    return [one for one in odd if what(one) in FOR_A_DATABASE]


def outcome(call, *request, **options):
    """The status, or the name of the error where the test application lets one pass."""
    try:
        return call(*request, **options).status_code
    except Exception as error:  # noqa: BLE001 -- whatever it is, it would have been a 500
        return repr(error)[:300]


def test_views_read_each_body():
    """One that is too large is refused before."""
    assert max(map(len, BODIES.values())) < MAX_FORM_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("state", OPEN_AND_CLOSED)
def test_no_body_makes_a_route_fail(app, session, campaign_in, fill, call, cast, state):
    named = fill(campaign_in(state), cast["owner"])
    failed = []
    for place, (endpoint, _, address) in enumerate(routes(app, named, method="POST", state=state)):
        for role in who(app.extensions["needs"][endpoint]):
            for what, options in share_of(tried_on(session, readable(bodies(), place), itemgetter(0)), state, place):
                status = outcome(call, cast[role], "POST", address, **options)
                if not (isinstance(status, int) and status < 500):
                    failed.append((endpoint, role, repr(what)[:20], status))
    assert failed == []


@pytest.mark.slow
@pytest.mark.parametrize("state", OPEN_AND_CLOSED)
def test_no_query_makes_a_route_fail(app, session, campaign_in, fill, call, cast, state):
    named = fill(campaign_in(state), cast["owner"])
    failed = []
    for place, (endpoint, _, address) in enumerate(routes(app, named, method="GET", state=state)):
        for role in who(app.extensions["needs"][endpoint]):
            for odd in share_of(tried_on(session, list(QUERIES)), state, place):
                status = outcome(call, cast[role], "GET", address, query_string=QUERIES[odd])
                if not (isinstance(status, int) and status < 500):
                    failed.append((endpoint, role, repr(odd)[:20], status))
    assert failed == []


@pytest.fixture
def fields_of(monkeypatch):
    """The fields for text of each form that a request fills, by its class, as they are noted."""
    noted, process = {}, BaseForm.process

    def note(form, *given, **facts):
        process(form, *given, **facts)
        noted[type(form)] = [field.name for field in form if isinstance(field, StringField)]

    monkeypatch.setattr(BaseForm, "process", note)
    return noted


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize(
    "worst", [pytest.param(MARKS, marks=LONG), "*a_[" * 7_500 + "> " * 3_000], ids=["marks", "markdown"]
)
def test_no_form_of_any_route_takes_a_second_whatever_is_written_in_it(
    app, campaign_in, fill, call, cast, fields_of, worst
):
    """Each route is asked once to see its form, then with the worst text in each field of it."""
    owner = cast["owner"]
    owner.is_admin = True
    named, tried = fill(campaign_in("open"), owner), set()
    for endpoint, _, address in routes(app, named, method="POST"):
        fields_of.clear()
        call(owner, "POST", address)
        names = {name for some in fields_of.values() for name in some}
        if not names:
            continue
        with effort() as cost:
            answer = call(owner, "POST", address, data=dict.fromkeys(names, worst))
        assert cost.seconds < 1, endpoint
        assert answer.status_code < 500, endpoint
        if answer.status_code != 413:
            tried.add(endpoint)
    assert len(tried) > 60, tried
