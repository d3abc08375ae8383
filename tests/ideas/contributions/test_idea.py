from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from ideas.campaigns.campaign import Campaign
from ideas.contributions import draft as module
from ideas.contributions.draft import (
    AlreadySubmitted,
    SubmittedOtherwise,
    delete_draft,
    drafts_of,
    save_draft,
    submit_idea,
)
from ideas.contributions.idea import (
    MAX_BODY_LENGTH,
    MAX_TITLE_LENGTH,
    Idea,
    IdeaFixed,
    ideas_of,
    own_idea,
    restore_idea,
    revise_idea,
    submitted_ideas,
    withdraw_idea,
)
from ideas.errors import EmptyText, NotAllowed, TooLong

INSTANT = timedelta(microseconds=1)


def submit(session, campaign, author, now, **given):
    return submit_idea(session, campaign, author=author, **{"title": "", "body": "A thought", "now": now} | given)


def count(session):
    return session.scalar(select(func.count(Idea.id)))


def test_an_idea_is_submitted_while_the_campaign_is_open(session, campaign, charlie, now):
    idea = submit(session, campaign, charlie, now, title=" Two\nlines ", body=" Kept\r\nas lines ")
    assert (idea.title, idea.body, idea.submitted_at) == ("Two lines", "Kept\nas lines", now)
    assert idea.is_public
    assert idea.text == "Two lines. Kept\nas lines"


def test_the_instant_of_closing_is_too_late_and_the_text_is_kept(session, campaign, charlie):
    assert submit(session, campaign, charlie, campaign.closes_at - INSTANT).submitted_at
    late = submit(session, campaign, charlie, campaign.closes_at)
    early = submit(session, campaign, charlie, campaign.opens_at - INSTANT)
    assert late.submitted_at is None
    assert early.submitted_at is None
    assert {draft.id for draft in drafts_of(session, charlie)} == {late.id, early.id}


def test_a_closing_that_moved_meanwhile_is_seen(session, campaign, charlie, now):
    session.execute(
        update(Campaign)
        .where(Campaign.id == campaign.id)
        .values(closes_at=now - timedelta(hours=1))
        .execution_options(synchronize_session=False)
    )
    assert campaign.is_open(now), "the loaded object is older than the row"
    assert submit(session, campaign, charlie, now).submitted_at is None


def test_the_same_key_submits_once(session, campaign, charlie, now):
    first = submit(session, campaign, charlie, now, form_key="k" * 22)
    again = submit(session, campaign, charlie, now, form_key="k" * 22)
    assert again is first
    with pytest.raises(SubmittedOtherwise):  # this text must not be lost: the page gives it back
        submit(session, campaign, charlie, now, form_key="k" * 22, body="Another thought")
    assert first.body == "A thought"
    assert count(session) == 1


def test_two_authors_can_use_the_same_form_key(session, campaign, charlie, bob, now):
    submit(session, campaign, charlie, now, form_key="k" * 22)
    submit(session, campaign, bob, now, form_key="k" * 22)
    assert count(session) == 2


def test_of_two_forms_sent_at_once_one_makes_the_draft(session, campaign, charlie, now):
    first = save_draft(session, campaign, author=charlie, title="", body="One", now=now, form_key="k" * 22)
    # The second form looked before the first was there, and comes to add its own.
    second = module._new_draft(session, campaign, charlie, "k" * 22, now)  # noqa: SLF001 -- that very moment
    assert second is first
    assert count(session) == 1


def test_empty_and_over_long_texts_are_refused_and_leave_nothing(session, campaign, charlie, now):
    for body, refusal in (("", EmptyText), ("\u200b", EmptyText), ("x" * (MAX_BODY_LENGTH + 1), TooLong)):
        with pytest.raises(refusal):
            submit(session, campaign, charlie, now, body=body)
    with pytest.raises(TooLong):
        submit(session, campaign, charlie, now, title="t" * (MAX_TITLE_LENGTH + 1))
    with pytest.raises(EmptyText):
        save_draft(session, campaign, author=charlie, title=" ", body="\n", now=now)
    assert count(session) == 0


