"""The debrief: a text to the community, with figures that are filled in when it is read. Its changes are versions."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, false, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from clustering.types import Leftover
from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged, keep_version, reason_for_change
from ideas.answers.action import Action
from ideas.answers.approval import check_approved
from ideas.answers.debriefs.blocks import TOKEN, check_blocks, is_block
from ideas.answers.debriefs.figures import FIGURE_NAMES, Figures, figures
from ideas.answers.debriefs.material import check_numbers
from ideas.answers.decision import Decision, decisions_in, publish_answers, unanswered
from ideas.answers.single.idea_answer import IdeaAnswer, check_idea_answers, publish_idea_answers, shown_answers
from ideas.base import Base, chunks
from ideas.campaigns.campaign import Campaign, State, lock_campaign
from ideas.contributions.idea import Idea
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import optional
from ideas.themes.card import ThemeCard, theme_cards
from ideas.themes.passage import passages_of
from ideas.themes.placement import Placement
from ideas.themes.stored import PassageRow
from ideas.themes.theme import Theme

MAX_BODY_LENGTH = 30_000

# Spaces around a name are stripped afterwards: a pattern that allowed for them took cubic time.
_CLOSED = re.compile(
    r"\{\{[^{}\n|]*\|[^{}\n]*\}\}|"
    r"^```.*?(?:^```|\Z)|^(?: {4}|\t)[^\n]*$|`[^`\n]*`|\[[^\[\]\n]*\](?:\([^()\n]*\)|\[[^\[\]\n]*\])|<[^<>\n]*>",
    re.MULTILINE | re.DOTALL,
)


class NotClosedYet(DomainError):
    message = message_id("The campaign is still open. You can publish the debrief after its closing date.")


class NothingDecided(DomainError):
    message = message_id("Answer at least one theme before you publish the debrief.")


class ThemesUnanswered(DomainError):
    """Some themes have neither an answer nor a day by which one is promised."""

    message = message_id("Themes without an answer: %(count)s. Answer each of them, or give the day by which you will.")


class NothingWritten(DomainError):
    message = message_id("Write the text of the debrief before you publish it.")


class UnknownFigure(DomainError):
    message = message_id("There is no figure called “%(name)s”. Use the figures listed under the text.")


class AlreadyPublished(DomainError):
    message = message_id("This debrief is already published.")


class Debrief(Base):
    """`hides_agreement`: the page leaves out how often people agreed with the themes: see ideas.themes.checks."""

    __tablename__ = "debrief"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    hides_agreement: Mapped[bool] = mapped_column(default=False, server_default=false())

    campaign: Mapped[Campaign] = relationship()
    written_by: Mapped[Person | None] = relationship(foreign_keys=written_by_id)


# A figure with its noun, as the reader's language has it: “1 idea”, “12 ideas”.
_LABEL = "_label"
LABEL_NAMES = tuple(f"{name}{_LABEL}" for name in FIGURE_NAMES)


@dataclass(frozen=True, slots=True)
class Answer:
    """A theme with its decision and the actions of that decision."""

    card: ThemeCard
    decision: Decision | None
    actions: Sequence[Action] = field(default_factory=list)


def answers(session: Session, campaign: Campaign, *, actions: Mapping[int, Sequence[Action]]) -> list[Answer]:
    """Every theme of the campaign with its answer, largest first: a constant number of queries.

    `actions`: those of the campaign by theme id, as `actions_in` returns them. Those that were abandoned before anyone
    could read them are left out.
    """
    decisions = decisions_in(session, campaign)

    def shown(theme: Theme) -> list[Action]:
        return [action for action in actions.get(theme.id, ()) if action.published_at or not action.abandoned_at]

    return [Answer(card, decisions.get(card.theme.id), shown(card.theme)) for card in theme_cards(session, campaign)]


def fill(
    body: str,
    values: Figures,
    *,
    number: Callable[[int], str] = str,
    labels: Mapping[str, str] | None = None,
    link: Callable[[str, str], str] | None = None,
) -> str:
    """The text with its figures filled in, formatted by `number`, and `labels` for the tokens of their names.

    `link`: makes a link of the name of a figure and its words; not called within a link or code of the text.
    The token of the decisions is left for the page.
    """
    known = {name: number(getattr(values, name)) for name in FIGURE_NAMES} | dict(labels or {})
    closed = unlinkable(body) if link is not None else []

    def written(token: re.Match[str]) -> str:
        name = token.group(1).strip()
        if name not in known:
            return token.group(0)
        if link is None or any(start <= token.start() < end for start, end in closed):
            return known[name]
        return link(name.removesuffix(_LABEL), known[name])

    return TOKEN.sub(written, body)


def unlinkable(body: str) -> list[tuple[int, int]]:
    """Where a Markdown text takes no further link: from where to where there are links and code."""
    return [found.span() for found in _CLOSED.finditer(body)]


def check_figures(body: str) -> None:
    """Raises UnknownFigure for a token that is neither a figure nor a block, and what `check_blocks` raises."""
    check_blocks(body)
    for token in TOKEN.findall(body):
        name = token.strip()
        if name not in {*FIGURE_NAMES, *LABEL_NAMES} and not is_block(name):
            raise UnknownFigure(name=name[:40])


def debrief_of(session: Session, campaign: Campaign) -> Debrief | None:
    """The campaign's debrief, published or not."""
    return session.get(Debrief, campaign.id)


