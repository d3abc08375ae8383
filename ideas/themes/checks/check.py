"""A person's answer to “does this idea belong here?”. What they say is done at once, and holds in every later run.

Yes keeps the idea in its theme, no takes it out and forbids it there, elsewhere moves it to another theme. Of an idea
that counts in the theme by a passage alone, this concerns the passage; the idea's main theme stays. These are the edits
of `ideas.themes.edits.move`: recorded, shown in the history, and undone like any other.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.activity.version import ChangedMeanwhile
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.edits.move import forbid, keep_passages, move_ideas, move_passages, pin_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.passage import counting_by_passage
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme


class NoOtherTheme(DomainError):
    message = message_id("Choose the theme where the idea belongs.")


class LeftMeanwhile(ChangedMeanwhile):
    message = message_id("This idea has left the theme in the meantime. Nothing was changed. Here is the next idea.")


class NoCheck(DomainError):
    message = message_id("You have no check to undo.")


class Belongs(StrEnum):
    """Whether an idea belongs in a theme, as a person says."""

    YES = "yes"
    NO = "no"
    ELSEWHERE = "elsewhere"


class IdeaCheck(Base):
    """What a person says of an idea in a theme; the last time counts. `edit`: what it changed, None for nothing.

    `idea_version`: the text that the person read.
    """

    __tablename__ = "idea_check"
    __table_args__ = (UniqueConstraint("idea_id", "theme_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    belongs: Mapped[Belongs] = mapped_column(choice(Belongs))
    idea_version: Mapped[int]
    edit_id: Mapped[int | None] = mapped_column(ForeignKey("theme_edit.id", ondelete="SET NULL"))
    checked_at: Mapped[datetime]

    idea: Mapped[Idea] = relationship()
    theme: Mapped[Theme] = relationship()
    edit: Mapped[ThemeEdit | None] = relationship()


def check_holds() -> ColumnElement[bool]:
    """SQL condition: nobody undid what the check changed, and the idea has the text that was read.

    The query joins IdeaCheck with Idea, and with ThemeEdit (outer).
    """
    return ThemeEdit.undone_at.is_(None) & (IdeaCheck.idea_version == Idea.version)


def check_idea(
    session: Session,
    campaign: Campaign,
    idea: Idea,
    *,
    theme: Theme,
    belongs: Belongs,
    to: Theme | None = None,
    by: Person,
    now: datetime,
    reason: str = "",
) -> IdeaCheck:
    """Note whether the idea belongs in the theme where it counts, and act on it. The owner and facilitators may.

    `to`: where it belongs instead. Where a person had placed the idea, what is said now holds. Raises LeftMeanwhile (it
    is no longer in this theme), NoOtherTheme, Conflict (`to` was retired), PublicAnswersChange (after the debrief, an
    idea moves without a reason).
    """
    lock_campaign(session, campaign)
    placement = session.get(Placement, idea.id, populate_existing=True)
    if placement is None or not idea.is_public:
        raise LeftMeanwhile
    by_passage = placement.theme_id != theme.id
    if by_passage and not counting_by_passage(session, theme, [idea.id]):
        raise LeftMeanwhile
    edit: ThemeEdit | None = None
    if belongs is Belongs.NO:
        edit = forbid(
            session, campaign,
            idea_ids=[idea.id], theme=theme, by=by, now=now, reason=reason, even_placed=True,
        )  # fmt: skip
    elif belongs is Belongs.ELSEWHERE:
        if to is None or to.id == theme.id:
            raise NoOtherTheme
        if by_passage:
            edit = move_passages(
                session, campaign, idea_id=idea.id, theme=theme, to=to, by=by, now=now, reason=reason
            )  # fmt: skip
        else:
            edit = move_ideas(session, campaign, idea_ids=[idea.id], to=to, by=by, now=now, reason=reason)
    elif by_passage:
        edit = keep_passages(session, campaign, idea_id=idea.id, theme=theme, by=by, now=now, reason=reason)
    elif placement.placed_by_id is None:
        edit = pin_ideas(session, campaign, idea_ids=[idea.id], by=by, now=now, reason=reason)
    check = session.scalar(
        select(IdeaCheck).where(
            IdeaCheck.idea_id == idea.id, IdeaCheck.theme_id == theme.id, IdeaCheck.person_id == by.id
        )
    )
    if check is None:
        check = IdeaCheck(campaign_id=campaign.id, idea=idea, theme=theme, person_id=by.id)
        session.add(check)
    check.belongs, check.idea_version, check.edit, check.checked_at = belongs, idea.version, edit, now
    session.flush()
    after = {"belongs": belongs, "idea": idea.id, "theme": theme.name}
    record(session, Verb.CHECKED, check, by=by, now=now, campaign_id=campaign.id, reason=reason, after=after)
    return check


def last_check(session: Session, campaign: Campaign, person: Person) -> IdeaCheck | None:
    """The person's last check in the campaign that holds."""
    return session.scalar(
        select(IdeaCheck)
        .join(Idea, Idea.id == IdeaCheck.idea_id)
        .outerjoin(ThemeEdit, ThemeEdit.id == IdeaCheck.edit_id)
        .where(IdeaCheck.campaign_id == campaign.id, IdeaCheck.person_id == person.id, check_holds())
        .options(joinedload(IdeaCheck.idea), joinedload(IdeaCheck.theme))
        .order_by(IdeaCheck.checked_at.desc(), IdeaCheck.id.desc())
        .limit(1)
    )


def undo_check(session: Session, campaign: Campaign, *, by: Person, now: datetime, reason: str = "") -> int:
    """Undo the person's last check, and what it changed. Returns the number of the idea, which is asked about again.

    The owner and facilitators may. Raises NoCheck, and what `undo_edit` raises.
    """
    lock_campaign(session, campaign)
    check = last_check(session, campaign, by)
    if check is None:
        raise NoCheck
    if check.edit is not None:
        undo_edit(session, check.edit, by=by, now=now, reason=reason)
    before = {"belongs": check.belongs, "idea": check.idea_id, "theme": check.theme.name}
    record(session, Verb.UNDONE, check, by=by, now=now, campaign_id=campaign.id, reason=reason, before=before)
    session.flush()
    session.delete(check)
    session.flush()
    return check.idea_id
