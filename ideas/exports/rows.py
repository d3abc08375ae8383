"""The rows of an export, table by table: see ideas.exports.tables.

Who may export a campaign is of its team, which reads what was withdrawn or is withheld: the column `state` says so.
Rows come one after another, so that a large campaign is never in memory as a whole. The caller reads all tables in one
transaction: they agree with each other, and with the pages of that moment.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from itertools import islice
from typing import Any

from sqlalchemy import Select, Subquery, case, func, select, union_all
from sqlalchemy.orm import Session, aliased

from ideas.answers.action import Action
from ideas.answers.actions.evidence import Evidence, EvidenceFile
from ideas.answers.actions.milestone import Milestone
from ideas.answers.debriefs.figures import FIGURE_NAMES, figures
from ideas.answers.decision import Decision
from ideas.answers.single.idea_answer import IdeaAnswer
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, FormField, fields_of
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.fields.value import Given, values_in
from ideas.contributions.files.idea_file import file_counts
from ideas.contributions.idea import Idea, is_submitted, one_text
from ideas.contributions.merged import any_merged
from ideas.contributions.vote import Emotion, Reaction, Vote, merged_reactions, merged_votes
from ideas.contributions.withheld import ObjectKind
from ideas.desk.idea_tag import tags_of
from ideas.exports.returned.sheet import action_cells, answer_cells, stamp
from ideas.files import File
from ideas.moderation.log import log_of
from ideas.people.person import Person
from ideas.themes.alike import copies_in_themes
from ideas.themes.card import theme_cards
from ideas.themes.method import method_of
from ideas.themes.passage import Passage, counted
from ideas.themes.placement import Placement
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import Theme

ROWS_AT_ONCE = 1_000
PUBLISHED, WITHDRAWN, MERGED = "published", "withdrawn", "merged"

Row = Sequence[Any]


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
        """The pseudonym of an author: of an account, or of a name that a file gave; empty for nobody."""
        if person_id is None and not name:
            return ""
        return "p-" + self._hashed(f"person {person_id}" if person_id is not None else f"name {name}")

    def voter(self, person_id: int) -> str:
        """Another pseudonym of who supports or reacts: what they wrote does not say who they are."""
        return "v-" + self._hashed(f"voter {person_id}")

    def _hashed(self, whom: str) -> str:
        digest = hmac.digest(self.key.encode(), f"export {self.campaign_id} {whom}".encode(), hashlib.sha256)
        return digest.hex()[:12]

    def name(self, shown: str | None, given: str = "") -> str:
        return (shown or given) if self.named else ""


def plain(value: Any) -> Any:
    """The value as every format has it: instants in ISO 8601 in UTC, days as such, a code for one of a list."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    return iter(session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)))


# The campaign, and its ideas ------------------------------------------------------------------------------------------


def campaign_rows(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    found = figures(session, campaign)
    dates = (campaign.opens_at, campaign.closes_at, campaign.debrief_due_at, campaign.debriefed_at)
    yield [campaign.id, campaign.title, campaign.challenge, *dates, *(getattr(found, name) for name in FIGURE_NAMES)]


def ideas_rows(session: Session, campaign: Campaign, authors: Authors) -> Iterator[Row]:
    names = {theme.id: theme.name for theme in session.scalars(select(Theme).where(Theme.campaign_id == campaign.id))}
    supported, emotions, commented = _responses(campaign, merged=any_merged(session, campaign.id))
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
    fields = _with_cells(session, campaign)
    for (idea, name, theme_id, leftover, strength, same_as, *numbers), values, files, tags in _with_values(
        session, query, fields
    ):
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
            files,
            "; ".join(tags),
            *(_field_cell(field, values.get(field.id, Given())) for field in fields),
        ]


def field_names(session: Session, campaign: Campaign) -> list[str]:
    """The labels of the fields of the campaign's form: columns of the table of ideas."""
    return [f"{field.label} ({field.unit})" if field.unit else field.label for field in _with_cells(session, campaign)]


def _with_cells(session: Session, campaign: Campaign) -> list[FormField]:
    """The fields that have a column: files are only counted."""
    return [field for field in fields_of(session, campaign) if field.kind is not FieldKind.FILE]


