"""The tables of an export: what a campaign holds, in columns that keep their names and their meaning.

Who may export a campaign is of its team, which reads what was withdrawn or is withheld: the column `state` says so.
Rows come one after another, so that a large campaign is never in memory as a whole. The caller reads all tables in one
transaction: they agree with each other, and with the pages of that moment.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Select, case, func, select, union_all
from sqlalchemy.orm import Session, aliased

from ideas.answers.action import Action
from ideas.answers.decision import Decision
from ideas.answers.figures import FIGURE_NAMES, figures
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_submitted, one_text
from ideas.contributions.vote import Emotion, Reaction, Vote, merged_reactions, merged_votes
from ideas.errors import message_id
from ideas.people.person import Person
from ideas.themes.card import theme_cards
from ideas.themes.passage import Passage, counted
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme

ROWS_AT_ONCE = 1_000
PUBLISHED, WITHDRAWN, MERGED = "published", "withdrawn", "merged"

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """`meaning`: a message, for the table that explains all columns."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Authors:
    """Who wrote something, as an export says it: a pseudonym, which is the same in every export of the campaign.

    `named`: also the name that pages show. `key`: the secret of the site; without it nobody finds whom a pseudonym
    stands for by trying numbers of accounts.
    """

    campaign_id: int
    key: str
    named: bool

    def code(self, person_id: int | None, name: str = "") -> str:
        """The pseudonym of an account, or of a name that a file gave; empty for nobody."""
        if person_id is None and not name:
            return ""
        whom = f"person {person_id}" if person_id is not None else f"name {name}"
        digest = hmac.digest(self.key.encode(), f"export {self.campaign_id} {whom}".encode(), hashlib.sha256)
        return f"p-{digest.hex()[:12]}"

    def name(self, shown: str | None, given: str = "") -> str:
        return (shown or given) if self.named else ""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: Sequence[Column]
    rows: Callable[[Session, Campaign, Authors], Iterator[Row]]


