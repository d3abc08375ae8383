"""Stories of requests: forms are opened, sent, sent again and sent elsewhere, while a campaign goes its way.

After each request: nothing came to a campaign that was not open at that moment, and the text that was sent is stored
or in the answer.
"""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from sqlalchemy import Connection, func, select
from werkzeug.test import Client, TestResponse

from app import clock as app_clock
from app.worker import worker
from app.worker.worker import run_next
from ideas.activity.version import Version
from ideas.answers.debriefs.debrief import Debrief
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import IdeaImport
from ideas.contributions.vote import Reaction, Vote
from ideas.work.job import Queue
from tests.stories import hurried, steps_of, undone

pytestmark = pytest.mark.slow

HERE = {"Origin": "http://localhost"}
HTMX = HERE | {"HX-Request": "true"}
OPENING = ("open_idea", "open_idea", "open_draft", "open_edit", "open_comment", "open_comment", "open_debrief")
SENDING = ("send", "send", "send", "send", "send_again", "send_again", "send_elsewhere", "send_elsewhere")
RESPONDING = ("vote", "take_vote_back", "react", "withdraw", "restore", "discard")
MANAGING = ("import_file", "undo_import", "restore_import", "close", "publish", "wait", "wait", "wait_long")
ACTS = (*OPENING, *SENDING, *RESPONDING, *MANAGING)
IDEA, EDIT, COMMENT, DEBRIEF = "idea", "edit", "comment", "debrief"


@dataclass(frozen=True)
class Form:
    """A form that was opened: whose browser has it, where it goes to, and its hidden fields."""

    kind: str
    person: int
    address: str
    hidden: dict[str, str]


@dataclass(frozen=True)
class Sent:
    """A request that was sent with a text."""

    form: Form
    address: str
    text: str
    fields: dict[str, str]
    headers: dict[str, str]


@dataclass
class Clock:
    """What the application takes for the time."""

    moment: datetime

    def now(self, _zone: Any) -> datetime:
        return self.moment


def hidden_fields(page: str, address: str) -> dict[str, str] | None:
    """The hidden fields of the form that posts to this address, or None where the page does not offer it."""
    found = re.search(rf'<form[^>]* action="{re.escape(address)}".*?</form>', page, re.DOTALL)
    if found is None:
        return None
    return dict(re.findall(r'<input[^>]*name="(form_key|version)"[^>]*value="([^"]*)"', found[0]))


