"""Who sanctions whom: moderators in their campaign, administrators everywhere; and who answers an appeal."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.orm import Session, joinedload

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act as CampaignAct
from ideas.campaigns.people.team import is_in_team, may, role_of
from ideas.contributions.comment import Comment, comment_visible_to
from ideas.contributions.idea import Idea, idea_visible_to
from ideas.contributions.withheld import ObjectKind, review_of
from ideas.errors import NotAllowed, message_id
from ideas.moderation.acts.reveal import is_revealed
from ideas.moderation.review import close_for_sanction, moderators
from ideas.people.person import Person
from ideas.people.platform_role import admins, check_not_last_admin
from ideas.people.sanction import Reason, Sanction, SanctionKind, answer_appeal, give_sanction, sanction_in_force


class InTheTeam(NotAllowed):
    message = message_id("This person is in the campaign team. The campaign lead can change their role first.")


class OtherModeratorNeeded(NotAllowed):
    message = message_id(
        "You gave this sanction, so someone else answers the appeal: another moderator, or an administrator."
    )


def takes_part(session: Session, campaign: Campaign, person: Person, *, reader: Person | None) -> bool:
    """True where the reader meets this person in the campaign: by an idea, a comment or a role in its team.

    By an anonymous idea, for a moderator who asked who wrote it.
    """
    if is_in_team(session, campaign, person):
        return True
    idea = exists().where(Idea.author_id == person.id, Idea.campaign_id == campaign.id, idea_visible_to(reader))
    ideas = select(Idea.id).where(Idea.campaign_id == campaign.id, idea_visible_to(reader))
    there = Comment.idea_id.in_(ideas) | (Comment.debrief_id == campaign.id)
    comment = exists().where(Comment.author_id == person.id, there, comment_visible_to(reader))
    return bool(session.scalar(select(idea | comment))) or is_revealed(session, campaign, person, to=reader)


def sanction_person(
    session: Session,
    person: Person,
    kind: SanctionKind,
    *,
    campaign: Campaign | None,
    reason: Reason,
    quote: str,
    words: str,
    by: Person,
    now: datetime,
    ends_at: datetime | None = None,
) -> Sanction:
    """Warn, suspend or ban a person in a campaign, for whoever moderates it; everywhere (None), for administrators.

    Reports on the person in the campaign are dealt with by it.

    The last administrator who may act is neither suspended nor banned from the site: of two who do it to each other at
    once, the second is refused. Raises NotAllowed, InTheTeam, LastAdmin, and what `give_sanction` raises.
    """
    if campaign is None:
        if not by.is_admin:
            raise NotAllowed
    elif not may(role_of(session, campaign, by), CampaignAct.MODERATE, is_admin=by.is_admin):
        raise NotAllowed
    elif person.id != by.id and is_in_team(session, campaign, person):
        raise InTheTeam
    if campaign is None and person.is_admin and kind is not SanctionKind.WARNING and person.id != by.id:
        check_not_last_admin(session, person, now=now)
    given = give_sanction(
        session, person, kind,
        reason=reason, quote=quote, words=words, by=by, now=now, ends_at=ends_at,
        campaign_id=campaign.id if campaign is not None else None,
    )  # fmt: skip
    if campaign is not None and (review := review_of(session, ObjectKind.PERSON, person.id, campaign.id)) is not None:
        close_for_sanction(session, review, reason=reason, by=by, now=now)
    return given


def may_be_banned(session: Session, campaign: Campaign, person: Person, *, now: datetime) -> bool:
    """True where a moderator of the campaign may ban the person there, and nobody has yet."""
    if person.is_admin or person.erased_at is not None or is_in_team(session, campaign, person):
        return False
    found = sanction_in_force(session, person, campaign.id, now=now)
    return found is None or found.kind is not SanctionKind.BAN


def may_answer(session: Session, sanction: Sanction, campaign: Campaign | None, *, by: Person) -> bool:
    """True for a moderator of the campaign, or an administrator, who did not give the sanction.

    Where nobody else is left in the campaign and on the site, whoever gave it answers: no appeal stays unanswered.
    """
    moderates = (
        by.is_admin
        if campaign is None
        else may(role_of(session, campaign, by), CampaignAct.MODERATE, is_admin=by.is_admin)
    )
    if not moderates or sanction.person_id == by.id:
        return False
    if sanction.given_by_id != by.id:
        return True
    others = {person.id for person in (*admins(session), *(moderators(session, campaign) if campaign else ()))}
    return not others - {by.id, sanction.person_id}


def answer(
    session: Session,
    sanction: Sanction,
    campaign: Campaign | None,
    *,
    lifts: bool,
    words: str,
    by: Person,
    now: datetime,
) -> None:
    """Answer an appeal: see `may_answer`. Raises OtherModeratorNeeded, and what `answer_appeal` raises."""
    if not may_answer(session, sanction, campaign, by=by):
        raise OtherModeratorNeeded
    answer_appeal(session, sanction, lifts=lifts, words=words, by=by, now=now)


def open_appeals(session: Session, campaign: Campaign | None) -> Sequence[Sanction]:
    """The appeals that wait for an answer, oldest first: those of the campaign, or all for administrators."""
    here: ColumnElement[bool] = Sanction.campaign_id == campaign.id if campaign is not None else true()
    return session.scalars(
        select(Sanction)
        .where(here, Sanction.appealed_at.is_not(None), Sanction.answered_at.is_(None))
        .options(joinedload(Sanction.person), joinedload(Sanction.given_by))
        .order_by(Sanction.appealed_at)
    ).all()