def write_debrief(
    session: Session,
    campaign: Campaign,
    *,
    body: str,
    by: Person,
    now: datetime,
    hides_agreement: bool = False,
    seen: int | None = None,
    change_reason: str = "",
) -> Debrief:
    """Store the text, and whether the agreement is left out. The owner and facilitators may.

    Once it is published, its earlier versions stay readable. `seen`: the version that `by` saw, 0 for none. Nothing is
    kept where nothing changed.
    Raises TooLong, ChangedMeanwhile, and the errors of `check_figures` and `check_numbers`; once published
    ReasonNeeded, NothingWritten.
    """
    body = optional(body, max_length=MAX_BODY_LENGTH)
    check_figures(body)
    lock_campaign(session, campaign)
    debrief = session.get(Debrief, campaign.id, populate_existing=True)
    if debrief is None or debrief.body != body:
        check_numbers(session, campaign, body)
    if debrief is None:
        debrief, verb = Debrief(campaign=campaign, body=body, version=0, hides_agreement=False), Verb.CREATED
        session.add(debrief)
    else:
        if (debrief.body, debrief.hides_agreement) == (body, hides_agreement):
            return debrief
        check_unchanged(debrief, seen)
        verb = Verb.CHANGED
    if debrief.published_at is None:
        change_reason = ""
    else:
        change_reason = reason_for_change(change_reason)
        if not body:
            raise NothingWritten
    before: dict[str, Any] | None = {"version": debrief.version} if debrief.version else None
    after: dict[str, Any] = {"version": debrief.version + 1, "published": debrief.published_at is not None}
    if debrief.hides_agreement != hides_agreement:
        before = (before or {}) | {"hides_agreement": debrief.hides_agreement}
        after["hides_agreement"] = hides_agreement
    debrief.body, debrief.updated_at, debrief.written_by = body, now, by
    debrief.hides_agreement = hides_agreement
    debrief.version += 1
    session.flush()
    if debrief.published_at is not None:
        _keep(session, debrief, reason=change_reason, by=by, now=now)
    record(
        session, verb, debrief,
        by=by, now=now, campaign_id=campaign.id, reason=change_reason, before=before, after=after,
    )  # fmt: skip
    return debrief


def publish_debrief(session: Session, debrief: Debrief, *, by: Person, now: datetime) -> None:
    """Publish the debrief with the answers and actions. From the activity log, everyone who took part is told.

    The owner and facilitators may. Raises AlreadyPublished, NotClosedYet, NothingWritten, NothingDecided,
    ThemesUnanswered, AnswersUnapproved, AnswersOnMergedIdeas.
    """
    campaign = debrief.campaign
    lock_campaign(session, campaign)
    session.refresh(debrief)
    counted = check_publishable(session, debrief, by=by, now=now)
    debrief.published_at = now
    debrief.published_by_id = by.id
    campaign.debriefed_at = now
    _keep(session, debrief, by=by, now=now)
    publish_answers(session, campaign, by=by, now=now)
    publish_idea_answers(session, campaign, by=by, now=now)
    after = {"themes": counted.themes, "answers": counted.decided}
    record(session, Verb.PUBLISHED, debrief, by=by, now=now, campaign_id=campaign.id, after=after)
    session.flush()


def check_publishable(session: Session, debrief: Debrief, *, by: Person, now: datetime) -> Figures:
    """Raises as `publish_debrief` does. Returns the figures of the campaign."""
    campaign = debrief.campaign
    if debrief.published_at is not None:
        raise AlreadyPublished
    if campaign.state(now) not in {State.CLOSED, State.UNDER_REVIEW}:
        raise NotClosedYet
    if not debrief.body:
        raise NothingWritten
    counted = figures(session, campaign)
    if counted.decided == 0:
        raise NothingDecided
    without_answer = unanswered(session, campaign, by=by, now=now)
    if without_answer:
        raise ThemesUnanswered(count=len(without_answer))
    if campaign.answers_reviewed:
        check_approved(session, list(decisions_in(session, campaign).values()))
    check_idea_answers(session, campaign)
    return counted


