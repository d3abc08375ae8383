import pytest
from sqlalchemy import select

from ideas.campaigns.health import set_strict
from ideas.contributions.authors.inviting import accept_invitation, invite_co_author
from ideas.contributions.comment import add_comment
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import revise_idea
from ideas.contributions.withheld import Cause, ObjectKind, Outcome, Review, Withheld, review_of
from ideas.errors import NotAllowed, TooLong
from ideas.moderation.review import hide, restore
from ideas.moderation.settings import MAX_WORD_LENGTH, TooManyWords, set_what_is_held
from ideas.organisation.blocked_words import MAX_WORDS
from ideas.organisation.organisation import the_organisation
from ideas.people.sanction import Reason
from ideas.personal_data.personal_data import keeping
from tests.threads import shown_on


@pytest.fixture
def organisation(session):
    return the_organisation(session)


@pytest.fixture
def first_post_held(organisation):
    organisation.first_post_held = True


@pytest.fixture
def submit(session, campaign, now):
    def submit(author, body="An idea", *, within=campaign):
        return submit_idea(session, within, author=author, title="", body=body, now=now)

    return submit


def test_nothing_is_held_unless_the_organisation_says_so(submit, dana):
    assert submit(dana).withheld is None


def test_the_first_text_of_a_newcomer_waits_and_the_next_once_it_is_approved_does_not(
    session, campaign, submit, dana, bob, first_post_held, now
):
    first, second = submit(dana), submit(dana, "Another")
    assert (first.withheld, second.withheld) == (Withheld.WAITING, Withheld.WAITING)
    review = review_of(session, ObjectKind.IDEA, first.id, campaign.id)
    assert (review.cause, review.is_open, review.text) == (Cause.FIRST_POST, True, "An idea")
    restore(session, review, by=bob, now=now)
    assert (first.is_public, review.outcome) == (True, Outcome.APPROVED)
    assert submit(dana, "A third").withheld is None
    assert not second.is_public


def test_a_newcomer_whose_first_text_is_declined_stays_one(session, campaign, submit, dana, bob, first_post_held, now):
    review = review_of(session, ObjectKind.IDEA, submit(dana).id, campaign.id)
    hide(session, review, reason=Reason.ADVERTISING, by=bob, now=now)
    assert submit(dana, "Another").withheld is Withheld.WAITING


def test_a_first_comment_waits_too_and_its_author_sees_it(session, idea, dana, charlie, bob, first_post_held, now):
    held = add_comment(session, idea, author=dana, body="Hello", now=now)
    assert held.withheld is Withheld.WAITING
    assert shown_on(session, idea) == shown_on(session, idea, reader=charlie) == []
    assert shown_on(session, idea, reader=dana) == shown_on(session, idea, reader=bob) == [held]
    assert add_comment(session, idea, author=charlie, body="Mine counts", now=now).withheld is None


def test_an_approved_comment_ends_being_a_newcomer(session, campaign, idea, submit, dana, bob, first_post_held, now):
    held = add_comment(session, idea, author=dana, body="Hello", now=now)
    restore(session, review_of(session, ObjectKind.COMMENT, held.id, campaign.id), by=bob, now=now)
    assert submit(dana).withheld is None


def test_the_team_and_administrators_are_not_held(session, idea, alice, bob, make_person, first_post_held, now):
    for author in (alice, bob, make_person("Ada", is_admin=True)):
        assert add_comment(session, idea, author=author, body="Welcome", now=now).withheld is None


def test_a_blocked_word_holds_a_text_of_anyone_and_a_changed_text(
    session, campaign, submit, idea, charlie, organisation, now
):
    organisation.blocked_words = "clown"
    held = submit(charlie, "Quel C.L.0.W.N")
    assert held.withheld is Withheld.WAITING
    assert review_of(session, ObjectKind.IDEA, held.id, campaign.id).cause is Cause.BLOCKED_WORDS
    revise_idea(session, idea, by=charlie, title="Clown", body="One click", now=now)
    assert idea.withheld is Withheld.WAITING


def test_a_strict_campaign_holds_personal_data_that_their_author_keeps(
    session, campaign, submit, idea, charlie, alice, now
):
    text = "Call me on 06 12 34 56 78"
    kept = keeping([text], health=False)
    assert add_comment(session, idea, author=charlie, body=text, now=now, kept=kept).withheld is None
    set_strict(session, campaign, is_strict=True, by=alice, now=now)
    held = add_comment(session, idea, author=charlie, body=text, now=now, kept=kept)
    assert held.withheld is Withheld.WAITING
    assert review_of(session, ObjectKind.COMMENT, held.id, campaign.id).cause is Cause.PERSONAL_DATA
    revise_idea(session, idea, by=charlie, title="", body=text, now=now, kept=kept)
    assert idea.withheld is Withheld.WAITING
    assert submit(charlie, "A bus on Sundays").withheld is None


def test_a_change_of_a_public_text_is_no_first_text_and_anonymous_ideas_make_known(
    session, campaign, submit, idea, dana, charlie, bob, first_post_held, now
):
    invite_co_author(session, idea, named=dana.email, by=charlie, now=now)
    accept_invitation(session, idea, by=dana, now=now)
    revise_idea(session, idea, by=dana, title="", body="Two clicks", now=now)
    assert idea.is_public
    campaign.allows_anonymous = True
    sent = {"author": dana, "title": "", "is_anonymous": True, "now": now}
    first = submit_idea(session, campaign, body="At night", **sent)
    assert first.withheld is Withheld.WAITING  # an invitation shows no text of theirs
    restore(session, review_of(session, ObjectKind.IDEA, first.id, campaign.id), by=bob, now=now)
    assert submit_idea(session, campaign, body="By day", **sent).withheld is None
    assert submit(dana).withheld is None


def test_a_draft_is_never_held(session, make_campaign, submit, dana, first_post_held, now):
    later = make_campaign(closes_at=now)
    assert submit(dana, within=later).withheld is None
    assert session.scalar(select(Review.id)) is None


def test_administrators_say_what_is_held(session, organisation, make_person, alice, now):
    ada = make_person("Ada", is_admin=True)
    set_what_is_held(session, first_post_held=True, blocked_words=" clown \n\nclown\nidiot", by=ada, now=now)
    assert (organisation.first_post_held, organisation.blocked_words) == (True, "clown\nidiot")
    with pytest.raises(NotAllowed):
        set_what_is_held(session, first_post_held=False, blocked_words="", by=alice, now=now)
    many = "\n".join(f"word{number}" for number in range(MAX_WORDS + 1))
    with pytest.raises(TooManyWords):
        set_what_is_held(session, first_post_held=True, blocked_words=many, by=ada, now=now)
    with pytest.raises(TooLong):
        set_what_is_held(session, first_post_held=True, blocked_words="x" * (MAX_WORD_LENGTH + 1), by=ada, now=now)
