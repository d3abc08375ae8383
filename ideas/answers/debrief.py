"""The debrief: a text to the community, with figures that are filled in when it is read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, ForeignKey, Select, Text, bindparam, case, func, select, union
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.answers.action import Action, actions_in, update_follow_through
from ideas.answers.decision import Decision, decisions_in
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, State, lock_campaign
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, is_submitted
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import optional
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme, ThemeCard, theme_cards
from ideas.work.job import JobKind, enqueue

MAX_BODY_LENGTH = 30_000
# The token that is replaced by the list of themes with their decisions.
DECISIONS = "decisions"

_TOKEN = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_DECISIONS_PLACE = re.compile(r"\{\{\s*" + DECISIONS + r"\s*\}\}")


class NotClosedYet(DomainError):
    message = message_id("The campaign is still open. You can publish the debrief after its closing date.")


class NothingDecided(DomainError):
    message = message_id("Answer at least one theme before you publish the debrief.")


class NothingWritten(DomainError):
    message = message_id("Write the text of the debrief before you publish it.")


class UnknownFigure(DomainError):
    message = message_id("There is no figure called “%(name)s”. Use the figures listed under the text.")


class AlreadyPublished(DomainError):
    message = message_id("This debrief is already published.")


class Debrief(Base):
    __tablename__ = "debrief"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    campaign: Mapped[Campaign] = relationship()


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a campaign."""

    people: int
    ideas: int
    votes: int
    comments: int
    themes: int
    decided: int


FIGURE_NAMES = tuple(Figures.__dataclass_fields__)
# A figure with its noun, as the reader's language has it: “1 idea”, “12 ideas”.
LABEL_NAMES = tuple(f"{name}_label" for name in FIGURE_NAMES)


def figures(session: Session, campaign: Campaign) -> Figures:
    """The campaign's figures now. `people`: who wrote, commented, supported or reacted, each counted once."""
    counts = session.execute(_figures_query(), {"campaign_id": campaign.id}).mappings().one()
    people = counts["accounts"] + counts["names"]
    return Figures(people=people, **{name: counts[name] for name in FIGURE_NAMES if name != "people"})


@cache  # building the query takes longer than running it
def _figures_query() -> Select[Any]:
    """The counts of the campaign `campaign_id`, in one query."""
    this: BindParameter[int] = bindparam("campaign_id")
    counted = (Idea.campaign_id == this) & is_submitted()
    of_theme = (Theme.campaign_id == this) & Theme.retired_at.is_(None)
    counts: dict[str, Select[Any]] = {
        "accounts": select(func.count()).select_from(_contributors_query().subquery()),
        # Imported ideas name people who have no account.
        "names": select(func.count(Idea.author_name.distinct())).where(
            counted, Idea.author_id.is_(None), Idea.author_name != ""
        ),
        "ideas": select(func.count(Idea.id)).where(counted),
        "votes": select(func.count()).join_from(Vote, Idea, Idea.id == Vote.idea_id).where(counted),
        "comments": select(func.count())
        .join_from(Comment, Idea, Idea.id == Comment.idea_id)
        .where(counted, Comment.withdrawn_at.is_(None)),
        "themes": select(func.count(Theme.id)).where(of_theme),
        "decided": select(func.count()).join_from(Decision, Theme, Theme.id == Decision.theme_id).where(of_theme),
    }
    return select(*(count.scalar_subquery().label(name) for name, count in counts.items()))


@cache
def _contributors_query() -> CompoundSelect[Any]:
    """The accounts that wrote, commented, supported or reacted in the campaign `campaign_id`, each once."""
    counted = (Idea.campaign_id == bindparam("campaign_id")) & is_submitted()
    return union(
        select(Idea.author_id).where(counted, Idea.author_id.is_not(None)),
        select(Comment.author_id).join(Idea, Idea.id == Comment.idea_id).where(counted, Comment.withdrawn_at.is_(None)),
        select(Vote.person_id).join(Idea, Idea.id == Vote.idea_id).where(counted),
        select(Reaction.person_id).join(Idea, Idea.id == Reaction.idea_id).where(counted),
    )


@dataclass(frozen=True, slots=True)
class Turnout:
    """Ideas and people of a campaign, for its card. Counted as in `figures`."""

    ideas: int = 0
    people: int = 0


def turnouts(session: Session, campaigns: Sequence[Campaign]) -> dict[int, Turnout]:
    """The turnout of each of these campaigns by campaign id, in two queries."""
    ids = [campaign.id for campaign in campaigns]
    counted = is_submitted() & Idea.campaign_id.in_(ids)
    took_part = union(
        select(Idea.campaign_id, Idea.author_id.label("person_id")).where(counted, Idea.author_id.is_not(None)),
        *(
            select(Idea.campaign_id, person_id.label("person_id")).join(Idea, Idea.id == idea_id).where(counted, *also)
            for idea_id, person_id, also in (
                (Comment.idea_id, Comment.author_id, (Comment.withdrawn_at.is_(None),)),
                (Vote.idea_id, Vote.person_id, ()),
                (Reaction.idea_id, Reaction.person_id, ()),
            )
        ),
    ).subquery()
    per_campaign = session.execute(select(took_part.c.campaign_id, func.count()).group_by(took_part.c.campaign_id))
    accounts = {campaign_id: count for campaign_id, count in per_campaign}  # noqa: C416 -- dict() would take rows by their keys
    name_alone = case((Idea.author_id.is_(None) & (Idea.author_name != ""), Idea.author_name))
    written = session.execute(
        select(Idea.campaign_id, func.count(), func.count(name_alone.distinct()))
        .where(counted)
        .group_by(Idea.campaign_id)
    )
    found = dict.fromkeys(ids, Turnout())
    for campaign_id, ideas, names in written:
        found[campaign_id] = Turnout(ideas=ideas, people=accounts.get(campaign_id, 0) + names)
    return found


