"""After an erasure, the name, the address and the texts are nowhere, and results stay as they were."""

import io
import logging

import openpyxl
import pytest
from sqlalchemy import func, select

from app.clock import now as clock
from ideas.accounts.identity import sign_up
from ideas.activity.activity import Activity, Verb, first_broken, record
from ideas.answers.debriefs.debrief import Debrief
from ideas.answers.debriefs.figures import figures
from ideas.campaigns.people.team import Role, RoleState, TeamMember, add_to_team
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, search_ideas
from ideas.contributions.imports.importing import IdeaImport
from ideas.contributions.vote import Reaction, Vote
from ideas.people.person import Person, find_person
from ideas.privacy.erase import rehearse
from ideas.privacy.erasure import Contents
from ideas.search import read_query
from ideas.themes.passage import counted
from ideas.work.vector import TextVector
from tests.app.privacy.conftest import ADDRESS, FORMER, NAME, SENTENCE, TEXTS

TOKENS = ("zylberstein", "eloise.z")


def test_deleted_contents_are_nowhere(app, session, eloise, traces, erase_now, places_of, caplog, now, bob):
    record(session, Verb.CHANGED, traces, by=bob, reason=f"As {NAME} asked", after={"who": NAME}, now=now)
    session.commit()
    caplog.set_level(logging.DEBUG)
    words = (NAME, ADDRESS, "Quimperlé", *TOKENS, *TEXTS, SENTENCE, FORMER, "velvet ropes", "azalea")
    assert len(places_of(words)) > 20, "before, they are in many places"
    erase_now(eloise, Contents.DELETE)
    assert places_of(words, caplog.text) == set()
    assert first_broken(session) is None


def test_without_a_name_the_texts_stay(session, nameless, eloise, traces, erase_now, places_of, campaign):
    erase_now(eloise, Contents.ANONYMISE)
    assert places_of((NAME, ADDRESS, "Quimperlé", *TOKENS, "velvet ropes")) == set()
    assert session.get(Idea, traces.id).body == TEXTS[2]
    assert session.get(Idea, traces.id).author.name == nameless
    assert [idea.body for idea in search_ideas(session, campaign, read_query("turquoise")).rows] == [TEXTS[1]]


@pytest.mark.parametrize("contents", Contents)
def test_results_of_a_closed_campaign_stay(session, eloise, traces, erase_now, closed_campaign, contents):
    before = figures(session, closed_campaign)
    in_themes = session.scalar(select(func.count()).select_from(counted(campaign_id=closed_campaign.id).subquery()))
    erase_now(eloise, contents)
    assert figures(session, closed_campaign) == before
    after = session.scalar(select(func.count()).select_from(counted(campaign_id=closed_campaign.id).subquery()))
    assert after == in_themes
    body = session.scalar(select(Debrief.body))
    assert "{{ ideas }} ideas." in body
    assert (TEXTS[2] in body) == (contents is Contents.ANONYMISE)


def test_in_an_open_campaign_deleted_contents_no_longer_count(session, eloise, traces, erase_now, campaign):
    erase_now(eloise, Contents.DELETE)
    found = figures(session, campaign)
    assert (found.ideas, found.votes, found.comments) == (1, 0, 0)
    assert session.scalars(select(Vote.idea_id)).all() == session.scalars(select(Reaction.idea_id)).all() != []
    assert session.scalar(select(func.count()).select_from(Comment)) == 3, "the rows stay"


def test_the_rehearsal_shows_what_the_certificate_counts(session, eloise, traces, erase_now):
    found = rehearse(session, eloise, with_mentions=True)
    assert found["idea.author_id"] == 3
    assert found["message.person_id"] == 1
    assert found["mentions"] >= 5
    erasure = erase_now(eloise, Contents.DELETE)
    # The request itself came after the rehearsal, and its mail.
    assert {name: erasure.counts[name] for name in found if name not in {"mentions", "activity.actor_id"}} == {
        name: count for name, count in found.items() if name not in {"mentions", "activity.actor_id"}
    }
    assert erasure.counts["mails_on_disk"] == 2


