"""Photos and documents in the form of an idea, without JavaScript: chosen, described, kept, shown, taken off."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import func, select

from ideas.campaigns.form_field import FieldKind, FieldText, add_field
from ideas.contributions.files.idea_file import IdeaFile
from ideas.contributions.idea import Idea
from ideas.contributions.withheld import Withheld
from ideas.files import File
from ideas.people.limit import LimitedAct, LimitReached
from tests import documents
from tests.documents import photo

pytestmark = pytest.mark.one_database


@pytest.fixture
def place(campaign):
    return f"/campaigns/{campaign.id}/ideas"


def chosen(content=None, name="banc.jpg", **facts):
    return {"new_file": (io.BytesIO(content or photo()), name), **facts}


def status(browser, address):
    return browser.get(address, buffered=True).status_code


def waiting(page):
    return re.findall(r'name="waiting" value="(\d+)"', page.text)


def test_a_photo_is_chosen_kept_while_the_text_is_refused_and_shown_to_whoever_sees_the_idea(
    session, client, signed_in, place, uploads, alice, bob, charlie
):
    browser, shows = signed_in(charlie), "A wall in the sun"
    refused = browser.post(f"{place}/new", data=chosen(body="", act="submit", new_alternative=shows))
    assert refused.status_code == 422
    [number] = waiting(refused)
    assert f'value="{shows}"' in refused.text
    assert status(browser, f"/files/{number}") == 200
    assert status(signed_in(bob), f"/files/{number}") == 404
    about = {"waiting": number, f"alternative_{number}": shows}
    # Another one: a document, with the button that goes on writing.
    added = browser.post(f"{place}/new", data=chosen(documents.PDF, "plan.pdf", body="A bench", act="add_file") | about)
    assert (added.status_code, waiting(added)) == (200, [number, waiting(added)[1]])
    preview = browser.post(f"{place}/new", data=about | {"body": "A bench", "act": "preview"})
    assert "Photos and documents" in preview.text
    kept = browser.post(f"{place}/new", data=about | {"body": "A bench", "act": "keep"})
    assert kept.status_code == 303
    draft = session.scalars(select(Idea)).one()
    one = session.get(IdeaFile, int(number))
    assert (one.idea_id, one.alternative) == (draft.id, shows)
    pictures = [f"/files/{one.file_id}", f"/files/{one.small_id}"]

    def read(reader):
        return [status(reader, address) for address in pictures]

    # Of a draft, for its author alone; then for everyone who sees the idea; withheld, for its author and the team.
    assert (read(browser), read(signed_in(alice)), read(client)) == ([200] * 2, [404] * 2, [404] * 2)
    sent = {"body": "A bench", "act": "submit", f"alternative_{number}": shows}
    browser.post(f"{place}/new?draft={draft.id}", data=sent)
    page, cards = client.get(f"{place}/{draft.id}").text, client.get(place).text
    assert f'src="{pictures[1]}" alt="{shows}"' in page
    assert f'src="{pictures[1]}" alt="{shows}"' in cards
    assert read(client) == [200] * 2
    with Image.open(io.BytesIO(client.get(pictures[1], buffered=True).data)) as small:
        assert (small.format, max(small.size), dict(small.getexif())) == ("WEBP", 480, {})
    session.refresh(draft)
    for column, value in (("withheld", Withheld.HIDDEN), ("withdrawn_at", draft.submitted_at)):
        setattr(draft, column, value)
        session.commit()
        assert (read(client), read(signed_in(bob)), read(browser)) == ([404] * 2, [200] * 2, [200] * 2)
        setattr(draft, column, None)
        session.commit()
    # Taken off by its author: it is gone at once, from the disk too, and the earlier text names it.
    edit = f"{place}/{draft.id}/edit"
    assert f"take_off_{number}" in browser.get(edit).text
    off = {"body": "A bench", "version": 1, f"take_off_{number}": "y"}
    assert "banc.webp" in browser.post(edit, data=off | {"act": "preview"}).text
    assert browser.post(edit, data=off).status_code == 303
    assert read(browser) == [404] * 2
    stored = session.scalars(select(File.stored_as).where(File.id.in_([one.file_id, one.small_id]))).all()
    assert not [name for name in stored if (uploads / name).exists()]
    assert f"banc.webp ({shows})" in client.get(f"{place}/{draft.id}/versions").text


def test_a_refused_file_is_said_beside_its_control_and_an_autosave_takes_nothing_off(
    session, signed_in, place, charlie
):
    browser = signed_in(charlie)
    refused = browser.post(f"{place}/new", data=chosen(documents.HTML, "a.html", body="A bench", act="submit"))
    assert refused.status_code == 422
    assert "This file is not accepted." in refused.text
    assert session.scalar(select(Idea.id)) is None
    [number] = waiting(browser.post(f"{place}/new", data=chosen(act="add_file")))
    form = {"body": "A bench", "form_key": "k" * 20, "waiting": number}
    assert browser.post(f"{place}/save", data=form).status_code == 200
    assert browser.post(f"{place}/save", data=form | {f"take_off_{number}": "y"}).status_code == 200
    assert session.get(IdeaFile, int(number)).idea_id is not None
    # The same form is sent: the photo belongs to its draft by now.
    assert browser.post(f"{place}/new", data=form | {"act": "submit"}).status_code == 303
    idea = session.scalars(select(Idea)).one()
    assert f"/files/{session.get(IdeaFile, int(number)).small_id}" in browser.get(f"{place}/{idea.id}").text
    # Another text with the same form is offered as a change, and the file that came with it too.
    offered = browser.post(f"{place}/new", data=form | chosen(body="Two benches", act="submit"))
    assert (f"{place}/{idea.id}/edit" in offered.text, len(waiting(offered))) == (True, 2)


def test_a_field_that_asks_for_a_file_is_on_every_form_of_an_idea(
    session, signed_in, campaign, place, make_idea, bob, charlie, now
):
    text = FieldText(label="Plan of the place", is_required=True)
    field = add_field(session, campaign, kind=FieldKind.FILE, text=text, by=bob, now=now)
    session.commit()
    assert "Add a file" in signed_in(bob).get(f"/campaigns/{campaign.id}/fields").text
    plan = {f"file_{field.id}": (io.BytesIO(documents.PDF), "plan.pdf")}
    for who, address, more in ((charlie, "new", {"act": "submit"}), (bob, "for-another", {"name": "Camille"})):
        browser, sent = signed_in(who), {"body": f"A bench for {who.name}", "form_key": "k" * 20} | more
        assert "Plan of the place" in browser.get(f"{place}/{address}").text
        refused = browser.post(f"{place}/{address}", data=sent)
        assert (refused.status_code, "“Plan of the place” is required." in refused.text) == (422, True)
        assert browser.post(f"{place}/{address}", data=sent | plan).status_code == 303
        plan = {f"file_{field.id}": (io.BytesIO(documents.PDF), "plan.pdf")}
    for idea in session.scalars(select(Idea)).all():
        page = signed_in(charlie).get(f"{place}/{idea.id}").text
        assert "Plan of the place" in page
        assert "plan.pdf" in page
    make_idea(campaign, bob, "A tree without a plan")
    page = signed_in(charlie).get(place).text
    assert ("With a file (2)" in page, "Without a file (1)" in page) == (True, True)
    for value, words in (("with", "With a file"), ("without", "Without a file")):
        page = signed_in(charlie).get(f"{place}?field-{field.id}={value}").text
        assert ("A tree without a plan" in page) is (value == "without")
        assert f"Plan of the place · {words}" in page


def test_a_file_that_is_gone_is_said_before_the_idea_is_published_without_it(session, signed_in, place, charlie):
    browser, sent = signed_in(charlie), {"body": "A bench", "act": "submit", "form_key": "k" * 20}
    refused = browser.post(f"{place}/new", data=sent | {"waiting": 4_000})
    assert (refused.status_code, "A file is no longer there. Choose it again." in refused.text) == (422, True)
    # An autosave says so too, and keeps the text.
    kept = browser.post(f"{place}/save", data=sent | {"waiting": 4_000})
    assert (kept.status_code, session.scalar(select(Idea.body))) == (422, "A bench")
    assert browser.post(f"{place}/new", data=sent).status_code == 303


def test_no_file_is_looked_into_where_the_limit_is_reached_or_the_idea_is_fixed(
    session, signed_in, campaign, place, make_idea, charlie, now, monkeypatch
):
    drawn = []
    monkeypatch.setattr("app.views.contributions.files.accept", lambda *_given: drawn.append(1))
    idea, browser = make_idea(campaign, charlie, "A bench"), signed_in(charlie)

    def reached(*_args, **_facts):
        raise LimitReached(LimitedAct.SEND_FILE, until=now)

    with monkeypatch.context() as limited:
        limited.setattr("app.views.contributions.files.count_sent", reached)
        assert browser.post(f"{place}/new", data=chosen(body="A bench", act="submit")).status_code in {422, 429}
    campaign.closes_at = now
    session.commit()
    answer = browser.post(f"{place}/{idea.id}/edit", data=chosen(body="Two benches", version=1))
    assert (answer.status_code, "Two benches" in answer.text, drawn) == (422, True, [])
    assert session.scalar(select(func.count()).select_from(IdeaFile)) == 0