@dataclass
class RequestStory:
    """Two campaigns, of which the second opens a day later; two people who take part, and their owner."""

    connection: Connection
    clock: Clock
    campaigns: list[int]
    browsers: list[Client]  # the owner's, then those of the people who take part
    people: list[int]
    work: Callable[[], None]
    forms: list[Form] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    texts: int = 0

    def take(self, act: str, one: int, two: int) -> None:
        self.clock.moment += timedelta(minutes=1)
        before, states = self._rows(), self._states()
        getattr(self, f"_{act}")(one, two)
        self._check_rows(act, before, states)

    # What holds

    def _states(self) -> dict[int, str]:
        """Whether each campaign takes ideas now, only comments, or neither."""
        columns = (Campaign.id, Campaign.opens_at, Campaign.closes_at, Campaign.debriefed_at)
        found = {}
        for number, opens_at, closes_at, debriefed_at in self.connection.execute(select(*columns)):
            if debriefed_at is not None or self.clock.moment < opens_at:
                found[number] = "debriefed" if debriefed_at else "announced"
            else:
                found[number] = "open" if self.clock.moment < closes_at else "closed"
        return found

    def _rows(self) -> dict[str, Any]:
        read = self.connection.execute
        ideas = select(
            Idea.id, Idea.campaign_id, Idea.submitted_at, Idea.withdrawn_at, Idea.title, Idea.body, Idea.import_id
        )
        campaign_of = {row.id: row.campaign_id for row in read(ideas)}
        responses = {
            (campaign_of[row.idea_id], *row)
            for kind in (Vote, Reaction)
            for row in read(select(kind.idea_id, kind.person_id))
        }
        return {
            "ideas": {row.id: row for row in read(ideas)},
            "responses": responses,
            "comments": {row.id: campaign_of[row.idea_id] for row in read(select(Comment.id, Comment.idea_id))},
        }

    def _check_rows(self, act: str, before: dict[str, Any], states: dict[int, str]) -> None:
        after = self._rows()
        for number, idea in after["ideas"].items():
            earlier, state = before["ideas"].get(number), states[idea.campaign_id]
            if idea.submitted_at is None or idea == earlier:
                continue
            takes = {"open"} if idea.import_id is None else {"open", "closed", "announced"}
            assert state in takes, (act, earlier, idea)
        for campaign, *response in after["responses"] ^ before["responses"]:
            assert states[campaign] == "open", (act, response)
        for number, campaign in after["comments"].items():
            if number not in before["comments"]:
                assert states[campaign] in {"open", "closed"}, (act, number)

    def _stored(self) -> str:
        """Every text that is stored, in one."""
        read = self.connection.execute
        queries = [
            select(Idea.body),
            select(Comment.body),
            select(Debrief.body),
            select(Version.content),
            select(Version.reason),
        ]
        return json.dumps([row[0] for query in queries for row in read(query)], default=str)

    # Forms

    def _open(self, kind: str, person: int, page: str, address: str) -> None:
        answer = self.browsers[person].get(page, follow_redirects=True)
        hidden = hidden_fields(answer.text, address)
        if hidden is not None:
            self.forms.append(Form(kind, person, address, hidden))

    def _ideas(self, *conditions: Any) -> list[Any]:
        return list(
            self.connection.execute(
                select(Idea.id, Idea.campaign_id, Idea.author_id).where(*conditions).order_by(Idea.id)
            )
        )

    def _one(self, place: int, *conditions: Any) -> Any:
        found = self._ideas(*conditions)
        return found[place % len(found)] if found else None

    def _open_idea(self, one: int, two: int) -> None:
        address = f"/campaigns/{self.campaigns[two % 2]}/ideas/new"
        self._open(IDEA, 1 + one % 2, address, address)

    def _open_draft(self, one: int, two: int) -> None:
        person = 1 + one % 2
        draft = self._one(two, Idea.author_id == self.people[person], Idea.submitted_at.is_(None))
        if draft is not None:
            address = f"/campaigns/{draft.campaign_id}/ideas/new?draft={draft.id}"
            self._open(IDEA, person, address, address)

    def _open_edit(self, one: int, two: int) -> None:
        person = 1 + one % 2
        idea = self._one(two, Idea.author_id == self.people[person], Idea.submitted_at.is_not(None))
        if idea is not None:
            address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/edit"
            self._open(EDIT, person, address, address)

    def _open_comment(self, one: int, two: int) -> None:
        idea = self._one(two, Idea.submitted_at.is_not(None), Idea.withdrawn_at.is_(None))
        if idea is not None:
            address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
            self._open(COMMENT, 1 + one % 2, address, f"{address}/comments")

    def _open_debrief(self, _one: int, two: int) -> None:
        address = f"/campaigns/{self.campaigns[two % 2]}/debrief/write"
        self._open(DEBRIEF, 0, address, address)

    # Texts

    def _post(self, sent: Sent) -> TestResponse:
        answer = self.browsers[sent.form.person].post(
            sent.address, data={"body": sent.text} | sent.form.hidden | sent.fields, headers=sent.headers
        )
        assert answer.status_code < 500
        shown = answer.text
        if answer.status_code in {303, 307}:
            shown = self.browsers[sent.form.person].get(answer.location, follow_redirects=True).text
        if "/save" in sent.address:  # the page keeps its form, and shows the answer beside it
            assert sent.text in self._stored() or "Saved" not in answer.text, sent
        else:
            assert sent.text in self._stored() or sent.text in shown, (sent, answer.status_code, answer.location)
        return answer

    def _send_with(self, form: Form, address: str, variant: int) -> None:
        self.texts += 1
        fields, headers = {}, HERE
        if form.kind == IDEA and variant in {5, 6}:
            fields = {"act": "keep"}
        elif form.kind == IDEA and variant in {7, 8}:
            address, headers = address.replace("/ideas/new", "/ideas/save"), HTMX
        elif form.kind in {COMMENT, DEBRIEF} and variant in {7, 8}:
            headers = HTMX
        elif form.kind == DEBRIEF and variant % 2:
            fields = {"change_reason": "Because."}
        sent = Sent(form, address, f"Text {self.texts:03} of {form.person}.", fields, headers)
        self.sent.append(sent)
        self._post(sent)

    def _send(self, one: int, two: int) -> None:
        if self.forms:
            form = self.forms[-1 - one % len(self.forms)]
            self._send_with(form, form.address, two)

    def _send_again(self, one: int, two: int) -> None:
        """The same form once more: as it was, or with another text and the key that it kept."""
        if not self.sent:
            return
        sent = self.sent[-1 - one % len(self.sent)]
        if two % 2:
            self._post(sent)
        else:
            self._send_with(sent.form, sent.form.address, two)

    def _send_elsewhere(self, one: int, two: int) -> None:
        """The key of a form in another place: in the other campaign, or below another idea."""
        if not self.forms:
            return
        form = self.forms[-1 - one % len(self.forms)]
        if form.kind == COMMENT:
            idea = self._one(two)
            address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/comments"
        elif form.kind == EDIT:
            idea = self._one(two, Idea.author_id == self.people[form.person])
            address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/edit"
        elif form.kind == IDEA:
            address = f"/campaigns/{self.campaigns[two % 2]}/ideas/new"
        else:
            return
        self._send_with(replace(form, address=address), address, two)

    # Everything else that changes something

    def _press(self, person: int, address: str, **data: Any) -> None:
        answer = self.browsers[person].post(address, data=data, headers=HERE, follow_redirects=True)
        assert answer.status_code < 500

    def _press_on_idea(self, one: int, two: int, act: str, *conditions: Any, **data: Any) -> None:
        idea = self._one(two, *conditions)
        if idea is not None:
            self._press(1 + one % 2, f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/{act}", **data)

    def _vote(self, one: int, two: int) -> None:
        self._press_on_idea(one, two, "vote")

    def _take_vote_back(self, one: int, two: int) -> None:
        self._press_on_idea(one, two, "vote/withdraw")

    def _react(self, one: int, two: int) -> None:
        self._press_on_idea(one, two, "reaction", emotion="joy" if one % 3 else "hope")

    def _withdraw(self, one: int, two: int) -> None:
        self._press_on_idea(one, two, "withdraw")

    def _restore(self, one: int, two: int) -> None:
        self._press_on_idea(one, two, "restore", Idea.withdrawn_at.is_not(None))

    def _discard(self, one: int, two: int) -> None:
        if two == 0:
            self._press_on_idea(one, two, "discard", Idea.submitted_at.is_(None))

    def _import_file(self, one: int, two: int) -> None:
        self.texts += 1
        address = f"/campaigns/{self.campaigns[two % 2]}/import"
        file = io.BytesIO(f"text\nRow {self.texts}\n".encode())
        answer = self.browsers[0].post(address, data={"file": (file, "a.csv")}, headers=HERE)
        if answer.status_code == 303:
            self.browsers[0].post(answer.location, data={"text": "0"}, headers=HERE)
        if one % 3:
            self.work()

    def _upload(self, place: int) -> str | None:
        uploads = list(self.connection.execute(select(IdeaImport.id, IdeaImport.campaign_id).order_by(IdeaImport.id)))
        if not uploads:
            return None
        upload = uploads[place % len(uploads)]
        return f"/campaigns/{upload.campaign_id}/import/{upload.id}"

    def _undo_import(self, one: int, _two: int) -> None:
        if (address := self._upload(one)) is not None:
            self._press(0, f"{address}/undo", reason="The wrong file.")

    def _restore_import(self, one: int, _two: int) -> None:
        if (address := self._upload(one)) is not None:
            self._press(0, f"{address}/restore")

    def _close(self, one: int, two: int) -> None:
        if one < 4:
            self._press(0, f"/campaigns/{self.campaigns[two % 2]}/close", reason="Enough.")

    def _publish(self, _one: int, two: int) -> None:
        debrief = f"/campaigns/{self.campaigns[two % 2]}/debrief"
        read = self.browsers[0].get(f"{debrief}/write?step=publish").text
        stamp = re.search(r'name="stamp"[^>]*value="(\w+)"', read)
        self._press(0, f"{debrief}/publish", stamp=stamp[1] if stamp else "")

    def _wait(self, one: int, two: int) -> None:
        self.clock.moment += timedelta(hours=3 * one, minutes=two)
        self.work()

    def _wait_long(self, one: int, _two: int) -> None:
        """To the second before a date of the campaigns, to that date, or beyond it."""
        dates = self.connection.execute(select(Campaign.opens_at, Campaign.closes_at))
        later = sorted(date for dates in dates for date in dates if date > self.clock.moment)
        if later:
            self.clock.moment = later[0] + timedelta(seconds=one % 3 - 1) - timedelta(minutes=1)


@pytest.fixture
def tell(app, connection, signed_in, make_campaign, make_person, alice, charlie, now, monkeypatch):
    """Tell a story from the beginning, and undo it."""
    dora = make_person("Dora")
    campaigns = [make_campaign(), make_campaign(opens_at=now + timedelta(days=1), title="Easier evenings")]
    ids = [campaign.id for campaign in campaigns]
    people = [alice.id, charlie.id, dora.id]
    cookies = [signed_in(person).get_cookie("session").value for person in (alice, charlie, dora)]
    clock = Clock(now)
    monkeypatch.setattr(app_clock, "datetime", clock)
    # A heart that beats on a slow machine would use the one connection in the middle of the work.
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 3_600.0)

    def work() -> None:
        with app.app_context():
            while run_next(queues=[Queue.QUICK]):
                pass

    def tell(steps):
        clock.moment = now
        browsers = [app.test_client() for _ in people]
        for browser, cookie in zip(browsers, cookies, strict=True):
            browser.set_cookie("session", cookie)
        with undone(connection):
            story = RequestStory(connection, clock, ids, browsers, people, work)
            for step in steps:
                story.take(*step)

    return tell


