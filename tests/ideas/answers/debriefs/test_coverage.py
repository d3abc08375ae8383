from datetime import timedelta

import pytest

from clustering.types import Leftover
from ideas.answers.debriefs.coverage import coverage_of, named_themes, rests_on_debrief
from ideas.answers.debriefs.debrief import write_debrief
from ideas.answers.debriefs.quotes import quotations, quoted_ideas
from ideas.answers.decision import promise_answers
from ideas.answers.idea_list import Filters, Unplaced, list_ideas
from ideas.contributions.withheld import Withheld
from ideas.themes.passage import Passage
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme


def left(session, idea, kind=Leftover.OUTLIER):
    session.add(Placement(idea_id=idea.id, campaign_id=idea.campaign_id, leftover=kind))
    session.flush()


def numbers(coverage):
    return coverage.rests_on, coverage.ideas


def test_it_rests_on_themes_with_an_answer_or_a_name_and_on_what_it_quotes(
    session, closed_campaign, make_theme, make_idea, give_answer, alice, now
):
    answered = make_theme(closed_campaign, "Fewer clicks", bodies=("One click to confirm.", "Two at most."))
    named = make_theme(closed_campaign, "Quiet rooms for calls", bodies=("A door that closes.",))
    promised = make_theme(closed_campaign, "More light", bodies=("Lamps.", "Windows.", "Mirrors."))
    alone = make_idea(closed_campaign, None, "A slide between the two floors, for everyone who is late.")
    left(session, alone)
    give_answer(answered)
    assert numbers(coverage_of(session, closed_campaign, "Thanks.")) == (2, 7)
    promise_answers(session, closed_campaign, dates={promised.id: now.date() + timedelta(days=9)}, by=alice, now=now)
    body = "You spoke of *quiet rooms\nfor calls*.\n\n> A slide between the two floors…\n"
    found = coverage_of(session, closed_campaign, body)
    assert numbers(found) == (4, 7)  # a promised answer is none
    assert set(found.basis.named.values()) == {named.id}
    assert (found.largest.theme, found.largest.count) == (promised, 3)
    assert not found.basis.unknown
    whole = coverage_of(session, closed_campaign, body + "and more light")
    assert (numbers(whole), whole.largest, whole.others) == ((7, 7), None, 0)


def test_an_idea_counts_by_its_passages_and_only_ideas_that_everyone_may_read_count(
    session, closed_campaign, make_theme, make_idea, give_answer, now
):
    answered = make_theme(closed_campaign, "Fewer clicks", bodies=("One click.",))
    open_theme = make_theme(closed_campaign, "More light", bodies=("Lamps and one click.", "Lamps.", "Windows."))
    both, _lamps, windows = (
        place.idea for place in session.query(Placement).filter_by(theme_id=open_theme.id).order_by(Placement.idea_id)
    )
    give_answer(answered)
    assert numbers(coverage_of(session, closed_campaign, "")) == (1, 4)
    session.add(Passage(idea_id=both.id, theme_id=answered.id, start=10, end=20, strength=0.6, version=both.version))
    session.flush()
    by_passage = coverage_of(session, closed_campaign, "")
    assert (numbers(by_passage), by_passage.largest.count) == ((2, 4), 2)
    both.version += 1  # the passage is of an earlier text
    session.flush()
    assert numbers(coverage_of(session, closed_campaign, "")) == (1, 4)
    windows.merged_into_id = both.id
    session.flush()
    assert numbers(coverage_of(session, closed_campaign, "")) == (1, 3)
    quoted = make_idea(closed_campaign, None, "Please put the plants nearer to the windows.")
    quoted.merged_into_id = both.id
    session.flush()
    body = "> Please put the plants nearer to the windows."
    merged = coverage_of(session, closed_campaign, body)
    assert (numbers(merged), list(merged.basis.quoted.values())) == ((2, 3), [both.id])  # the one that counts for it
    quoted.withdrawn_at = now
    session.flush()
    gone = coverage_of(session, closed_campaign, body)
    assert (numbers(gone), len(gone.basis.unknown)) == ((1, 3), 1)
    quoted.withdrawn_at, quoted.withheld, both.withheld = None, Withheld.HIDDEN, Withheld.HIDDEN
    session.flush()
    hidden = coverage_of(session, closed_campaign, body)
    assert (numbers(hidden), hidden.largest.count) == ((1, 2), 1)


