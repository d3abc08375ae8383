"""What a person proposes in a campaign: first a draft, then submitted, perhaps withdrawn."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base
from ideas.campaigns.campaign import Campaign, hold
from ideas.errors import DomainError, EmptyText, NotAllowed, message_id
from ideas.page import Page, page_at
from ideas.people.person import MAX_NAME_LENGTH, Person
from ideas.text import clean_line, optional, required
from ideas.work.job import JobKind, enqueue

MAX_TITLE_LENGTH = 120
MAX_BODY_LENGTH = 5_000
MAX_KEY_LENGTH = 80
# Longer than any words worth looking for.
MAX_SEARCH_LENGTH = 100


class CampaignClosed(DomainError):
    message = message_id("This campaign is closed to new ideas. Your text is saved as a draft.")


class CampaignNotOpen(DomainError):
    message = message_id("This campaign is not open yet. Your text is saved as a draft.")


class IdeaFixed(DomainError):
    message = message_id("You can only change an idea while the campaign is open.")


class AlreadySubmitted(DomainError):
    message = message_id("This idea is already published.")


class Idea(Base):
    __tablename__ = "idea"
    __table_args__ = (
        UniqueConstraint("campaign_id", "import_key"),
        UniqueConstraint("author_id", "form_key"),
        Index("ix_idea_campaign_id_submitted_at", "campaign_id", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    # An imported idea may name someone who has no account.
    author_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), default="")
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    # The file's own identifier, or one made from the text: importing twice adds nothing.
    import_key: Mapped[str | None] = mapped_column(String(MAX_KEY_LENGTH))
    # Made with the empty form: a double click submits once.
    form_key: Mapped[str | None] = mapped_column(String(MAX_KEY_LENGTH))

    campaign: Mapped[Campaign] = relationship()
    author: Mapped[Person | None] = relationship()

    @property
    def text(self) -> str:
        """Title and body as one text: what is grouped and searched."""
        return f"{self.title}. {self.body}" if self.title and self.body else self.title or self.body

    @property
    def is_public(self) -> bool:
        return self.submitted_at is not None and self.withdrawn_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaPage(Page):
    ideas: Sequence[Idea]


def save_draft(
    session: Session,
    campaign: Campaign,
    *,
    author: Person,
    title: str,
    body: str,
    now: datetime,
    draft: Idea | None = None,
    form_key: str | None = None,
) -> Idea:
    """Keep a text that is not submitted, at any time of the campaign. Anyone signed in may, for themselves.

    The same `form_key` again changes the draft that was kept with it.
    Raises EmptyText (neither title nor text) or TooLong; NotAllowed for another person's draft; AlreadySubmitted.
    """
    title, body = optional(clean_line(title), max_length=MAX_TITLE_LENGTH), optional(body, max_length=MAX_BODY_LENGTH)
    if not (title or body):
        raise EmptyText
    draft = _draft_in_hand(session, campaign, author, draft, form_key, now)
    if draft.submitted_at is not None:
        raise AlreadySubmitted
    draft.title, draft.body, draft.updated_at = title, body, now
    session.flush()
    return draft


def submit_idea(
    session: Session,
    campaign: Campaign,
    *,
    author: Person,
    title: str,
    body: str,
    now: datetime,
    draft: Idea | None = None,
    form_key: str | None = None,
) -> Idea:
    """Submit an idea to an open campaign. Anyone signed in may.

    Outside the campaign's time the text is kept all the same, as a draft: look at `submitted_at`.
    The same `form_key` again returns the idea that was submitted with it.
    Raises EmptyText or TooLong; NotAllowed for another person's draft.
    """
    title, body = optional(clean_line(title), max_length=MAX_TITLE_LENGTH), required(body, max_length=MAX_BODY_LENGTH)
    hold(session, campaign, shared=True)  # nobody moves the closing between the look at the clock and the commit
    idea = _draft_in_hand(session, campaign, author, draft, form_key, now)
    if idea.submitted_at is not None:
        return idea
    idea.title, idea.body, idea.updated_at = title, body, now
    if campaign.is_open(now):
        idea.submitted_at = now
        ask_for_places(session, campaign, now=now)
    session.flush()
    return idea


def ask_for_places(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Let ideas that came or changed be placed among the themes at once, where there are some."""
    if campaign.grouped_at is not None:
        enqueue(session, JobKind.PLACE_IDEAS, campaign, now=now)


def check_may_change(idea: Idea, *, by: Person, now: datetime) -> None:
    """A submitted idea changes by its author's hand while its campaign is open. Raises NotAllowed, IdeaFixed."""
    if idea.author_id != by.id or idea.submitted_at is None:
        raise NotAllowed
    if not idea.campaign.is_open(now):
        raise IdeaFixed


def revise_idea(session: Session, idea: Idea, *, by: Person, title: str, body: str, now: datetime) -> None:
    """Change a submitted idea while its campaign is open. Only the author may.

    Raises NotAllowed, IdeaFixed, EmptyText or TooLong.
    """
    _hold_to_change(session, idea, by=by, now=now)
    idea.title = optional(clean_line(title), max_length=MAX_TITLE_LENGTH)
    idea.body = required(body, max_length=MAX_BODY_LENGTH)
    idea.updated_at = now
    ask_for_places(session, idea.campaign, now=now)
    session.flush()