def plain(value: Any) -> Any:
    """The value as every format has it: instants in ISO 8601 in UTC, days as such, a code for one of a list."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    return iter(session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)))


# The campaign, and its ideas ------------------------------------------------------------------------------------------


def _campaign(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    found = figures(session, campaign)
    dates = (campaign.opens_at, campaign.closes_at, campaign.debrief_due_at, campaign.debriefed_at)
    yield [campaign.id, campaign.title, campaign.challenge, *dates, *(getattr(found, name) for name in FIGURE_NAMES)]


def _counts(query: Any, name: str) -> Any:
    """How many rows each idea has in this query of `idea_id`."""
    rows = query.subquery()
    return select(rows.c.idea_id, func.count().label(name)).group_by(rows.c.idea_id).subquery()


def _ideas(session: Session, campaign: Campaign, authors: Authors) -> Iterator[Row]:
    """As `responses` counts support and emotions: with those of what is merged into an idea, of each person once."""
    more_votes, more_reactions = merged_votes().subquery(), merged_reactions().subquery()
    supported = _counts(union_all(select(Vote.idea_id), select(more_votes.c.idea_id)), "supports")
    felt = union_all(
        select(Reaction.idea_id, Reaction.emotion), select(more_reactions.c.idea_id, more_reactions.c.emotion)
    ).subquery()
    emotions = (
        select(
            felt.c.idea_id,
            *(func.sum(case((felt.c.emotion == emotion, 1), else_=0)).label(emotion) for emotion in Emotion),
        )
        .group_by(felt.c.idea_id)
        .subquery()
    )
    part = aliased(Idea)
    on_parts = select(part.merged_into_id).join(Comment, Comment.idea_id == part.id)
    commented = _counts(
        union_all(
            select(Comment.idea_id).where(is_shown()),
            on_parts.where(part.merged_into_id.is_not(None), is_shown()),
        ),
        "comments",
    )
    query = (
        select(
            Idea,
            Person.name,
            Placement.theme_id,
            Placement.leftover,
            Placement.strength,
            Placement.same_as,
            func.coalesce(supported.c.supports, 0),
            *(func.coalesce(emotions.c[emotion], 0) for emotion in Emotion),
            func.coalesce(commented.c.comments, 0),
        )
        .outerjoin(Person, Person.id == Idea.author_id)
        .outerjoin(Placement, Placement.idea_id == Idea.id)
        .outerjoin(supported, supported.c.idea_id == Idea.id)
        .outerjoin(emotions, emotions.c.idea_id == Idea.id)
        .outerjoin(commented, commented.c.idea_id == Idea.id)
        .where(Idea.campaign_id == campaign.id, Idea.submitted_at.is_not(None))
        .order_by(Idea.id)
    )
    names = {theme.id: theme.name for theme in session.scalars(select(Theme).where(Theme.campaign_id == campaign.id))}
    for idea, name, theme_id, leftover, strength, same_as, *numbers in _read(session, query):
        counts = idea.is_public
        yield [
            idea.id,
            idea.title,
            idea.body,
            idea.lang,
            idea.question,
            authors.code(idea.author_id, idea.author_name),
            authors.name(name, idea.author_name),
            idea.submitted_at,
            _state(idea),
            idea.merged_into_id,
            theme_id if counts else None,
            names.get(theme_id, "") if counts else "",
            leftover if counts else None,
            round(strength, 4) if counts and strength is not None else None,
            same_as if counts else None,
            *numbers,
        ]


def _state(idea: Idea) -> str:
    if idea.withdrawn_at is not None:
        return WITHDRAWN
    if idea.withheld is not None:
        return idea.withheld.value
    return MERGED if idea.merged_into_id is not None else PUBLISHED


def _comments(session: Session, campaign: Campaign, authors: Authors) -> Iterator[Row]:
    query = (
        select(Comment, Person.name)
        .join(Idea, Idea.id == Comment.idea_id)
        .join(Person, Person.id == Comment.author_id)
        .where(Idea.campaign_id == campaign.id, Idea.submitted_at.is_not(None))
        .order_by(Comment.id)
    )
    for comment, name in _read(session, query):
        state = WITHDRAWN if comment.withdrawn_at is not None else comment.withheld or PUBLISHED
        author = authors.code(comment.author_id), authors.name(name)
        yield [comment.id, comment.idea_id, comment.body, *author, comment.created_at, state]


def _votes(session: Session, campaign: Campaign, authors: Authors) -> Iterator[Row]:
    """Without names: who supports what is shown nowhere."""
    query = (
        select(Vote.idea_id, Vote.person_id, Vote.created_at)
        .join(Idea, Idea.id == Vote.idea_id)
        .where(Idea.campaign_id == campaign.id)
        .order_by(Vote.idea_id, Vote.person_id)
    )
    for idea_id, person_id, at in _read(session, query):
        yield [idea_id, authors.code(person_id), at]


def _reactions(session: Session, campaign: Campaign, authors: Authors) -> Iterator[Row]:
    query = (
        select(Reaction.idea_id, Reaction.person_id, Reaction.emotion, Reaction.created_at)
        .join(Idea, Idea.id == Reaction.idea_id)
        .where(Idea.campaign_id == campaign.id)
        .order_by(Reaction.idea_id, Reaction.person_id)
    )
    for idea_id, person_id, emotion, at in _read(session, query):
        yield [idea_id, authors.code(person_id), emotion, at]


# Themes ---------------------------------------------------------------------------------------------------------------


def _themes(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    for card in theme_cards(session, campaign):
        theme = card.theme
        yield [
            theme.id,
            theme.name,
            theme.definition,
            theme.given_name is not None,
            card.size,
            card.main,
            card.several,
            card.people,
            card.support,
            *(card.emotions.get(emotion, 0) for emotion in Emotion),
            round(theme.cohesion, 4) if theme.measured else None,
        ]


def _membership(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    """Each idea in each theme where it counts: as many rows as the sizes of the themes say together."""
    pairs = counted(campaign_id=campaign.id).subquery()
    query = (
        select(pairs.c.theme_id, pairs.c.idea_id, pairs.c.main, pairs.c.strength)
        .join(Idea, Idea.id == pairs.c.idea_id)
        .join(Theme, Theme.id == pairs.c.theme_id)
        .where(_counts_here(campaign), Theme.campaign_id == campaign.id, Theme.retired_at.is_(None))
        .order_by(pairs.c.theme_id, pairs.c.idea_id)
    )
    for theme_id, idea_id, main, strength in _read(session, query):
        yield [theme_id, idea_id, bool(main), round(strength, 4)]


def _passages(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    query = (
        select(Passage, Idea.title, Idea.body)
        .join(Idea, Idea.id == Passage.idea_id)
        .join(Theme, Theme.id == Passage.theme_id)
        .where(_counts_here(campaign), Theme.retired_at.is_(None), Passage.version == Idea.version)
        .order_by(Passage.idea_id, Passage.start, Passage.theme_id)
    )
    for passage, title, body in _read(session, query):
        words = one_text(title, body)[passage.start : passage.end]
        yield [passage.idea_id, passage.theme_id, passage.start, passage.end, round(passage.strength, 4), words]


def _counts_here(campaign: Campaign) -> Any:
    return (Idea.campaign_id == campaign.id) & is_submitted()


# Answers --------------------------------------------------------------------------------------------------------------


def _decisions(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    """Also those published on a theme that was merged away since: what was promised stays."""
    query = (
        select(Decision, Theme, Person.name)
        .join(Theme, Theme.id == Decision.theme_id)
        .join(Person, Person.id == Decision.respondent_id)
        .where(Theme.campaign_id == campaign.id, Theme.retired_at.is_(None) | Decision.published_at.is_not(None))
        .order_by(Decision.id)
    )
    for decision, theme, respondent in _read(session, query):
        days = decision.decided_on, decision.expected_on, decision.published_at
        yield [
            decision.id,
            theme.id,
            theme.name,
            theme.retired_at is None,
            decision.status,
            decision.reason,
            respondent,
            *days,
        ]


def _actions(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    query = (
        select(Action, Decision.theme_id, Person.name)
        .join(Decision, Decision.id == Action.decision_id)
        .join(Theme, Theme.id == Decision.theme_id)
        .join(Person, Person.id == Action.owner_id)
        .where(Theme.campaign_id == campaign.id, Theme.retired_at.is_(None) | Action.published_at.is_not(None))
        .order_by(Action.id)
    )
    for action, theme_id, owner in _read(session, query):
        instants = action.published_at, action.done_at, action.abandoned_at
        told = action.title, action.impact, owner, action.due_on, action.progress
        yield [action.id, action.decision_id, theme_id, *told, *instants, action.abandoned_reason]


# What the columns mean ------------------------------------------------------------------------------------------------

_IDEA = Column("idea_id", message_id("The number of the idea, as in its address."))
_THEME = Column("theme_id", message_id("The number of the theme, as in its address."))
_AUTHOR = Column("author", message_id("A pseudonym, the same for one person in all exports of this campaign."))
_NAME = Column("author_name", message_id("The name, if the export was asked for with names. Else empty."))
_STRENGTH = Column("strength", message_id("How much the idea belongs to the theme, from 0 to 1."))
_EMOTIONS = [
    Column(Emotion.JOY, message_id("How many people feel joy.")),
    Column(Emotion.HOPE, message_id("How many people feel hope.")),
    Column(Emotion.GRATITUDE, message_id("How many people feel gratitude.")),
    Column(Emotion.SURPRISE, message_id("How many people feel surprise.")),
    Column(Emotion.WORRY, message_id("How many people feel worry.")),
    Column(Emotion.ANGER, message_id("How many people feel anger.")),
]
TABLES = (
    Table(
        "campaign",
        [
            Column("campaign_id", message_id("The number of the campaign, as in its address.")),
            Column("title", message_id("The title of the campaign.")),
            Column("question", message_id("The question of the campaign.")),
            Column("opens_at", message_id("When the campaign opens, in UTC as all instants here.")),
            Column("closes_at", message_id("When the collection of ideas closes.")),
            Column("debrief_due_at", message_id("Until when the debrief is promised.")),
            Column("debriefed_at", message_id("When the debrief was published.")),
            Column("people", message_id("People who wrote, commented, supported or reacted.")),
            Column("ideas", message_id("Ideas that count: published, and not merged into another one.")),
            Column("without_author", message_id("Those of them that were imported without an account.")),
            Column("votes", message_id("Support for ideas that count; one person counts once for an idea.")),
            Column("comments", message_id("Comments that everyone can read.")),
            Column("themes", message_id("Themes as they are now.")),
            Column("decided", message_id("Themes that have their answer.")),
        ],
        _campaign,
    ),
    Table(
        "ideas",
        [
            _IDEA,
            Column("title", message_id("The title of the idea. It may be empty.")),
            Column("text", message_id("The text of the idea.")),
            Column("language", message_id("The language of the text, where it is known: fr, en.")),
            Column("question", message_id("Of an imported answer: the question of the survey.")),
            _AUTHOR,
            _NAME,
            Column("submitted_at", message_id("When the idea was published.")),
            Column(
                "state",
                message_id("published, withdrawn by its author, hidden, waiting, change_asked or merged."),
            ),
            Column("merged_into", message_id("The number of the idea that it is merged into.")),
            Column("theme_id", message_id("The number of its main theme.")),
            Column("theme", message_id("The name of its main theme.")),
            Column("leftover", message_id("Why it is in no theme: outlier, ambiguous, nothing, agrees, disagrees.")),
            _STRENGTH,
            Column("same_as", message_id("The number of an idea with the same text, or nearly so.")),
            Column("supports", message_id("People who support the idea, or one that is merged into it.")),
            *_EMOTIONS,
            Column("comments", message_id("Comments on the idea that everyone can read.")),
        ],
        _ideas,
    ),
    Table(
        "themes",
        [
            _THEME,
            Column("name", message_id("The name of the theme.")),
            Column("definition", message_id("A sentence of one of its ideas that says what they ask for.")),
            Column("named_by_a_person", message_id("Whether a person named it.")),
            Column("ideas", message_id("Ideas that count in the theme.")),
            Column("main", message_id("Those of them whose main theme it is.")),
            Column("also_in_others", message_id("Those of them that count in other themes too.")),
            Column("people", message_id("Authors with an account, each counted once.")),
            Column("supports", message_id("People who support an idea of the theme, each counted once.")),
            *_EMOTIONS,
            Column("cohesion", message_id("How alike the ideas of the theme are, from 0 to 1.")),
        ],
        _themes,
    ),
    Table(
        "membership",
        [
            _THEME,
            _IDEA,
            Column("main", message_id("Whether it is the main theme of the idea.")),
            _STRENGTH,
        ],
        _membership,
    ),
    Table(
        "passages",
        [
            _IDEA,
            _THEME,
            Column("start", message_id("The first character of the passage, in title and text, counted from 0.")),
            Column("end", message_id("The character after the last one.")),
            _STRENGTH,
            Column("words", message_id("The words of the passage.")),
        ],
        _passages,
    ),
    Table(
        "decisions",
        [
            Column("decision_id", message_id("The number of the answer.")),
            _THEME,
            Column("theme", message_id("The name of the theme.")),
            Column("current", message_id("Whether the theme is still shown; else it was merged into another one.")),
            Column("status", message_id("adopted, planned, in_progress, done, declined, needs_more or pending.")),
            Column("reason", message_id("The answer in words.")),
            Column("respondent", message_id("Who answers.")),
            Column("decided_on", message_id("The day of the decision.")),
            Column("expected_on", message_id("The day by which an answer is promised.")),
            Column("published_at", message_id("When it was published.")),
        ],
        _decisions,
    ),
    Table(
        "actions",
        [
            Column("action_id", message_id("The number of the action.")),
            Column("decision_id", message_id("The number of the answer that it follows.")),
            _THEME,
            Column("title", message_id("What will be done.")),
            Column("impact", message_id("What it changes for the community.")),
            Column("owner", message_id("Who is responsible.")),
            Column("due_on", message_id("The day by which it is due.")),
            Column("progress", message_id("Progress in percent.")),
            Column("published_at", message_id("When it was published.")),
            Column("done_at", message_id("When it was done.")),
            Column("abandoned_at", message_id("When it was abandoned.")),
            Column("abandoned_reason", message_id("Why it was abandoned.")),
        ],
        _actions,
    ),
    Table(
        "comments",
        [
            Column("comment_id", message_id("The number of the comment.")),
            _IDEA,
            Column("text", message_id("The text of the comment.")),
            _AUTHOR,
            _NAME,
            Column("created_at", message_id("When it was published.")),
            Column("state", message_id("published, withdrawn by its author, hidden, waiting or change_asked.")),
        ],
        _comments,
    ),
    Table(
        "votes",
        [_IDEA, _AUTHOR, Column("created_at", message_id("When the person supported the idea."))],
        _votes,
    ),
    Table(
        "reactions",
        [
            _IDEA,
            _AUTHOR,
            Column("emotion", message_id("joy, hope, gratitude, surprise, worry or anger.")),
            Column("created_at", message_id("When the person reacted.")),
        ],
        _reactions,
    ),
)
