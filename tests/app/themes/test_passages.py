"""Pages of ideas that ask for several things: each counts in its themes, its passage marked there."""

from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from ideas.answers.decision import DecisionStatus, decide
from ideas.contributions.idea import Idea
from ideas.themes.checks.sample import Drawn, SampledIdea
from ideas.themes.edits.edit import rename_theme
from ideas.themes.edits.history import edit_history
from ideas.themes.passage import load_passages
from ideas.themes.placement import Placement
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import active_themes
from tests.places import at
from tests.runs import apply_run, found_theme, placed_idea, run_result, with_passages

BUSES, RACKS = "More buses at night.", "Racks for bicycles <at> the station."


@pytest.fixture
def asking(session, closed_campaign, make_ideas, charlie, now):
    """Buses and bicycles, with `number` ideas each; as many ideas of the buses ask for bicycles too."""

    def ask(number=1, campaign=closed_campaign):
        texts = [{"body": f"{BUSES} {RACKS} {n}"} for n in range(number)]
        texts += [{"body": f"Buses {n}"} for n in range(number)] + [{"body": f"Bicycles {n}"} for n in range(number)]
        ideas = make_ideas(campaign, charlie, texts)
        found = [
            found_theme(1, "Buses", ["buses"], definition="Buses should run at night.", x=0.2),
            found_theme(2, "Bicycles", ["bicycles"], x=0.8),
        ]
        placed = [placed_idea(idea.id, 1 if n < 2 * number else 2, None, 0.8) for n, idea in enumerate(ideas)]
        start = len(BUSES) + 1
        asked = {idea: [(1, 0, len(BUSES), 0.9), (2, start, start + len(RACKS), 0.6)] for idea in ideas[:number]}
        apply_run(session, campaign, with_passages(run_result(found, placed), asked), now=now)
        session.commit()
        return active_themes(session, campaign), ideas[0]

    return ask


def words(page):
    return " ".join(unescape(page.text).split())


def test_a_theme_lists_the_ideas_of_other_themes_with_their_passage_marked(asking, closed_campaign, manager):
    (buses, bicycles), _idea = asking()
    page = manager.get(at(closed_campaign, f"/{bicycles.id}"))
    assert "2 ideas, 1 of them also in other themes" in words(page)
    assert "<mark>Racks for bicycles &lt;at&gt; the station.</mark>" in page.text
    assert "Main theme: Buses" in page.text
    assert page.text.index("Bicycles 0") < page.text.index("Ideas of other themes that also ask for this")
    page = manager.get(at(closed_campaign, f"/{buses.id}"))
    assert "<mark>More buses at night.</mark>" in page.text, "also in its main theme"
    assert "Also in: Bicycles" in page.text
    assert "Ideas of other themes" not in page.text


def test_a_theme_without_ideas_of_its_own_lists_those_of_others(session, asking, closed_campaign, manager):
    (_buses, bicycles), _idea = asking()
    last = session.scalars(select(Idea).where(Idea.body == "Bicycles 0")).one()
    session.get(Placement, last.id).theme_id = None
    session.get(Placement, last.id).leftover = "outlier"
    session.commit()
    page = words(manager.get(at(closed_campaign, f"/{bicycles.id}")))
    assert "1 idea, also in other themes" in page
    assert "Ideas of other themes that also ask for this" in page


def test_only_ideas_of_the_theme_can_be_selected_others_can_be_kept_out(session, asking, closed_campaign, manager):
    (_buses, bicycles), idea = asking()
    address = at(closed_campaign, f"/{bicycles.id}")
    page = manager.get(address).text
    assert page.count('data-choose name="idea"') == 1
    sent = {"idea": idea.id, "back": str(bicycles.id)}
    answer = manager.post(f"{address}/forbid", data=sent)
    assert (answer.status_code, answer.location) == (303, address)
    page = words(manager.get(address))
    assert "Ideas of other themes" not in page
    assert "Kept 1 idea out of “Bicycles”" in page
    assert load_passages(session, closed_campaign) == {idea.id: load_passages(session, closed_campaign)[idea.id][:1]}
    (edit,) = edit_history(session, closed_campaign)
    manager.post(at(closed_campaign, f"/edits/{edit.id}/undo"), data={"back": str(bicycles.id)})
    assert "Ideas of other themes" in manager.get(address).text


def test_the_list_and_the_map_count_the_same_and_the_total_counts_each_idea_once(asking, closed_campaign, manager):
    asking(2)
    page = words(manager.get(at(closed_campaign)))
    assert 'aria-label="Buses: 4 ideas"' in page
    assert 'aria-label="Bicycles: 4 ideas"' in page
    assert page.count("2 also in other themes") == 2
    assert "It counts once in the total." in page
    assert '<dd class="figure__value">6</dd>' in page


def test_where_no_idea_asks_for_two_things_nothing_is_said_of_it(grouped, closed_campaign, manager):
    theme, _other = grouped()
    assert "in the total" not in manager.get(at(closed_campaign)).text
    assert "also in other themes" not in manager.get(at(closed_campaign, f"/{theme.id}")).text


def test_a_theme_shows_its_definition_as_people_wrote_it(asking, closed_campaign, manager):
    (buses, bicycles), _idea = asking()
    said = "“Buses should run at night.”"
    for tail in ("", f"/{buses.id}", f"/{buses.id}/decision"):
        assert said in manager.get(at(closed_campaign, tail)).text
    assert "“”" not in manager.get(at(closed_campaign, f"/{bicycles.id}")).text


