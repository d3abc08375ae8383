from datetime import UTC, datetime, timedelta

import pytest

from ideas.answers.decision import (
    AnswerIsPublic,
    AnswersGo,
    DecidedInTheFuture,
    Decision,
    DecisionStatus,
    NotARespondent,
    check_answers_stay,
    decide,
    decision_on,
    decisions_in,
    next_undecided,
    respondents,
    withdraw_decision,
)
from ideas.campaigns.team import Role, add_to_team
from ideas.errors import Conflict, EmptyText, TooLong
from ideas.themes.edit import merge_themes
from ideas.themes.theme import Theme
from ideas.themes.undo import undo_edit


@pytest.fixture
def theme(make_theme, closed_campaign):
    return make_theme(closed_campaign, bodies=[])


@pytest.fixture
def answer(session, theme, alice, now):
    def give(**facts):
        return decide(
            session,
            theme,
            **{
                "status": DecisionStatus.PLANNED,
                "reason": "It is in the plan.",
                "respondent": alice,
                "decided_on": now.date(),
                "by": alice,
                "now": now,
            }
            | facts,
        )

    return give


def test_recording_again_replaces_the_answer(session, theme, answer, bob):
    first = answer()
    second = answer(status=DecisionStatus.DONE, reason="  Shipped.  ", respondent=bob)
    assert second is first
    kept = decision_on(session, theme)
    assert (kept.status, kept.reason, kept.respondent) == (DecisionStatus.DONE, "Shipped.", bob)


@pytest.mark.parametrize(("reason", "refusal"), [(" \u200b ", EmptyText), ("x" * 2_001, TooLong)])
def test_an_answer_gives_its_reason(session, theme, answer, reason, refusal):
    with pytest.raises(refusal):
        answer(reason=reason)
    assert decision_on(session, theme) is None


def test_a_refused_correction_leaves_the_answer_as_it_was(session, theme, answer):
    answer()
    with pytest.raises(EmptyText):
        answer(status=DecisionStatus.DECLINED, reason="")
    session.expire_all()
    assert decision_on(session, theme).status is DecisionStatus.PLANNED


def test_who_answers_is_of_the_team(session, closed_campaign, answer, alice, bob, charlie, make_person, now):
    observer = make_person("Olga")
    add_to_team(session, closed_campaign, observer, role=Role.OBSERVER, by=closed_campaign.owner, now=now)
    assert respondents(session, closed_campaign) == [alice, bob]
    for outsider in (charlie, observer):
        with pytest.raises(NotARespondent):
            answer(respondent=outsider)


def test_a_date_is_in_the_future_by_the_persons_own_time_zone(session, answer, alice):
    alice.timezone = "Pacific/Auckland"
    late_in_utc = datetime(2026, 11, 22, 22, tzinfo=UTC)  # already the 23rd in Auckland
    answer(decided_on=datetime(2026, 11, 23, tzinfo=UTC).date(), now=late_in_utc)
    with pytest.raises(DecidedInTheFuture):
        answer(decided_on=datetime(2026, 11, 24, tzinfo=UTC).date(), now=late_in_utc)


def test_a_theme_that_was_merged_away_gets_no_answer(theme, answer, now):
    theme.retired_at = now
    with pytest.raises(Conflict):
        answer()


def test_an_answer_is_withdrawn_only_before_it_is_public(session, theme, closed_campaign, answer, now):
    withdraw_decision(session, answer(), campaign=closed_campaign)
    assert decision_on(session, theme) is None
    again = answer()
    closed_campaign.debriefed_at = now
    with pytest.raises(AnswerIsPublic):
        withdraw_decision(session, again, campaign=closed_campaign)


def test_answers_are_those_of_active_themes(session, theme, closed_campaign, answer, now):
    decision = answer()
    assert decisions_in(session, closed_campaign) == {theme.id: decision}
    theme.retired_at = now
    session.flush()
    assert decisions_in(session, closed_campaign) == {}


def test_after_the_last_theme_the_next_undecided_one_is_the_first(make_theme, closed_campaign):
    first, second, third = (make_theme(closed_campaign, name) for name in ("A", "B", "C"))
    themes = [first, second, third]
    assert next_undecided(themes, set(), after=first) is second
    assert next_undecided(themes, {second.id}, after=first) is third
    assert next_undecided(themes, {third.id}, after=third) is first
    assert next_undecided(themes, {first.id, second.id}, after=third) is None
    assert next_undecided(themes, set(), after=Theme(id=-1)) is first


def test_deleting_a_theme_deletes_its_answer(session, theme, answer, now):
    answer(decided_on=now.date() - timedelta(days=3))
    session.commit()
    session.delete(theme)
    session.commit()
    assert session.query(Decision).count() == 0


def test_a_merge_that_hides_an_answer_warns_and_undoing_it_brings_the_answer_back(
    session, closed_campaign, theme, make_theme, answer, alice, now
):
    other = make_theme(closed_campaign, "Shorter waits")
    given = answer()
    check_answers_stay(session, [other])
    with pytest.raises(AnswersGo, match="Fewer clicks"):
        check_answers_stay(session, [theme, other])
    edit = merge_themes(session, other, others=[theme], by=alice, now=now)
    assert decisions_in(session, closed_campaign) == {}
    undo_edit(session, edit, by=alice, now=now)
    assert decisions_in(session, closed_campaign) == {theme.id: given}