@pytest.mark.one_database  # rules and pages; what a database does with two at once is tried in test_race
@hurried(20)
@given(steps=steps_of(ACTS, least=20, most=60))
def test_nothing_comes_to_a_closed_campaign_and_no_text_is_lost(tell, steps):
    tell(steps)


def send(browser, address, text, **fields):
    return browser.post(address, data={"body": text} | fields, headers=HERE)


KEY = "a-key-of-a-form-kept"


def test_another_text_with_the_key_of_a_published_idea_comes_back_as_a_change(signed_in, session, campaign, charlie):
    """Sent without an answer on a bad line, changed, and sent again: the second text used to be dropped."""
    browser, address = signed_in(charlie), f"/campaigns/{campaign.id}/ideas/new"
    send(browser, address, "A bus on Sunday", form_key=KEY)
    again = send(browser, address, "A bus on Saturday", form_key=KEY)
    [idea] = session.scalars(select(Idea))
    assert again.status_code == 422
    assert "This idea is already published with another text." in again.text
    assert "A bus on Saturday" in again.text
    assert f'action="/campaigns/{campaign.id}/ideas/{idea.id}/edit"' in again.text
    assert send(browser, address, "A bus on Sunday", form_key=KEY).status_code == 303
    assert session.scalars(select(Idea.body)).all() == ["A bus on Sunday"]


