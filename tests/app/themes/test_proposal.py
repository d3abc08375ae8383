"""What a new run would change is shown first, and taken whole, in part, or not at all."""

import re

import pytest
from sqlalchemy import select

from clustering.types import Leftover
from ideas.themes.edits.edit import rename_theme
from ideas.themes.edits.history import edit_history
from ideas.themes.edits.move import pin_ideas
from ideas.themes.placement import Placement
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.theme import active_themes
from ideas.work.job import JobKind, enqueue
from ideas.work.lease import claim, finish
from tests.places import at
from tests.runs import found_theme, placed_idea, run_result

NEW = 10_000


@pytest.fixture
def propose(session, grouped, closed_campaign, bob, now):
    """Themes that Bob has named one of, and a run that waits: each theme's last idea would go into a new theme.

    The run has another name for each; Bob's own stays.
    """

    def make(themes=2, campaign=closed_campaign):
        active = grouped(themes, campaign)
        rename_theme(session, active[0], name="Night buses", by=bob, now=now)
        return again(campaign)

    def again(campaign=closed_campaign):
        today = active_themes(session, campaign)
        found = [found_theme(theme.id, f"Later {theme.found_name}", [], [], 0.4, theme.x, theme.y) for theme in today]
        found.append(found_theme(NEW, "Trams <b>", [], [], 0.4, 0.9, 0.9))
        placed = []
        for place, idea in enumerate(session.scalars(select(Placement).where(Placement.campaign_id == campaign.id))):
            moves = idea.theme_id is not None and place % 2
            theme = NEW if moves else idea.theme_id
            placed.append(placed_idea(idea.idea_id, theme, None if theme else Leftover.OUTLIER, 0.8, [], 0.5, 0.5))
        apply_or_propose(session, campaign, run_result(found, placed, new_from=NEW), now=now)
        session.commit()
        return open_proposal(session, campaign)

    make.again = again
    return make


def names(session, campaign):
    session.expire_all()
    return sorted(theme.name for theme in active_themes(session, campaign))


def test_a_proposal_is_announced_beside_the_themes_and_shown_theme_by_theme(propose, closed_campaign, manager):
    propose()
    index = manager.get(at(closed_campaign)).text
    assert "A new grouping needs your approval" in index
    assert f'href="{at(closed_campaign, "/proposal")}"' in index
    page = manager.get(at(closed_campaign, "/proposal")).text
    for words in (
        "3 themes would change.",
        "2 ideas would move.",
        "Trams &lt;b&gt;",
        "New",
        "Shrinks",
        "From “Night buses”",
        "To “Trams &lt;b&gt;”",
        "Body 1",
        "Accept the selected changes",
        "Keep the themes as they are",
    ):
        assert words in page
    assert "You can accept 2 changes." in page
    assert "<span data-count>2</span> of 2 selected" in page
    given = page.partition("Themes that would lose ideas")[2]
    assert given.count('class="diff tone-') == 1, "Bob's theme gives an idea away, and no more"
    assert "Night buses</h2>" in given
    assert page.count('name="key"') == 2
    assert len(re.findall(r"\schecked>", page)) == 3, "all are chosen at first"
    assert "Body 0" not in page, "what stays is not listed"


def test_all_of_it_is_accepted_and_the_history_undoes_it(session, propose, closed_campaign, manager):
    proposal = propose()
    before = names(session, closed_campaign)
    accept = at(closed_campaign, "/proposal/accept")
    answer = manager.post(accept, data={"proposal": proposal.id, "all": "1"})
    assert answer.location == at(closed_campaign)
    page = manager.get(answer.location).text
    assert "Accepted 2 proposed changes." in page
    assert "2 ideas moved." in page
    assert "needs your approval" not in page
    assert names(session, closed_campaign) == ["Later Name 2", "Night buses", "Trams <b>"]
    edit = edit_history(session, closed_campaign)[0]
    assert manager.post(at(closed_campaign, f"/edits/{edit.id}/undo"), data={"history": "yes"}).status_code == 303
    assert names(session, closed_campaign) == before


