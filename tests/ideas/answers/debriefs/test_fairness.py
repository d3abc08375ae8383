import pytest

from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.debriefs.fairness import (
    Fairness,
    NotAsked,
    NotPublishedYet,
    WhyUnfair,
    count_fairness,
    fairness_reasons,
    said_by,
    say_fair,
)
from ideas.errors import TooLong


@pytest.fixture
def debrief(session, closed_campaign, make_theme, give_answer, alice, now):
    give_answer(make_theme(closed_campaign, "Fewer clicks", bodies=("One click.",)))
    return write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)


def test_participants_say_whether_a_published_debrief_is_fair_and_may_change_it(
    session, closed_campaign, debrief, make_person, alice, bob, charlie, now
):
    def say(person, is_fair, reason="", seen=0):
        return say_fair(session, closed_campaign, is_fair=is_fair, reason=reason, by=person, now=now, seen=seen)

    with pytest.raises(NotPublishedYet):
        say(charlie, is_fair=True)
    publish_debrief(session, debrief, by=alice, now=now)
    for person in (alice, bob):  # the team
        with pytest.raises(NotAsked):
            say(person, is_fair=True)
    for wrong, error in (("", WhyUnfair), (" \n", WhyUnfair), ("x" * 1_001, TooLong)):
        with pytest.raises(error):
            say(charlie, is_fair=False, reason=wrong)
    say(charlie, is_fair=True)
    rose = make_person("Rose")
    say(rose, is_fair=False, reason="Nothing on trains.")
    counts = count_fairness(session, closed_campaign)
    assert (counts.fair, counts.unfair, counts.earlier, counts.total) == (1, 1, 0, 2)
    assert [said.reason for said in fairness_reasons(session, closed_campaign)] == ["Nothing on trains."]
    write_debrief(session, closed_campaign, body="Trains.", by=alice, now=now, change_reason="Trains were missing.")
    assert say(rose, is_fair=True, reason="It is.", seen=1).version == 1  # they read the text before
    say(rose, is_fair=True, reason="Now it is.")
    counts = count_fairness(session, closed_campaign)
    assert (counts.fair, counts.unfair, counts.earlier) == (2, 0, 1)
    assert said_by(session, closed_campaign, rose).reason == "Now it is."
    assert session.query(Fairness).count() == 2