def test_a_draft_published_in_another_tab_gives_the_text_of_this_tab_back(signed_in, session, campaign, charlie):
    browser, address = signed_in(charlie), f"/campaigns/{campaign.id}/ideas/new"
    send(browser, address, "A bus", act="keep", form_key=KEY)
    [draft] = session.scalars(select(Idea))
    send(browser, f"{address}?draft={draft.id}", "A bus on Sunday")
    assert "A bus on Saturday" in send(browser, f"{address}?draft={draft.id}", "A bus on Saturday").text
    assert "A tram" in send(browser, f"{address}?draft={draft.id}", "A tram", act="keep").text


def test_an_edit_of_what_is_still_a_draft_is_sent_on_with_its_text(signed_in, session, campaign, charlie, make_idea):
    draft = make_idea(campaign, charlie, "A bus", submitted_at=None)
    answer = send(signed_in(charlie), f"/campaigns/{campaign.id}/ideas/{draft.id}/edit", "A bus on Sunday")
    assert (answer.status_code, answer.location) == (307, f"/campaigns/{campaign.id}/ideas/new?draft={draft.id}")


def test_another_comment_with_the_key_of_the_first_comes_back_and_can_be_added(signed_in, session, idea, alice):
    browser, address = signed_in(alice), f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/comments"
    send(browser, address, "Good", form_key=KEY)
    again = send(browser, address, "Very good", form_key=KEY)
    assert again.status_code == 422
    assert "Very good" in again.text
    key = hidden_fields(again.text, address)["form_key"]
    assert key != KEY
    assert send(browser, address, "Very good", form_key=key).status_code == 303
    assert session.scalars(select(Comment.body).order_by(Comment.id)).all() == ["Good", "Very good"]


@pytest.mark.parametrize("headers", [HERE, HTMX])
def test_a_comment_that_comes_after_the_debrief_stays_in_its_form(session, signed_in, idea, alice, now, headers):
    idea.campaign.closes_at, idea.campaign.debriefed_at = now - timedelta(days=1), now
    session.commit()
    address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/comments"
    answer = signed_in(alice).post(address, data={"body": "Too late"}, headers=headers)
    assert answer.status_code == 422
    assert "Too late" in answer.text
    assert "Comments are closed because the debrief is published." in answer.text
    assert session.scalar(select(func.count()).select_from(Comment)) == 0


def test_a_comment_on_an_idea_that_was_withdrawn_meanwhile_can_be_copied(session, signed_in, idea, make_person, now):
    idea.withdrawn_at = now
    session.commit()
    address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/comments"
    answer = send(signed_in(make_person("Dora")), address, "I'd come too")
    assert answer.status_code == 404
    assert "I&#39;d come too" in answer.text
    assert "What you wrote to is no longer there: it was withdrawn or deleted." in answer.text


def test_the_reason_for_closing_a_campaign_that_is_closed_comes_back(signed_in, closed_campaign, alice):
    answer = signed_in(alice).post(f"/campaigns/{closed_campaign.id}/close", data={"reason": "Enough ideas."})
    assert answer.status_code == 422
    assert "Enough ideas." in answer.text
