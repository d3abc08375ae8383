import logging
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ideas.campaigns.people.team import Role, add_to_team
from ideas.campaigns.promise import CampaignText, start_campaign
from ideas.contributions.comment import Comment, add_comment
from ideas.contributions.draft import save_draft, submit_idea
from ideas.contributions.idea import Idea, revise_idea
from ideas.contributions.imports.importing import keep_upload
from ideas.contributions.vote import Emotion, cast_vote, react, withdraw_vote
from ideas.people.limit import (
    LIMITS,
    NEW_ACCOUNT_LIMITS,
    LimitCount,
    LimitedAct,
    LimitReached,
    delete_old_counts,
    spend,
    spend_from,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADDRESS = "address 0123"


@pytest.fixture
def old(charlie, now, session):
    """Charlie, whose account is a month old."""
    charlie.created_at = now - timedelta(days=30)
    session.commit()
    return charlie


def acts_until_refused(act, *, most=1_000):
    """How many times it can be done before a limit refuses it."""
    for done in range(most):
        try:
            act(done)
        except LimitReached:
            return done
    raise AssertionError(f"no limit after {most} times")


def test_every_act_has_a_limit_and_a_new_account_a_smaller_one():
    assert set(LIMITS) == set(LimitedAct)
    for act, smaller in NEW_ACCOUNT_LIMITS.items():
        assert [each.within for each in smaller] == [each.within for each in LIMITS[act]]
        assert all(new.most < usual.most for new, usual in zip(smaller, LIMITS[act], strict=True))


@pytest.mark.parametrize("act", [act for act in LimitedAct if act in NEW_ACCOUNT_LIMITS])
def test_the_limit_of_an_account_ends_with_its_hour(session, old, now, act):
    hour = LIMITS[act][0]
    for _ in range(hour.most):
        spend(session, act, by=old, now=now)
    with pytest.raises(LimitReached) as refused:
        spend(session, act, by=old, now=now + HOUR - timedelta(seconds=1))
    assert refused.value.until == now + HOUR
    spend(session, act, by=old, now=now + HOUR)


def test_a_day_has_a_limit_of_its_own(session, old, now):
    hour, day = LIMITS[LimitedAct.SUBMIT]
    for number in range(day.most):
        spend(session, LimitedAct.SUBMIT, by=old, now=now + (number // hour.most) * HOUR)
    with pytest.raises(LimitReached) as refused:
        spend(session, LimitedAct.SUBMIT, by=old, now=now + 20 * HOUR)
    assert refused.value.until == now + DAY


def test_an_account_is_new_for_a_day(session, charlie, now):
    few = NEW_ACCOUNT_LIMITS[LimitedAct.COMMENT][0].most
    assert acts_until_refused(lambda _: spend(session, LimitedAct.COMMENT, by=charlie, now=now)) == few
    spend(session, LimitedAct.COMMENT, by=charlie, now=now + DAY)


def test_each_account_and_each_act_is_counted_apart(session, charlie, bob, now):
    acts_until_refused(lambda _: spend(session, LimitedAct.COMMENT, by=charlie, now=now))
    spend(session, LimitedAct.COMMENT, by=bob, now=now)
    spend(session, LimitedAct.SUBMIT, by=charlie, now=now)


def test_an_address_is_counted_without_an_account(session, now):
    most = LIMITS[LimitedAct.SIGN_UP][0].most
    tried = acts_until_refused(lambda _: spend_from(session, LimitedAct.SIGN_UP, subject=ADDRESS, now=now))
    assert tried == most
    spend_from(session, LimitedAct.SIGN_UP, subject="address 4567", now=now)


def test_what_is_rolled_back_does_not_count(session, old, now):
    for _ in range(LIMITS[LimitedAct.SUBMIT][0].most):
        spend(session, LimitedAct.SUBMIT, by=old, now=now)
        session.rollback()
    spend(session, LimitedAct.SUBMIT, by=old, now=now)


def test_a_clock_that_is_set_back_lengthens_no_window(session, old, now):
    acts_until_refused(lambda _: spend(session, LimitedAct.SUBMIT, by=old, now=now + 400 * DAY))
    spend(session, LimitedAct.SUBMIT, by=old, now=now)
    acts_until_refused(lambda _: spend(session, LimitedAct.SUBMIT, by=old, now=now))
    with pytest.raises(LimitReached):  # a small step back opens no gate either
        spend(session, LimitedAct.SUBMIT, by=old, now=now - timedelta(seconds=5))


def test_a_limit_that_is_reached_is_logged_without_a_name(session, charlie, now, caplog):
    with caplog.at_level(logging.WARNING, logger="ideas.people.limit"):
        acts_until_refused(lambda _: spend(session, LimitedAct.INVITE, by=charlie, now=now))
    [line] = [record.getMessage() for record in caplog.records]
    assert f"invite by person {charlie.id}" in line
    assert "Charlie" not in line


def test_counts_are_deleted_after_two_days(session, charlie, now):
    spend(session, LimitedAct.SUBMIT, by=charlie, now=now - 3 * DAY)
    spend(session, LimitedAct.COMMENT, by=charlie, now=now - DAY)
    assert delete_old_counts(session, now=now) == 2
    acts = select(LimitCount.act).where(LimitCount.act.in_([LimitedAct.SUBMIT, LimitedAct.COMMENT]))
    assert set(session.scalars(acts)) == {LimitedAct.COMMENT}


def test_counting_asks_the_same_number_of_queries_each_time(session, old, now, count_queries):
    def once():
        spend(session, LimitedAct.SUBMIT, by=old, now=now)

    once()
    assert count_queries(once) == count_queries(once) <= 3


# What is counted


def test_a_new_account_submits_a_few_ideas_and_no_more(session, campaign, charlie, now):
    def submit(number):
        submit_idea(session, campaign, author=charlie, title="", body=f"Idea {number}", now=now)
        session.commit()

    few = NEW_ACCOUNT_LIMITS[LimitedAct.SUBMIT][0].most
    assert acts_until_refused(submit) == few
    session.rollback()
    assert session.scalar(select(func.count(Idea.id))) == few


def test_a_form_that_is_sent_twice_counts_once(session, campaign, charlie, now):
    for _ in range(30):
        submit_idea(session, campaign, author=charlie, title="", body="Bus", now=now, form_key="0123456789abcdef")


def test_only_new_drafts_count(session, campaign, charlie, now):
    draft = save_draft(session, campaign, author=charlie, title="", body="B", now=now)
    for number in range(60):
        save_draft(session, campaign, author=charlie, title="", body=f"Bus {number}", now=now, draft=draft)
    more = acts_until_refused(
        lambda number: save_draft(session, campaign, author=charlie, title="", body=f"D {number}", now=now)
    )
    assert more == NEW_ACCOUNT_LIMITS[LimitedAct.DRAFT][0].most - 1


def test_saving_a_draft_again_and_again_has_a_generous_limit(session, campaign, charlie, now):
    """An hour of writing with a save every two seconds fits, also with a new account."""
    draft = save_draft(session, campaign, author=charlie, title="", body="B", now=now)
    most = LIMITS[LimitedAct.SAVE_DRAFT][0].most
    assert most >= 60 * 60 / 2
    assert LimitedAct.SAVE_DRAFT not in NEW_ACCOUNT_LIMITS
    session.add_all(
        LimitCount(
            act=LimitedAct.SAVE_DRAFT, subject=f"person {charlie.id}", seconds=int(each.within.total_seconds()),
            started_at=now, count=most - 3,
        )
        for each in LIMITS[LimitedAct.SAVE_DRAFT]
    )  # fmt: skip
    session.flush()
    kept = acts_until_refused(
        lambda number: save_draft(
            session, campaign, author=charlie, title="", body=f"Bus {number}", now=now, draft=draft
        )
    )
    assert (kept, draft.body) == (3, "Bus 2")


def test_drafts_of_a_campaign_that_is_not_open_count_too(session, closed_campaign, charlie, now):
    kept = acts_until_refused(
        lambda number: submit_idea(session, closed_campaign, author=charlie, title="", body=f"Late {number}", now=now)
    )
    assert kept == NEW_ACCOUNT_LIMITS[LimitedAct.DRAFT][0].most


def test_changes_comments_and_responses_have_limits(session, campaign, idea, bob, charlie, now):
    def change(number):
        revise_idea(session, idea, by=charlie, title="", body=f"Text {number}", now=now)

    def respond(number):
        (cast_vote if number % 2 == 0 else withdraw_vote)(session, idea, by=bob, now=now)
        react(session, idea, by=bob, emotion=Emotion.JOY, now=now)

    new = NEW_ACCOUNT_LIMITS
    assert acts_until_refused(change) == new[LimitedAct.REVISE][0].most
    assert 2 * acts_until_refused(respond) == new[LimitedAct.RESPOND][0].most
    comment = acts_until_refused(lambda number: add_comment(session, idea, author=bob, body=f"C {number}", now=now))
    assert comment == new[LimitedAct.COMMENT][0].most
    session.rollback()
    assert session.scalar(select(func.count(Comment.id))) == 0


def test_campaigns_roles_and_files_have_limits(session, campaign, alice, bob, charlie, now):
    def give(number):
        role = Role.JURY if number % 2 else Role.OBSERVER
        add_to_team(session, campaign, charlie, role=role, by=alice, now=now)

    new = NEW_ACCOUNT_LIMITS
    started = acts_until_refused(
        lambda number: start_campaign(session, owner=alice, text=CampaignText(title=f"T {number}"), now=now)
    )
    assert started == new[LimitedAct.START_CAMPAIGN][0].most
    assert acts_until_refused(give) == new[LimitedAct.INVITE][0].most
    sent = acts_until_refused(
        lambda _: keep_upload(session, campaign, by=bob, filename="f.csv", content=b"text\nBus", preview={}, now=now)
    )
    assert sent == new[LimitedAct.IMPORT][0].most