@dataclass(frozen=True, slots=True)
class Answer:
    """A theme with its decision and the actions of that decision."""

    card: ThemeCard
    decision: Decision | None
    actions: Sequence[Action] = field(default_factory=list)


def answers(session: Session, campaign: Campaign) -> list[Answer]:
    """Every theme of the campaign with its answer, largest first: a constant number of queries."""
    decisions = decisions_in(session, campaign)
    actions = actions_in(session, campaign)
    return [
        Answer(card, decisions.get(card.theme.id), actions.get(card.theme.id, []))
        for card in theme_cards(session, campaign)
    ]


def emotions_in(given: Sequence[Answer]) -> dict[Emotion, int]:
    """The reactions to these themes added up, in the order of Emotion, without zeros."""
    totals = {emotion: sum(answer.card.emotions.get(emotion, 0) for answer in given) for emotion in Emotion}
    return {emotion: count for emotion, count in totals.items() if count}


def fill(
    body: str, values: Figures, *, number: Callable[[int], str] = str, labels: Mapping[str, str] | None = None
) -> str:
    """The text with its figures filled in, formatted by `number`, and `labels` for the tokens of their names.

    The token of the decisions is left for the page.
    """
    known = {name: number(getattr(values, name)) for name in FIGURE_NAMES} | dict(labels or {})

    def written(token: re.Match[str]) -> str:
        return known.get(token.group(1), token.group(0))

    return _TOKEN.sub(written, body)


def check_figures(body: str) -> None:
    """Raises UnknownFigure for a token that is neither a figure nor the decisions."""
    for name in _TOKEN.findall(body):
        if name not in {*FIGURE_NAMES, *LABEL_NAMES, DECISIONS}:
            raise UnknownFigure(name=name[:40])


def split_at_decisions(body: str) -> tuple[str, str | None]:
    """The text before and after the first token of the decisions; the second is None if there is no token.

    Further tokens are removed: the list is shown once.
    """
    place = _DECISIONS_PLACE.search(body)
    if place is None:
        return body, None
    return body[: place.start()], _DECISIONS_PLACE.sub("", body[place.end() :])


def debrief_of(session: Session, campaign: Campaign) -> Debrief | None:
    """The campaign's debrief, published or not."""
    return session.get(Debrief, campaign.id)


def write_debrief(session: Session, campaign: Campaign, *, body: str, now: datetime) -> Debrief:
    """Store the text, published or not. The owner and facilitators may. Raises TooLong, UnknownFigure."""
    body = optional(body, max_length=MAX_BODY_LENGTH)
    check_figures(body)
    lock_campaign(session, campaign)
    debrief = session.get(Debrief, campaign.id)
    if debrief is None:
        debrief = Debrief(campaign=campaign, updated_at=now)
        session.add(debrief)
    debrief.body = body
    debrief.updated_at = now
    session.flush()
    return debrief


def publish_debrief(session: Session, debrief: Debrief, *, by: Person, now: datetime) -> None:
    """Publish the debrief and queue the mail to all who took part. The owner and facilitators may.

    Raises AlreadyPublished, NotClosedYet, NothingWritten, NothingDecided.
    """
    campaign = debrief.campaign
    lock_campaign(session, campaign)
    session.refresh(debrief)
    if debrief.published_at is not None:
        raise AlreadyPublished
    if campaign.state(now) not in {State.CLOSED, State.UNDER_REVIEW}:
        raise NotClosedYet
    if not debrief.body:
        raise NothingWritten
    if figures(session, campaign).decided == 0:
        raise NothingDecided
    debrief.published_at = now
    debrief.published_by_id = by.id
    campaign.debriefed_at = now
    update_follow_through(session, campaign, now=now)
    enqueue(session, JobKind.NOTIFY_CONTRIBUTORS, campaign_id=campaign.id, now=now)
    session.flush()


def contributors(session: Session, campaign: Campaign) -> Sequence[Person]:
    """Everyone with an account who wrote, commented, supported or reacted, by name."""
    took_part = select(Person).where(Person.id.in_(_contributors_query())).order_by(Person.name, Person.id)
    return session.scalars(took_part, {"campaign_id": campaign.id}).all()


@dataclass(frozen=True, slots=True)
class Journey:
    """An idea with its theme and decision. Both are None, and `withheld` is True, before the debrief."""

    idea: Idea
    theme: Theme | None = None
    decision: Decision | None = None
    withheld: bool = False


def journeys(session: Session, ideas: Sequence[Idea]) -> list[Journey]:
    """What became of each of these ideas: two queries, whatever their number."""
    themes = dict(
        session.execute(
            select(Placement.idea_id, Theme)
            .join(Theme, Theme.id == Placement.theme_id)
            .where(Placement.idea_id.in_([idea.id for idea in ideas]))
        ).all()
    )
    decisions = {
        decision.theme_id: decision
        for decision in session.scalars(
            select(Decision)
            .where(Decision.theme_id.in_({theme.id for theme in themes.values()}))
            .options(joinedload(Decision.respondent))
        )
    }
    return [_journey(idea, themes.get(idea.id), decisions) for idea in ideas]


def _journey(idea: Idea, theme: Theme | None, decisions: dict[int, Decision]) -> Journey:
    if idea.campaign.debriefed_at is None:
        return Journey(idea, withheld=True)
    return Journey(idea, theme, decisions.get(theme.id) if theme else None)