def test_a_file_that_waits_to_be_imported_is_deleted_where_it_has_the_address(
    session, eloise, erase_now, campaign, bob, now
):
    for cells in (["A ramp", f"Ask {ADDRESS.upper()}"], ["A lift", f"Ask not.{ADDRESS}"]):
        content = workbook(["text", cells[0]], ["Contact", cells[1]])
        upload = {"campaign_id": campaign.id, "person_id": bob.id, "filename": "ideas.xlsx", "created_at": now}
        session.add(IdeaImport(**upload, content=content))
    session.add(IdeaImport(**upload | {"filename": "broken.xlsx"}, content=b"PK no workbook"))
    session.commit()
    erasure = erase_now(eloise, Contents.ANONYMISE)
    assert [one.content for one in session.scalars(select(IdeaImport))] == [content]
    assert erasure.counts["waiting_files"] == 2, "one that can't be read may have it too"


def workbook(*columns) -> bytes:
    """Sheets of one column each."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for cells in columns:
        sheet = book.create_sheet()
        for cell in cells:
            sheet.append([cell])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_signing_up_again_meets_nothing_of_before(session, eloise, traces, erase_now, now):
    erase_now(eloise, Contents.ANONYMISE)
    assert find_person(session, ADDRESS) is None
    facts = {"locale": "fr", "timezone": "Europe/Paris", "organisation": "Convergence", "rules_accepted": True}
    again = sign_up(session, email=ADDRESS, name=NAME, password="a quince, a lute, a kite", now=now, **facts)
    session.commit()
    assert again.id != eloise.id
    assert rehearse(session, again).keys() <= {
        "person.id",
        "identity.person_id",
        "activity.actor_id",
        "consent.person_id",
    }


def test_a_name_that_two_people_have_stays_in_texts(
    session, nameless, make_person, make_idea, campaign, charlie, erase_now
):
    first = make_person("Rose Ndiaye", email="rose1@example.org")
    make_person("Rose NDIAYE", email="rose2@example.org")
    idea = make_idea(campaign, charlie, "As Rose Ndiaye says, by rose1@example.org")
    erase_now(first, Contents.DELETE)
    assert session.get(Idea, idea.id).body == f"As Rose Ndiaye says, by {nameless}"


def test_vectors_of_texts_that_nobody_says_any_more_are_gone(session, eloise, traces, erase_now):
    erase_now(eloise, Contents.DELETE)
    assert session.scalar(select(func.count()).select_from(TextVector)) == 0


def test_a_log_that_is_changed_after_an_erasure_is_found(session, nameless, eloise, traces, erase_now, bob, now):
    record(session, Verb.CHANGED, traces, by=bob, reason=f"As {NAME} asked", now=now)
    session.commit()
    erase_now(eloise, Contents.ANONYMISE)
    redacted = session.scalars(select(Activity).where(Activity.is_redacted)).all()
    assert [act.reason for act in redacted] == [f"As {nameless} asked"]
    redacted[0].reason = "As nobody asked"
    session.commit()
    assert first_broken(session) == redacted[0].id


def test_a_role_in_a_team_ends_and_its_holder_still_counts_in_no_figure(session, eloise, traces, erase_now, alice, now):
    member = add_to_team(session, traces.campaign, eloise, role=Role.JURY, by=alice, now=now)
    session.commit()
    before = figures(session, traces.campaign)
    erase_now(eloise, Contents.ANONYMISE)
    assert session.get(TeamMember, member.id).state(clock()) is RoleState.ENDED
    assert figures(session, traces.campaign) == before


def test_no_list_and_no_notice_knows_an_erased_account(session, eloise, traces, erase_now):
    erase_now(eloise, Contents.ANONYMISE)
    person = session.get(Person, eloise.id)
    assert (person.headline, person.is_admin, person.verified_at) == ("", False, None)
    assert person.email.endswith("@erased.invalid")