def _keep(session: Session, debrief: Debrief, *, by: Person, now: datetime, reason: str = "") -> None:
    content = {"body": debrief.body} | ({"hides_agreement": True} if debrief.hides_agreement else {})
    keep_version(session, debrief, object_id=debrief.campaign_id, content=content, reason=reason, by=by, now=now)


@dataclass(frozen=True, slots=True)
class AskedTheme:
    """A theme in which an idea counts, with its decision. `passages`: those of the idea that ask for it."""

    theme: Theme
    decision: Decision | None
    passages: Sequence[PassageRow]


@dataclass(frozen=True, slots=True)
class Journey:
    """An idea with its main theme and its decision; `own`: the answer to it alone, which comes first; `also`: the other
    themes in which it counts, with theirs; `passages`: those that ask for its main theme; `leftover`: why it is in no
    theme, where that is known.

    Before the debrief there is none of these, and `withheld` is True.
    """

    idea: Idea
    theme: Theme | None = None
    decision: Decision | None = None
    also: Sequence[AskedTheme] = ()
    withheld: bool = False
    passages: Sequence[PassageRow] = ()
    leftover: Leftover | None = None
    own: IdeaAnswer | None = None


def journeys(session: Session, ideas: Sequence[Idea], *, as_published: bool = False) -> list[Journey]:
    """What became of each of these ideas, however many: five queries for every few hundred.

    What became of a merged idea is what became of the one that it is merged into. `as_published`: as once the debrief
    is, for whoever may publish it.
    """
    told = [idea for idea in ideas if as_published or idea.campaign.debriefed_at is not None]
    kept = sorted({idea.kept.id for idea in told})
    places = _places(session, kept)
    own = shown_answers(session, kept, as_published=as_published)
    asked = _asked(session, places)
    known = {idea.id for idea in told}

    def journey(idea: Idea) -> Journey:
        if idea.id not in known:
            return Journey(idea, withheld=True)
        _theme_id, leftover = places.get(idea.kept.id, (None, None))
        return _journey(idea, asked.get(idea.kept.id, []), leftover, own.get(idea.kept.id))

    return [journey(idea) for idea in ideas]


def _journey(idea: Idea, asked: Sequence[AskedTheme], leftover: Leftover | None, own: IdeaAnswer | None) -> Journey:
    if not asked:
        return Journey(idea, leftover=leftover, own=own)
    main, *others = asked
    return Journey(idea, main.theme, main.decision, others, passages=main.passages, own=own)


def asked_themes(session: Session, ideas: Sequence[Idea]) -> dict[int, list[AskedTheme]]:
    """By idea, the themes in which it counts: its main theme first, then those of its passages in their order.

    For whoever may read the themes of the campaign. An idea without a theme is left out.
    """
    return _asked(session, _places(session, [idea.id for idea in ideas]))


def _places(session: Session, idea_ids: Sequence[int]) -> dict[int, tuple[int | None, Leftover | None]]:
    """By idea that is placed, its main theme, or why it is in none."""
    places: dict[int, tuple[int | None, Leftover | None]] = {}
    for some in chunks(idea_ids):
        placed = select(Placement.idea_id, Placement.theme_id, Placement.leftover).where(Placement.idea_id.in_(some))
        places.update((idea_id, (theme_id, leftover)) for idea_id, theme_id, leftover in session.execute(placed))
    return places


def _asked(session: Session, places: Mapping[int, tuple[int | None, Leftover | None]]) -> dict[int, list[AskedTheme]]:
    main_of = {idea_id: theme_id for idea_id, (theme_id, _leftover) in places.items() if theme_id is not None}
    passages = passages_of(session, sorted(main_of))
    theme_ids = {
        idea_id: dict.fromkeys([main, *(row.theme_id for row in passages.get(idea_id, ()))])
        for idea_id, main in main_of.items()
    }
    themes: dict[int, Theme] = {}
    decisions: dict[int, Decision] = {}
    for ids in chunks(sorted({number for some in theme_ids.values() for number in some})):
        themes.update((theme.id, theme) for theme in session.scalars(select(Theme).where(Theme.id.in_(ids))))
        answered = select(Decision).where(Decision.theme_id.in_(ids)).options(joinedload(Decision.respondent))
        decisions.update((decision.theme_id, decision) for decision in session.scalars(answered))
    return {
        idea_id: [
            AskedTheme(
                themes[number],
                decisions.get(number),
                [row for row in passages.get(idea_id, ()) if row.theme_id == number],
            )
            for number in numbers
        ]
        for idea_id, numbers in theme_ids.items()
    }