def test_a_draft_may_lack_its_text_and_changes_until_it_is_submitted(session, campaign, charlie, now):
    draft = save_draft(session, campaign, author=charlie, title="Half", body="", now=now)
    later = now + timedelta(minutes=1)
    assert save_draft(session, campaign, author=charlie, title="Half", body="a", now=later, draft=draft) is draft
    assert draft.updated_at == later
    assert submit(session, campaign, charlie, now, draft=draft) is draft
    with pytest.raises(AlreadySubmitted):
        save_draft(session, campaign, author=charlie, title="", body="too late", now=now, draft=draft)
    assert draft.body == "A thought"


def test_a_draft_belongs_to_its_author(session, campaign, closed_campaign, charlie, bob, now):
    draft = save_draft(session, campaign, author=charlie, title="Mine", body="", now=now)
    with pytest.raises(NotAllowed):
        save_draft(session, campaign, author=bob, title="Ours", body="", now=now, draft=draft)
    with pytest.raises(NotAllowed):
        submit(session, campaign, bob, now, draft=draft)
    with pytest.raises(NotAllowed):
        delete_draft(session, draft, by=bob)
    assert own_idea(session, campaign, draft.id, author=charlie) is draft
    assert own_idea(session, campaign, draft.id, author=bob) is None
    assert own_idea(session, closed_campaign, draft.id, author=charlie) is None
    delete_draft(session, draft, by=charlie)
    assert drafts_of(session, charlie) == []


def test_a_submitted_idea_is_not_deleted_as_a_draft(session, idea, charlie):
    with pytest.raises(AlreadySubmitted):
        delete_draft(session, idea, by=charlie)


def test_only_its_author_changes_an_idea_and_only_while_open(session, idea, charlie, alice, now):
    revise_idea(session, idea, by=charlie, title="", body="Better said", now=now)
    assert idea.text == "Better said"
    closing = idea.campaign.closes_at
    for act in (
        lambda by, at: revise_idea(session, idea, by=by, title="", body="Other", now=at),
        lambda by, at: withdraw_idea(session, idea, by=by, now=at),
        lambda by, at: restore_idea(session, idea, by=by, now=at),
    ):
        with pytest.raises(NotAllowed):
            act(alice, now)
        with pytest.raises(IdeaFixed):
            act(charlie, closing)
    assert idea.is_public
    assert idea.body == "Better said"


def test_a_draft_is_not_revised_as_an_idea(session, campaign, charlie, now):
    draft = save_draft(session, campaign, author=charlie, title="Half", body="", now=now)
    with pytest.raises(NotAllowed):
        revise_idea(session, draft, by=charlie, title="", body="Whole", now=now)


def test_a_withdrawn_idea_no_longer_counts_and_comes_back(session, campaign, idea, charlie, now):
    assert session.scalars(submitted_ideas(campaign)).all() == [idea]
    withdraw_idea(session, idea, by=charlie, now=now)
    session.flush()
    assert session.scalars(submitted_ideas(campaign)).all() == []
    assert ideas_of(session, charlie) == [idea]
    restore_idea(session, idea, by=charlie, now=now)
    session.flush()
    assert session.scalars(submitted_ideas(campaign)).all() == [idea]


def test_a_late_autosave_does_not_change_an_idea_that_was_just_submitted(session, campaign, charlie, now):
    draft = save_draft(session, campaign, author=charlie, title="", body="Half a", now=now)
    # The request that submits commits while the one that keeps the draft is under way.
    sent = update(Idea).where(Idea.id == draft.id).values(submitted_at=now, body="The whole sentence")
    session.execute(sent.execution_options(synchronize_session=False))
    assert draft.submitted_at is None
    with pytest.raises(AlreadySubmitted):
        save_draft(session, campaign, author=charlie, title="", body="Half a sent", now=now, draft=draft)
    with pytest.raises(SubmittedOtherwise):
        submit_idea(session, campaign, author=charlie, title="", body="Half a sent", now=now, draft=draft)
    assert draft.body == "The whole sentence"