def _with_values(
    session: Session, query: Select[*tuple[Any, ...]], fields: Sequence[FormField]
) -> Iterator[tuple[Any, dict[int, Given], int, Sequence[str]]]:
    """The rows of ideas, each with what was given in the fields of the form, how many files it has, and its tags.

    They are read for many ideas at once.
    """
    rows = _read(session, query)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        ids = [row[0].id for row in some]
        values, files = values_in(session, ids) if fields else {}, file_counts(session, ids)
        tags = tags_of(session, ids)
        for row in some:
            idea_id = row[0].id
            yield row, values.get(idea_id, {}), files.get(idea_id, 0), tags.get(idea_id, ())


def _field_cell(field: FormField, given: Given) -> Any:
    """Several options are separated by semicolons, as an import reads them."""
    if field.kind is FieldKind.CHOICE:
        return "; ".join(option.label for option in field.options if option.id in given.options)
    return given.number if field.kind is FieldKind.NUMBER else given.text


def _responses(campaign: Campaign, *, merged: bool) -> tuple[Subquery, Subquery, Subquery]:
    """Support, emotions and comments of each idea of the campaign, as `responses` and `comment_counts` count them.

    `merged`: the campaign has merged ideas, whose responses count in the idea that they are merged into.
    """
    here = select(Idea.id).where(Idea.campaign_id == campaign.id)
    votes: list[Any] = [select(Vote.idea_id).where(Vote.idea_id.in_(here))]
    felt: list[Any] = [select(Reaction.idea_id, Reaction.emotion).where(Reaction.idea_id.in_(here))]
    said: list[Any] = [select(Comment.idea_id).where(Comment.idea_id.in_(here), is_shown())]
    if merged:
        part, more_votes, more_felt = aliased(Idea), merged_votes().subquery(), merged_reactions().subquery()
        votes.append(select(more_votes.c.idea_id).where(more_votes.c.idea_id.in_(here)))
        felt.append(select(more_felt.c.idea_id, more_felt.c.emotion).where(more_felt.c.idea_id.in_(here)))
        brought = select(part.merged_into_id).join(Comment, Comment.idea_id == part.id)
        said.append(brought.where(part.merged_into_id.in_(here), is_shown()))
    reactions = union_all(*felt).subquery()
    emotions = [func.sum(case((reactions.c.emotion == emotion, 1), else_=0)).label(emotion) for emotion in Emotion]
    return (
        _counts(votes, "supports"),
        select(reactions.c.idea_id, *emotions).group_by(reactions.c.idea_id).subquery(),
        _counts(said, "comments"),
    )


def _counts(queries: Sequence[Any], name: str) -> Subquery:
    """How many rows each idea has in these queries of `idea_id` together."""
    rows = union_all(*queries).subquery()
    return select(rows.c.idea_id, func.count().label(name)).group_by(rows.c.idea_id).subquery()


def _state(idea: Idea) -> str:
    if idea.withdrawn_at is not None:
        return WITHDRAWN
    if idea.withheld is not None:
        return idea.withheld.value
    return MERGED if idea.merged_into_id is not None else PUBLISHED


def comments_rows(session: Session, campaign: Campaign, authors: Authors) -> Iterator[Row]:
    query = (
        select(Comment, Person.name)
        .outerjoin(Idea, Idea.id == Comment.idea_id)
        .join(Person, Person.id == Comment.author_id)
        .where(
            (Comment.debrief_id == campaign.id) | ((Idea.campaign_id == campaign.id) & Idea.submitted_at.is_not(None))
        )
        .order_by(Comment.id)
    )
    for comment, name in _read(session, query):
        state = WITHDRAWN if comment.withdrawn_at is not None else comment.withheld or PUBLISHED
        author = authors.code(comment.author_id), authors.name(name)
        talk = comment.reply_to_id, comment.is_question, comment.by_team
        yield [comment.id, comment.idea_id, *talk, comment.body, *author, comment.created_at, state]


def votes_rows(session: Session, campaign: Campaign, authors: Authors) -> Iterator[Row]:
    """Who supports what is shown nowhere: see `Authors.voter`."""
    query = (
        select(Vote.idea_id, Vote.person_id, Vote.created_at)
        .join(Idea, Idea.id == Vote.idea_id)
        .where(Idea.campaign_id == campaign.id)
        .order_by(Vote.idea_id, Vote.person_id)
    )
    for idea_id, person_id, at in _read(session, query):
        yield [idea_id, authors.voter(person_id), at]


def reactions_rows(session: Session, campaign: Campaign, authors: Authors) -> Iterator[Row]:
    query = (
        select(Reaction.idea_id, Reaction.person_id, Reaction.emotion, Reaction.created_at)
        .join(Idea, Idea.id == Reaction.idea_id)
        .where(Idea.campaign_id == campaign.id)
        .order_by(Reaction.idea_id, Reaction.person_id)
    )
    for idea_id, person_id, emotion, at in _read(session, query):
        yield [idea_id, authors.voter(person_id), emotion, at]