def test_the_page_of_an_idea_names_its_themes_with_their_answers(
    session, asking, closed_campaign, signed_in, client, manager, charlie, alice, now
):
    (_buses, bicycles), idea = asking()
    decide(
        session, bicycles, status=DecisionStatus.PLANNED, reason="In March.", respondent=alice, decided_on=now.date(),
        by=alice, now=now,
    )  # fmt: skip
    session.commit()
    address = f"/campaigns/{closed_campaign.id}/ideas/{idea.id}"
    page = words(manager.get(address))
    assert "Themes of this idea" in page
    assert page.index("Buses") < page.index("No answer yet") < page.index("Bicycles</a>") < page.index("Planned")
    assert "“More buses at night.”" in page
    assert "“Racks for bicycles <at> the station.”" in page
    for reader in (signed_in(charlie), client):
        assert "Themes of this idea" not in reader.get(address).text, "not before the debrief"
    closed_campaign.debriefed_at = now
    session.commit()
    assert "Themes of this idea" in client.get(address).text
    mine = words(signed_in(charlie).get("/me"))
    assert mine.index("Buses") < mine.index("Your idea also counts in another theme") < mine.index("Planned")


def test_the_page_of_an_idea_of_one_theme_names_it_without_its_words(session, asking, closed_campaign, manager):
    asking()
    idea = session.scalars(select(Idea).where(Idea.body == "Bicycles 0")).one()
    page = words(manager.get(f"/campaigns/{closed_campaign.id}/ideas/{idea.id}"))
    assert "Theme of this idea" in page
    assert "“Bicycles 0”" not in page


def test_an_idea_without_a_theme_names_none(session, grouped, closed_campaign, manager):
    grouped()
    idea = session.scalars(select(Idea).where(Idea.body == "Outlier idea")).one()
    assert "of this idea" not in manager.get(f"/campaigns/{closed_campaign.id}/ideas/{idea.id}").text


@pytest.mark.parametrize("tail", ["themes", "themes/{theme}", "themes/{theme}?all=yes", "ideas/{idea}"])
def test_the_number_of_queries_does_not_grow_with_the_passages(asking, make_campaign, manager, count_queries, tail):
    counts = []
    for number in (1, 12):
        campaign = make_campaign()
        (_buses, bicycles), idea = asking(number, campaign)
        address = f"/campaigns/{campaign.id}/{tail.format(theme=bicycles.id, idea=idea.id)}"
        assert manager.get(address).status_code == 200
        counts.append(count_queries(lambda address=address: manager.get(address)))
    assert counts[0] == counts[1]


def test_a_long_list_ends_with_the_ideas_of_other_themes(asking, closed_campaign, manager):
    (_buses, bicycles), _idea = asking(12)
    address = at(closed_campaign, f"/{bicycles.id}")
    first = manager.get(address)
    assert "24 ideas, 12 of them also in other themes" in words(first)
    assert "Show 12 more ideas" in first.text
    assert "Ideas of other themes" not in first.text
    assert manager.get(f"{address}?all=yes").text.count("Main theme: Buses") == 12


def test_a_proposal_names_the_ideas_that_would_count_in_another_theme(
    session, asking, closed_campaign, manager, alice, now
):
    (buses, bicycles), _idea = asking()
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    placements = session.scalars(select(Placement).order_by(Placement.idea_id)).all()
    found = [found_theme(one.id, one.name, [], definition=f"{one.found_name}, please.") for one in (buses, bicycles)]
    placed = [placed_idea(one.idea_id, one.theme_id, None, 0.8) for one in placements]
    apply_or_propose(session, closed_campaign, run_result(found, placed), now=now + timedelta(hours=1))
    session.commit()
    page = manager.get(at(closed_campaign, "/proposal"))
    assert "Ideas of other themes that would no longer count here" in words(page)
    assert "Main theme: Night buses" in words(page)
    assert "“Bicycles, please.”" in words(page)
    sent = {"proposal": open_proposal(session, closed_campaign).id, "all": "1"}
    assert manager.post(at(closed_campaign, "/proposal/accept"), data=sent).status_code == 303
    assert "also in other themes" not in words(manager.get(at(closed_campaign, f"/{bicycles.id}")))


def test_a_check_of_a_passage_shows_it_marked_with_the_definition_of_the_theme(
    session, asking, closed_campaign, manager, now
):
    (buses, bicycles), idea = asking()
    facts = {"drawn": Drawn.RANDOM, "place": 1, "by_passage": True}
    run = latest_run(session, closed_campaign)
    session.add(SampledIdea(run_id=run.id, idea_id=idea.id, theme_id=bicycles.id, **facts))
    bicycles.definition = "Bicycles need racks."
    session.commit()
    page = manager.get(at(closed_campaign, "/check"))
    assert "<mark>Racks for bicycles &lt;at&gt; the station.</mark>" in page.text
    assert "The marked part counts here. The main theme of the idea is “Buses”." in words(page)
    assert "“Bicycles need racks.”" in words(page)
    sent = {"theme": bicycles.id, "to": buses.id}
    assert manager.post(at(closed_campaign, f"/check/{idea.id}"), data=sent).status_code == 303
    session.expire_all()
    assert load_passages(session, closed_campaign) == {}
    assert session.get(Placement, idea.id).theme_id == buses.id
