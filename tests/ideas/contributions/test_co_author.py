import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.activity.version import versions_of
from ideas.answers.debriefs.figures import contributor_ids
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState
from ideas.contributions.authors.inviting import (
    MAX_CO_AUTHORS,
    AlreadyCoAuthor,
    InvitationAnswered,
    NobodyFound,
    NotCoAuthor,
    OwnCoAuthor,
    SeveralFound,
    TooManyCoAuthors,
    accept_invitation,
    decline_invitation,
    invitations_to,
    invite_co_author,
    invited_to,
    leave_idea,
    remove_co_author,
)
from ideas.contributions.authors.people import co_authors_of, people_of
from ideas.contributions.comment import add_comment
from ideas.contributions.idea import (
    Idea,
    IdeaFixed,
    ideas_of,
    revise_idea,
    withdraw_idea,
)
from ideas.contributions.talk.mention import offered_names
from ideas.contributions.vote import OwnIdea, cast_vote, responses
from ideas.errors import NotAllowed
from ideas.moderation.acts.merge import merge_ideas
from ideas.outreach.follow import follow, is_following
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rule_for, rules_for
from ideas.recognition.points import points_of
from ideas.spaces.audience import Audience


@pytest.fixture
def dora(make_person):
    return make_person("Dora Lind")


@pytest.fixture
def join(session, idea, charlie, now):
    """Invite somebody to Charlie's idea, and have them accept."""

    def act(person, to=idea):
        invite_co_author(session, to, named=person.name, by=charlie, now=now)
        accept_invitation(session, to, by=person, now=now)
        session.commit()

    return act


def told_of_last(session):
    """Who is told of the last act, and as what."""
    session.commit()
    act = session.scalars(select(Activity).order_by(Activity.id.desc())).first()
    return recipients(session, act, rule_for(act)), rule_for(act).kind


def test_an_author_invites_a_member_by_name_or_address_and_each_answer_is_told(session, idea, charlie, dora, now):
    invite_co_author(session, idea, named="@dora lind ", by=charlie, now=now)
    assert told_of_last(session) == ([dora.id], "co_authored")
    assert invitations_to(session, [idea.id], dora) == [idea]
    assert co_authors_of(session, [idea.id]) == {}
    assert [one.name for one in invited_to(session, idea)] == ["Dora Lind"]
    with pytest.raises(AlreadyCoAuthor) as refused:
        invite_co_author(session, idea, named=dora.email, by=charlie, now=now)
    assert refused.value.values == {"name": dora.email}  # and not whose it is
    decline_invitation(session, idea, by=dora, now=now)
    assert told_of_last(session) == ([charlie.id], "co_authored")
    with pytest.raises(InvitationAnswered):
        accept_invitation(session, idea, by=dora, now=now)
    invite_co_author(session, idea, named=dora.email.upper(), by=charlie, now=now)
    session.commit()
    assert [(one.person_id, one.name) for one in invited_to(session, idea)] == [(dora.id, "")]
    accept_invitation(session, idea, by=dora, now=now)
    assert told_of_last(session) == ([charlie.id], "co_authored")
    assert co_authors_of(session, [idea.id]) == {idea.id: [dora]}
    leave_idea(session, idea, by=dora, now=now)
    assert told_of_last(session) == ([charlie.id], "co_authored")
    with pytest.raises(NotCoAuthor):
        leave_idea(session, idea, by=dora, now=now)
    invite_co_author(session, idea, named=dora.name, by=charlie, now=now)
    remove_co_author(session, idea, dora, by=charlie, now=now)
    assert told_of_last(session) == ([dora.id], "co_authored")
    assert session.scalars(select(CoAuthor.state)).all() == [CoAuthorState.REMOVED]
    with pytest.raises(InvitationAnswered):
        accept_invitation(session, idea, by=dora, now=now)


