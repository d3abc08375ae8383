"""Names from a language model: a small real server on this machine answers, well or badly."""

import json
import threading
import time

import pytest

from clustering.naming.llm import ChatNamer, Draft, clean_name
from tests.chat import answer, send, server

SENTENCE = "Des pistes cyclables partout."
DRAFTS = [
    Draft(
        "Pistes cyclables et vélo",
        ("pistes cyclables", "vélo"),
        ("Plus de pistes cyclables.", "x" * 1000),
        "fr",
        "Des pistes cyclables partout.",
    ),
    Draft("Repas de la cantine", ("cantine",), ("Des repas végétariens.",), "fr"),
]
OURS = [draft.name for draft in DRAFTS]


def named(respond, drafts=DRAFTS, **limits):
    with server(respond) as (url, received):
        return ChatNamer(url, "small", "secret", **limits).name(drafts), received


def test_a_good_answer_names_the_themes():
    good = answer('Here you are:\n["1. Des pistes cyclables sûres.", "« Repas végétariens à la cantine »"]')
    names, received = named(lambda handler: send(handler, good))
    assert names == ["Pistes cyclables sûres", "Repas végétariens à la cantine"]
    path, headers, body = received[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert body["model"] == "small"
    sent = json.loads(body["messages"][1]["content"])
    groups = sent["groups"]
    assert sent["other themes"] == []
    assert [group["language"] for group in groups] == ["fr", "fr"]
    assert groups[0]["definition"] == SENTENCE
    assert [group["name so far"] for group in groups] == OURS
    assert groups[0]["phrases"] == ["pistes cyclables", "vélo"]
    assert [len(text) for text in groups[0]["ideas"]] == [25, 300]


def test_no_two_names_are_alike():
    same = answer(json.dumps(["Repas de la CANTINE !", "Cantine plus verte"]))
    assert named(lambda handler: send(handler, same))[0] == [OURS[0], "Cantine plus verte"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>not json</html>",
        b"[]",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": null}}]}',
        answer("no names here"),
        answer('["Un seul nom"]'),
        answer('["un", "deux", "trois"]'),
        answer("[not, json]"),
        answer(json.dumps([1, None])),
        answer(json.dumps(["x " * 20, "y" * 200])),
        answer(json.dumps(["le la les", "👍 👍"])),
        b"\xff\xfe" * 10,
        answer(json.dumps(["z" * 150_000, "w"])),
    ],
)
def test_after_a_bad_answer_our_names_are_kept(body):
    assert named(lambda handler: send(handler, body))[0] == OURS


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_after_a_refusal_our_names_are_kept(status, caplog):
    names, received = named(lambda handler: send(handler, b"secret reason", status))
    assert names == OURS
    assert len(received) == 1
    assert f"status {status}" in caplog.text
    assert "secret" not in caplog.text


def test_a_redirect_is_not_followed():
    with server(lambda handler: send(handler, answer(json.dumps(["Autre nom", "Encore un"])))) as (other, reached):
        names, _ = named(lambda handler: send(handler, b"", 307, [("Location", f"{other}/chat/completions")]))
    assert names == OURS
    assert not reached


def test_a_slow_answer_is_given_up(caplog):
    done = threading.Event()
    started = time.monotonic()
    names, _ = named(lambda _handler: done.wait(5), call_seconds=0.3)
    done.set()
    assert time.monotonic() - started < 3
    assert names == OURS
    assert "took too long" in caplog.text


def test_an_answer_that_arrives_too_slowly_is_given_up():
    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(40):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return
            time.sleep(0.1)

    started = time.monotonic()
    assert named(drip, call_seconds=0.5)[0] == OURS
    assert time.monotonic() - started < 3


@pytest.mark.slow
def test_many_themes_are_asked_about_a_few_at_a_time_within_one_limit():
    drafts = [Draft(f"Thème numéro {number}", (), (), "fr") for number in range(25)]

    def respond(handler):
        time.sleep(2)
        start = 10 * respond.calls
        respond.calls += 1
        send(handler, answer(json.dumps([f"Sujet tiré {start + at}bis" for at in range(min(10, 25 - start))])))

    respond.calls = 0
    names, received = named(respond, drafts, total_seconds=3)
    assert len(received) == 2
    others = json.loads(received[0][2]["messages"][1]["content"])["other themes"]
    assert others == [draft.name for draft in drafts[10:]]
    assert names[0] == "Sujet tiré 0bis"
    assert names[10:] == [draft.name for draft in drafts[10:]]


def test_without_a_server_our_names_are_kept(caplog):
    with server(lambda handler: send(handler, b"")) as (url, _):
        gone = url
    assert ChatNamer(gone, "small").name(DRAFTS) == OURS
    assert "can't be reached" in caplog.text
    assert ChatNamer("http://[broken", "small").name(DRAFTS) == OURS
    assert ChatNamer(gone, "small").name([]) == []


@pytest.mark.parametrize(
    ("answer", "lang", "name"),
    [
        ("les horaires de bus", "fr", "Horaires de bus"),
        ("Une école pour", "fr", ""),
        ("**Safer bike lanes**", "en", "Safer bike lanes"),
        ("Bus\nplus\u202e fréquents\x00", "fr", "Bus plus fréquents"),
        ("one two three four five six seven eight", None, ""),
        ("学校給食の改善", "ja", "学校給食の改善"),
        ("", None, ""),
    ],
)
def test_names_from_the_model_follow_our_rules(answer, lang, name):
    assert clean_name(answer, lang) == name
