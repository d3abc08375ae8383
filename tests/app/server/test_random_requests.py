# ruff: noqa: F401, F811 -- fixtures of another file
"""Requests that Hypothesis invents, to any route, by anyone: none is answered with a fault of the server.

What one of them writes is taken back, so that the next meets everything there is. HOSTILE_REQUESTS says how many: a
few hundred here, 50,000 with `make checks`.
"""

import io
import os
import re
from collections import Counter
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.access.test_enforcement import call, campaign_in, cast, fill
from tests.app.server.test_hostile_requests import FIELDS, ODD, outcome

pytestmark = [pytest.mark.slow, pytest.mark.one_database]
HOW_MANY = int(os.environ.get("HOSTILE_REQUESTS", "300"))
WHO = ("visitor", "participant", "owner", "admin")
HEADERS = (
    "HX-Request",
    "Referer",
    "Origin",
    "Accept-Language",
    "Range",
    "If-None-Match",
    "Content-Type",
    "X-Forwarded-For",
)
# Numbers that are there, that are not, and what is no number.
TEXTS = st.one_of(st.sampled_from(ODD), st.text(max_size=60), st.integers(-(2**70), 2**70).map(str))
FORMS = st.dictionaries(st.one_of(st.sampled_from(FIELDS), st.text(max_size=12)), TEXTS, max_size=8)
NAMED = re.compile(r"<(?:[^<>:]+:)?(\w+)>")
VISIBLE = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\x00"), max_size=40)


def body_of(kind, form):
    """What is posted: a form, with or without a file, JSON, or bytes of no kind."""
    fields = {key: text.encode(errors="replace") for key, text in form.items()}
    if kind == "files":
        return {"data": fields | {name: (io.BytesIO(content), "a.csv") for name, content in fields.items()}}
    if kind == "JSON":
        return {"json": {key: [text, {key: text}] for key, text in form.items()}}
    if kind == "bytes":
        return {"data": b"".join(fields.values()), "content_type": "application/octet-stream"}
    return {"data": fields} | ({"content_type": "multipart/form-data"} if kind == "multipart" else {})


def test_no_request_that_is_invented_makes_a_route_fail(app, campaign_in, fill, call, cast):
    campaign = campaign_in("open")
    named = fill(campaign, cast["owner"])
    rules = sorted(app.url_map.iter_rules(), key=str)
    failed, answered = [], Counter()

    @settings(max_examples=HOW_MANY, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        rule=st.sampled_from(rules),
        role=st.sampled_from(WHO),
        method=st.sampled_from(["GET", "POST", "POST", "HEAD", "PUT"]),
        kind=st.sampled_from(["form", "form", "multipart", "files", "JSON", "bytes"]),
        changed=st.dictionaries(st.sampled_from(sorted(named)), TEXTS, max_size=1),
        query=FORMS,
        form=FORMS,
        headers=st.dictionaries(st.sampled_from(HEADERS), VISIBLE, max_size=2),
    )
    def send(rule, role, method, kind, changed, query, form, headers):
        values = {name: {**named, **changed}[name] for name in rule.arguments}
        told = {name: quote(str(value).encode(errors="replace"), safe="") for name, value in values.items()}
        address = NAMED.sub(lambda found: told[found[1]], rule.rule)
        body = body_of(kind, form) if method == "POST" else {}
        if "content_type" in body:
            headers = {name: value for name, value in headers.items() if name != "Content-Type"}
        asked = {key.encode(errors="replace"): text.encode(errors="replace") for key, text in query.items()}
        status = outcome(call, cast.get(role), method, address, query_string=asked, headers=headers, **body)
        answered[status] += 1
        if not (isinstance(status, int) and status < 500):
            failed.append((method, rule.endpoint, role, kind, changed, status))

    send()
    assert failed == []
    assert answered.total() >= HOW_MANY
    assert {200, 303} <= set(answered)
    assert any(400 <= status < 500 for status in answered)
    for address in ("/campaigns", f"/campaigns/{campaign.id}", f"/campaigns/{campaign.id}/ideas", "/healthz"):
        assert outcome(call, cast["participant"], "GET", address) == 200