def test_who_may_not_be_invited_and_who_may_not_invite(session, idea, alice, bob, charlie, dora, make_person, now):
    def refused(error, named, by=charlie):
        with pytest.raises(error):
            invite_co_author(session, idea, named=named, by=by, now=now)

    make_person("Dora Lind", email="other@example.org")
    refused(SeveralFound, "Dora Lind")
    refused(NobodyFound, "Nobody Here")
    refused(NobodyFound, "nobody@example.org")
    refused(OwnCoAuthor, charlie.email)
    refused(NotAllowed, dora.email, by=alice)
    with pytest.raises(NotAllowed):
        remove_co_author(session, idea, dora, by=bob, now=now)
    with pytest.raises(InvitationAnswered):
        accept_invitation(session, idea, by=dora, now=now)
    # Who does not see the campaign is answered as who has no account.
    idea.campaign.audience = Audience.INVITED
    session.flush()
    refused(NobodyFound, dora.email)
    idea.campaign.audience = Audience.MEMBERS
    for number in range(MAX_CO_AUTHORS):
        invite_co_author(session, idea, named=make_person(f"Writer {number}").email, by=charlie, now=now)
    refused(TooManyCoAuthors, dora.email)
    idea.campaign.closes_at = now
    refused(IdeaFixed, dora.email)


def test_a_co_author_edits_like_the_author_and_the_history_names_who(session, idea, charlie, dora, bob, join, now):
    with pytest.raises(NotAllowed):
        revise_idea(session, idea, by=dora, title="", body="Two clicks.", now=now)
    join(dora)
    revise_idea(session, idea, by=dora, title="", body="Two clicks.", now=now)
    assert [version.by_id for version in versions_of(session, "idea", idea.id)] == [dora.id, charlie.id]
    with pytest.raises(NotAllowed):
        withdraw_idea(session, idea, by=dora, now=now)
    assert (ideas_of(session, dora), ideas_of(session, bob)) == ([idea], [])
    leave_idea(session, idea, by=dora, now=now)
    with pytest.raises(NotAllowed):
        revise_idea(session, idea, by=dora, title="", body="Three clicks.", now=now)


def test_a_co_author_is_an_author_wherever_authors_are_asked_for(
    session, idea, charlie, dora, alice, bob, make_idea, make_person, join, now
):
    """Also where the idea is merged into another one. The points of an idea are the author's alone."""
    cast_vote(session, idea, by=dora, now=now)
    join(dora)
    for person in (dora, charlie):
        with pytest.raises(OwnIdea):
            cast_vote(session, idea, by=person, now=now)
    follow(session, idea, by=dora, now=now)
    assert not is_following(session, idea, dora)
    assert responses(session, [idea], reader=dora)[idea.id].own
    assert sorted(contributor_ids(session, idea.campaign_id)) == sorted([charlie.id, dora.id])
    add_comment(session, idea, author=bob, body="Gladly", now=now)
    session.commit()
    act = session.scalars(select(Activity).where(Activity.object_kind == "comment")).one()
    told = {person: rule.kind for rule in rules_for(act) for person in recipients(session, act, rule)}
    assert (told[charlie.id], told[dora.id]) == ("idea_commented", "idea_commented")
    earned = {person.id: sum(one.points for one in points_of(session, person)) for person in (charlie, dora)}
    assert earned == {charlie.id: 10, dora.id: 0}

    kept = make_idea(idea.campaign, make_person("Eve"), "A click less.")
    merge_ideas(session, idea, into=kept, by=alice, reason="The same.", now=now)
    assert {charlie.id, dora.id} < set(told_of_last(session)[0])
    with pytest.raises(OwnIdea):
        cast_vote(session, kept, by=dora, now=now)
    assert responses(session, [kept], reader=dora)[kept.id].own
    both = session.scalars(people_of((Idea.id == kept.id) | (Idea.merged_into_id == kept.id)).order_by("person_id"))
    assert both.all() == sorted([charlie.id, dora.id, kept.author_id])
    idea.campaign.audience = Audience.SPACES
    session.flush()
    assert offered_names(session, idea.campaign, "Dora", by=alice) == []