def test_a_part_of_it_is_accepted(session, propose, closed_campaign, manager):
    proposal = propose()
    known = [str(theme.id) for theme in active_themes(session, closed_campaign)]
    manager.post(at(closed_campaign, "/proposal/accept"), data={"proposal": proposal.id, "key": known})
    assert "Accepted 1 of 2 proposed changes." in manager.get(at(closed_campaign)).text
    assert "Trams <b>" not in names(session, closed_campaign)


def test_accepting_nothing_is_refused_and_changes_nothing(session, propose, closed_campaign, manager):
    proposal = propose()
    answer = manager.post(at(closed_campaign, "/proposal/accept"), data={"proposal": proposal.id})
    assert answer.status_code == 422
    assert "Select at least one change" in answer.text
    assert answer.text.count('data-choose name="key"') == 2
    assert 'name="key" value="-3" checked' not in answer.text
    assert open_proposal(session, closed_campaign) is not None


def test_it_is_declined(session, propose, closed_campaign, manager):
    proposal = propose()
    before = names(session, closed_campaign)
    answer = manager.post(at(closed_campaign, "/proposal/decline"), data={"proposal": proposal.id})
    assert answer.location == at(closed_campaign)
    assert "The themes are unchanged." in manager.get(answer.location).text
    assert names(session, closed_campaign) == before
    assert "No change needs your approval" in manager.get(at(closed_campaign, "/proposal")).text
    declined = manager.get(at(closed_campaign, "/history")).text.partition("Declined groupings")[2]
    assert "was declined." in declined
    assert "Bob, " in declined


@pytest.mark.parametrize("tail", ["accept", "decline"])
def test_an_answer_to_a_proposal_that_a_newer_one_overtook_is_refused(session, propose, closed_campaign, manager, tail):
    old = propose()
    new = propose.again()
    assert new.id != old.id
    address = at(closed_campaign, f"/proposal/{tail}")
    before = {"Referer": "http://localhost" + at(closed_campaign, "/proposal")}
    answer = manager.post(address, data={"proposal": old.id, "all": "1"}, headers=before)
    assert answer.status_code == 303
    assert "These changes can no longer be accepted" in manager.get(answer.location).text
    session.expire_all()
    assert open_proposal(session, closed_campaign).id == new.id
    assert manager.post(address, data={"all": "1"}).status_code == 409
    assert manager.post(address, data={"proposal": "x"}).status_code == 409


def test_what_people_did_since_is_not_proposed_any_more(session, propose, closed_campaign, manager, bob, now):
    propose()
    ideas = session.scalars(select(Placement.idea_id).where(Placement.theme_id.is_not(None))).all()
    pin_ideas(session, closed_campaign, idea_ids=ideas, by=bob, now=now)
    rename_theme(session, active_themes(session, closed_campaign)[1], name="Day buses", by=bob, now=now)
    session.commit()
    page = manager.get(at(closed_campaign, "/proposal")).text
    assert "The new grouping would change nothing that you can see." in page
    assert "Keep the themes as they are" in page


def test_the_end_of_a_run_leads_to_what_it_proposes(session, propose, closed_campaign, manager, now):
    propose()
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    claim(session, now=now)
    finish(session, job.id, fence=1, result={}, now=now)
    session.commit()
    answer = manager.get(at(closed_campaign, "/progress"), headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == at(closed_campaign, "/proposal")


def test_the_number_of_queries_does_not_grow(session, propose, make_campaign, manager, count_queries):
    few, many = make_campaign(), make_campaign()
    counts = []
    for campaign, number in ((few, 3), (many, 30)):
        propose(number, campaign)
        address = at(campaign, "/proposal")
        assert manager.get(address).status_code == 200
        counts.append(count_queries(lambda address=address: manager.get(address)))
    assert counts[0] == counts[1]