def withdraw_idea(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Take an idea back while its campaign is open; only its author may. Raises NotAllowed, IdeaFixed."""
    _hold_to_change(session, idea, by=by, now=now)
    idea.withdrawn_at = now
    session.flush()


def restore_idea(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Undo a withdrawal while the campaign is open. Only the author may. Raises NotAllowed, IdeaFixed."""
    _hold_to_change(session, idea, by=by, now=now)
    idea.withdrawn_at = None
    ask_for_places(session, idea.campaign, now=now)
    session.flush()


def _hold_to_change(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Let nobody close the campaign, group its ideas or find their places until the commit: see `check_may_change`."""
    hold(session, idea.campaign, shared=True)
    check_may_change(idea, by=by, now=now)


def delete_draft(session: Session, draft: Idea, *, by: Person) -> None:
    """Throw a draft away. Only its author may. Raises NotAllowed, AlreadySubmitted."""
    if draft.author_id != by.id:
        raise NotAllowed
    if draft.submitted_at is not None:
        raise AlreadySubmitted
    session.delete(draft)


def is_submitted() -> ColumnElement[bool]:
    """The condition under which an idea counts: submitted and not withdrawn."""
    return Idea.submitted_at.is_not(None) & Idea.withdrawn_at.is_(None)


def revised_since(session: Session, campaign: Campaign, instant: datetime) -> set[int]:
    """The campaign's ideas that say something else since: what was found by their words of before is not theirs."""
    return set(session.scalars(select(Idea.id).where(Idea.campaign_id == campaign.id, Idea.updated_at > instant)))


def submitted_ideas(campaign: Campaign) -> Select[Idea]:
    """The campaign's ideas that count, oldest first: in the order of the pipeline."""
    return select(Idea).where(Idea.campaign_id == campaign.id, is_submitted()).order_by(Idea.id)


def contains(words: str) -> ColumnElement[bool]:
    """The condition under which an idea's title or text contains these words."""
    words = clean_line(words)[:MAX_SEARCH_LENGTH]
    return Idea.title.icontains(words, autoescape=True) | Idea.body.icontains(words, autoescape=True)


def idea_page(
    session: Session,
    campaign: Campaign,
    *,
    number: int,
    size: int = 20,
    containing: str = "",
) -> IdeaPage:
    """A page of the campaign's ideas, newest first; `containing` keeps those with these words.

    A number beyond the end gives the last page.
    """
    matching = submitted_ideas(campaign)
    if containing:
        matching = matching.where(contains(containing))
    total = session.scalar(select(func.count()).select_from(matching.order_by(None).subquery())) or 0
    page = page_at(number, size=size, total=total)
    found = session.scalars(
        matching.order_by(None)
        .order_by(Idea.id.desc())
        .options(joinedload(Idea.author))
        .limit(size)
        .offset((page.number - 1) * size)
    ).all()
    return IdeaPage(ideas=found, **asdict(page))


def drafts_of(session: Session, person: Person) -> Sequence[Idea]:
    """What the person wrote and did not submit, latest first."""
    return session.scalars(
        select(Idea)
        .where(Idea.author_id == person.id, Idea.submitted_at.is_(None))
        .options(joinedload(Idea.campaign))
        .order_by(Idea.updated_at.desc())
    ).all()


def own_idea(session: Session, campaign: Campaign, idea_id: int, *, author: Person) -> Idea | None:
    """What the person wrote in this campaign under this number, draft or not."""
    return session.scalar(
        select(Idea).where(Idea.id == idea_id, Idea.campaign_id == campaign.id, Idea.author_id == author.id)
    )


def ideas_of(session: Session, person: Person) -> Sequence[Idea]:
    """What the person submitted, in any campaign, latest first, with withdrawn ideas."""
    return session.scalars(
        select(Idea)
        .where(Idea.author_id == person.id, Idea.submitted_at.is_not(None))
        .options(joinedload(Idea.campaign))
        .order_by(Idea.submitted_at.desc())
    ).all()


def _draft_in_hand(
    session: Session, campaign: Campaign, author: Person, draft: Idea | None, form_key: str | None, now: datetime
) -> Idea:
    """The draft to write on, held until the commit: a late word from the form must not change a submitted idea.

    Raises NotAllowed for another person's.
    """
    draft = draft or _by_form_key(session, author, form_key) or _new_draft(session, campaign, author, form_key, now)
    if draft.author_id != author.id:
        raise NotAllowed
    session.refresh(draft, with_for_update={"of": Idea})
    return draft


def _new_draft(session: Session, campaign: Campaign, author: Person, form_key: str | None, now: datetime) -> Idea:
    draft = Idea(campaign=campaign, author=author, created_at=now, updated_at=now, form_key=form_key)
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:  # the same form, sent twice at once: the other one was quicker
        kept = _by_form_key(session, author, form_key)
        if kept is None:
            raise
        return kept
    return draft


def _by_form_key(session: Session, author: Person, form_key: str | None) -> Idea | None:
    if not form_key:
        return None
    return session.scalar(select(Idea).where(Idea.author_id == author.id, Idea.form_key == form_key))
