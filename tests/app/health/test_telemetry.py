"""Traces of OpenTelemetry, sent to a collector of this machine: routes, kinds of work, and nothing of anybody."""

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from importlib.util import find_spec

import pytest

from app import create_app
from app.extensions import db
from app.settings import SettingsError, from_env
from ideas.work.job import JobKind
from tests.services import unavailable

pytestmark = pytest.mark.one_database


@pytest.fixture
def collector(monkeypatch):
    """What was sent, as bytes of protobuf: a local server of the protocol, which the standard variables name."""
    received = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        yield received
        server.shutdown()


@pytest.fixture
def site(settings, app, connection, collector):
    """Another application with traces, on the database of the test."""
    if find_spec("opentelemetry") is None:
        unavailable("no OpenTelemetry: install the extra telemetry")
    made = create_app(replace(settings, testing=False, telemetry=True))
    made.config |= {"WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False}
    with made.app_context():
        own = db.engine
    db._app_engines[made][None] = connection  # noqa: SLF001 -- as the fixture `connection` does
    import_module("app.health.telemetry").follow(connection, made.extensions["telemetry"])
    yield made
    made.extensions["telemetry"].shutdown()
    own.dispose()


def spans(site, collector):
    """What the collector has of each span: its name and its attributes."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    site.extensions["telemetry"].force_flush()
    found = []
    for path, content in collector:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(content).resource_spans:
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


def test_nothing_of_it_is_loaded_unless_it_is_asked_for(app):
    assert "telemetry" not in app.extensions
    assert not from_env({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}).telemetry
    with pytest.raises(SettingsError, match="OTEL_EXPORTER_OTLP_ENDPOINT must be like"):
        from_env({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector"})


def test_a_request_a_job_and_an_error_have_spans_and_none_of_them_names_anybody(
    site, collector, campaign, make_person, make_idea, monkeypatch
):
    rose = make_person("Rose Quimperlé", email="rose.quimperle@example.org")
    idea = make_idea(campaign, rose, "Velvet ropes in every hall")
    browser = site.test_client()
    browser.environ_base |= {
        "REMOTE_ADDR": "203.0.113.77",
        "HTTP_USER_AGENT": "Rose’s browser".encode().decode("latin-1"),
    }
    assert browser.get(f"/campaigns/{campaign.id}/ideas/{idea.id}").status_code == 200
    browser.get(f"/campaigns/{campaign.id}/ideas?containing=velvet")
    browser.post("/sign-in", data={"email": rose.email, "password": "not it"})
    browser.get("/Quimperl%C3%A9", headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
    browser.open("/", method="QUIMPERLÉ".encode().decode("latin-1"))
    browser.get("/healthz")

    def fail():
        raise RuntimeError(f"{rose.name} wrote velvet ropes")

    monkeypatch.setitem(site.view_functions, "person.sign_in", fail)
    assert browser.get("/sign-in").status_code == 500
    with site.app_context(), pytest.raises(RuntimeError):
        _fail_in_a_job(rose.name)
    found = spans(site, collector)
    names = {span.name for span in found}
    assert {"GET /campaigns/<int:campaign_id>/ideas/<int:idea_id>", "GET none", "other none", "POST /sign-in"} <= names
    assert {"job find_themes", "SQL SELECT"} <= names
    assert not [name for name in names if "healthz" in name]
    [page] = [span for span in found if span.name.endswith("/ideas/<int:idea_id>")]
    inside = [span for span in found if span.parent_span_id == page.span_id]
    assert {"SQL SELECT"} <= {span.name for span in inside} <= {"SQL SELECT", "SQL other"}
    failed = [span for span in found if any(one.key == "error.type" for one in span.attributes)]
    assert {span.name for span in failed} == {"GET /sign-in", "job find_themes"}
    sent = b"".join(content for _path, content in collector).lower()
    for word in ("rose", "quimperl", "velvet", "203.0.113.77", "example.org", "browser", "a" * 32, "\xaa" * 16):
        assert word.lower().encode("latin-1") not in sent, word


def _fail_in_a_job(name):
    from app.health.telemetry import job_span

    with job_span(JobKind.FIND_THEMES, "heavy", 1):
        raise RuntimeError(name)