# Themes ---------------------------------------------------------------------------------------------------------------


def themes_rows(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    copies = copies_in_themes(session, campaign)
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
            copies.get(theme.id, 0),
            card.people,
            card.support,
            *(card.emotions.get(emotion, 0) for emotion in Emotion),
            round(theme.cohesion, 4) if theme.measured else None,
        ]


def membership_rows(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
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


def passages_rows(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
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


def method_rows(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    """One row once the ideas are grouped: how, and how often people agreed."""
    method = method_of(session, campaign, latest_run(session, campaign))
    if method is None:
        return
    agreement: list[Any] = [None] * 4
    if (found := method.agreement) is not None:
        agreement = [found.checked, found.right, *(round(end, 4) for end in found.interval)]
    yield [
        *(method.model, method.namer or None, method.grouped_at),
        *(method.moved, method.shaped, method.checked, method.reviewers),
        *agreement,
    ]


def _counts_here(campaign: Campaign) -> Any:
    return (Idea.campaign_id == campaign.id) & is_submitted()


# Answers --------------------------------------------------------------------------------------------------------------


def decisions_rows(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
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
            decision.community_impact,
            respondent,
            *days,
            stamp(answer_cells(decision, respondent)),
        ]


def idea_answers_rows(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    """Each text of the answers to single ideas: the draft, and all that were published."""
    query = (
        select(IdeaAnswer, Person.name)
        .join(Idea, Idea.id == IdeaAnswer.idea_id)
        .join(Person, Person.id == IdeaAnswer.respondent_id)
        .where(Idea.campaign_id == campaign.id, IdeaAnswer.withdrawn_at.is_(None))
        .order_by(IdeaAnswer.idea_id, IdeaAnswer.number)
    )
    for one, respondent in _read(session, query):
        words = one.status, one.reason, one.change_reason, respondent
        yield [one.id, one.idea_id, one.number, one.is_current, *words, one.decided_on, one.published_at]


def actions_rows(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
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
        version = stamp(action_cells(action, owner))
        yield [action.id, action.decision_id, theme_id, *told, *instants, action.abandoned_reason, version]


def milestones_rows(session: Session, campaign: Campaign, _authors: Authors) -> Iterator[Row]:
    query = _of_actions(select(Milestone), Milestone.action_id, campaign).order_by(Milestone.id)
    for (one,) in _read(session, query):
        days = one.due_on, one.done_on, one.abandoned_at
        yield [one.id, one.action_id, one.title, *days, one.abandoned_reason]


def evidence_rows(session: Session, campaign: Campaign, authors: Authors) -> Iterator[Row]:
    """What was taken off stays a row with its reason, without its words."""
    there = (EvidenceFile.evidence_id == Evidence.id) & File.removed_at.is_(None)
    files = select(func.count()).select_from(EvidenceFile).join(File, File.id == EvidenceFile.file_id).where(there)
    query = _of_actions(select(Evidence, Person.name, files.scalar_subquery()), Evidence.action_id, campaign)
    found = query.join(Person, Person.id == Evidence.added_by_id).order_by(Evidence.id)
    for one, name, count in _read(session, found):
        said = (one.body, one.link, count) if one.removed_at is None else ("", "", 0)
        by = authors.code(one.added_by_id), authors.name(name)
        yield [one.id, one.action_id, *said, *by, one.created_at, one.removed_at, one.removed_reason]


def _of_actions(query: Select[*tuple[Any, ...]], action_id: Any, campaign: Campaign) -> Select[*tuple[Any, ...]]:
    """What belongs to the actions that `actions_rows` names."""
    shown = Theme.retired_at.is_(None) | Action.published_at.is_not(None)
    joined = query.join(Action, Action.id == action_id).join(Decision, Decision.id == Action.decision_id)
    return joined.join(Theme, Theme.id == Decision.theme_id).where(Theme.campaign_id == campaign.id, shown)


# Moderation -----------------------------------------------------------------------------------------------------------


def moderation_rows(session: Session, campaign: Campaign, authors: Authors) -> Iterator[Row]:
    """Whoever may export a campaign may moderate it. Who reported is in no table."""
    for act in log_of(session, campaign):
        what = authors.code(act.object_id) if act.kind is ObjectKind.PERSON else act.object_id
        yield [act.at, act.verb, authors.code(act.by_id), act.kind, what, act.reason, act.note]