def test_the_largest_group_may_be_left_over_or_not_placed_and_its_list_agrees(
    session, closed_campaign, make_theme, make_idea, give_answer, alice, now
):
    give_answer(make_theme(closed_campaign, "Fewer clicks", bodies=("One click.",)))
    alone = [make_idea(closed_campaign, None, f"Alone {number}") for number in range(2)]
    for idea in alone:
        left(session, idea)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)

    def listed(**asked):
        return list_ideas(session, closed_campaign, reader=None, filters=Filters(**asked)).total

    found = coverage_of(session, closed_campaign, debrief.body)
    assert (found.largest.leftover, found.largest.count) == (Leftover.OUTLIER, 2)
    assert listed(left=Leftover.OUTLIER, rested_on=False) == 2
    for number in range(3):
        make_idea(closed_campaign, None, f"New {number}")
    found = coverage_of(session, closed_campaign, debrief.body)
    assert (found.largest.theme, found.largest.leftover, found.largest.count) == (None, None, 3)
    assert listed(left=Unplaced.WAITING, rested_on=False) == 3
    assert (listed(rested_on=True), listed(rested_on=False)) == (found.rests_on, found.others)
    assert listed(imported=True) == 5


def test_answers_that_propose_nothing_are_counted_apart(session, closed_campaign, make_theme, make_idea, alice, now):
    make_theme(closed_campaign, "More light", bodies=("Lamps.", "Windows."))
    for kind in (Leftover.NOTHING, Leftover.NOTHING, Leftover.NOTHING, Leftover.AGREES, Leftover.DISAGREES):
        left(session, make_idea(closed_campaign, None, "I have no opinion on this, thank you."), kind)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    found = coverage_of(session, closed_campaign, debrief.body)
    assert (numbers(found), found.others, found.no_proposals) == ((0, 2), 2, 5)
    assert (found.largest.theme.name, found.largest.count) == ("More light", 2)
    for wanted, expected in ((True, found.rests_on), (False, found.others)):
        assert list_ideas(session, closed_campaign, reader=None, filters=Filters(rested_on=wanted)).total == expected
    named = coverage_of(session, closed_campaign, "You asked for *more light*.")
    assert (numbers(named), named.largest, named.no_proposals) == ((2, 2), None, 5)


def test_without_a_debrief_nothing_rests_on_it(session, closed_campaign, campaign, idea):
    assert rests_on_debrief(session, closed_campaign) is None
    assert list_ideas(session, campaign, reader=None, filters=Filters(rested_on=True)).total == 1
    assert coverage_of(session, closed_campaign, "Nothing here").largest is None


@pytest.mark.one_database
def test_a_theme_is_named_by_its_whole_name_and_a_single_word_only_where_it_is_marked():
    bus, sunday, car = (
        Theme(id=number, found_name=name) for number, name in ((1, "Bus"), (2, "Bus du dimanche"), (3, "C*r (2)"))
    )
    themes = [bus, sunday, car]

    def named(body):
        return sorted(named_themes(body, themes).values())

    for body, expected in (
        ("Le bus est en retard.", []),
        ("Le thème **Bus** a sa réponse.", [1]),
        ("Le thème «\u202fbus\u202f» et “Bus”", [1, 1]),
        ("**Bus du dimanche** : oui", [2]),
        ("Le bus  du\ndimanche", [2]),
        ("Les abribus du dimanches", []),
        (r"Voici C\*r \(2\) et Bus", [3]),
        ("", []),
    ):
        assert named(body) == expected, body


def test_a_quotation_is_of_the_one_idea_that_has_its_words(session, campaign, make_idea):
    whole = make_idea(campaign, None, "More bicycle racks at the station.")
    longer = make_idea(campaign, None, "More bicycle racks at the station. And a roof above them, please.")
    titled = make_idea(campaign, None, "The one on the left is always full.", title="Bins & benches")
    copies = [make_idea(campaign, None, "Free coffee on every single Monday") for _ in range(2)]
    found = {}
    for words in (
        "> More bicycle racks at the station.",
        "> … and a *roof* above them, please",
        "> Bins & benches. The one […] always full.",
        "> full, always, is the left one on the",
        "> bicycle racks at the station",
        "«\u202fthe one on the LEFT is always…\u202f»",
        "> Free coffee on every single Monday",
        "> Short",
    ):
        quoted = quoted_ideas(session, campaign, quotations(words))
        found[words] = next(iter(quoted.values()), None)
    assert list(found.values()) == [whole.id, longer.id, titled.id, None, None, titled.id, copies[0].id, None]
