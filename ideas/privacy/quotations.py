"""What others, or the grouping of ideas, have taken over from a text that is deleted: quotations, and definitions.

Also where they can be published again, as from an answer template, and in the log.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, Select, Table, Text, column, or_, select, table, update
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.activity.version import MAX_REASON_LENGTH, Version
from ideas.answers.action import MAX_TITLE_LENGTH, Action
from ideas.answers.actions.evidence import MAX_EVIDENCE_LENGTH, Evidence, EvidenceFile
from ideas.answers.actions.milestone import MAX_MILESTONE_LENGTH, Milestone
from ideas.answers.approval import AnswerProposal
from ideas.answers.debriefs.debrief import Debrief
from ideas.answers.debriefs.quotes import MIN_QUOTED, Unquotable, without_withheld
from ideas.answers.decision import MAX_REASON_LENGTH as MAX_TEMPLATE_LENGTH
from ideas.answers.decision import Decision
from ideas.answers.single.idea_answer import IdeaAnswer
from ideas.answers.template import MAX_NAME_LENGTH, AnswerTemplate
from ideas.base import Base
from ideas.contributions.comment import Comment
from ideas.contributions.files.idea_file import MAX_ALTERNATIVE_LENGTH
from ideas.contributions.idea import Idea
from ideas.contributions.talk.clarification import Clarification
from ideas.themes.theme import Theme

# Where sentences of ideas stand for a theme. Names and phrases are shorter, and several people's.
DERIVED = ("theme.definition", "theme_run.tree", "proposal.themes", "theme_edit.before", "theme_edit.after")
# What is put in the place of a quotation may be longer than it.
LONGEST = {
    (Action, "title"): MAX_TITLE_LENGTH,
    (Milestone, "title"): MAX_MILESTONE_LENGTH,
    (Evidence, "body"): MAX_EVIDENCE_LENGTH,
    (EvidenceFile, "alternative"): MAX_ALTERNATIVE_LENGTH,
    (AnswerTemplate, "body"): MAX_TEMPLATE_LENGTH,
    (AnswerTemplate, "name"): MAX_NAME_LENGTH,
    (IdeaAnswer, "change_reason"): MAX_REASON_LENGTH,
}
# What the log says of these has their texts.
_LOGGED = (Decision, IdeaAnswer, AnswerProposal, Action, Milestone, Evidence, AnswerTemplate, Debrief)
MIN_SENTENCE_WORDS = 6  # as a definition has at least


def erase_quotations(
    session: Session,
    ideas: Sequence[Idea],
    comments: Sequence[Comment],
    clarifications: Sequence[Clarification] = (),
    *,
    instead: str,
) -> set[int]:
    """Put `instead` in the place of what debriefs, answers, templates and actions quote of these texts, also in the
    log, and empty definitions taken from them. Returns the ids of the rows of the log that changed.

    For the job that erases, before the texts are gone. `clarifications`: what the person answered the team.
    """
    redacted: set[int] = set()
    texts: dict[int, list[str]] = {}
    for idea in ideas:
        texts.setdefault(idea.campaign_id, []).append(_folded(idea.text))
        earlier = select(Version).where(Version.object_kind == "idea", Version.object_id == idea.id)
        for version in session.scalars(earlier):
            texts[idea.campaign_id].append(_folded(f"{version.content.get('title')} {version.content.get('body')}"))
    for comment in comments:
        texts.setdefault(comment.campaign.id, []).append(_folded(comment.body))
    for clarification in clarifications:
        texts.setdefault(clarification.campaign_id, []).append(_folded(clarification.answer))
    for campaign_id, found in texts.items():
        said = [text for text in found if len(text) >= MIN_QUOTED]
        gone = [Unquotable(text) for text in said]
        for row, name in _published(session, campaign_id):
            left = without_withheld(getattr(row, name), gone, instead=instead)
            setattr(row, name, left[: LONGEST.get((type(row), name))])
        stored: list[Version | AnswerProposal] = [*_versions(session, campaign_id), *_waiting(session, campaign_id)]
        for kept in stored:
            kept.content = {
                name: without_withheld(value, gone, instead=instead) if isinstance(value, str) else value
                for name, value in kept.content.items()
            }
            if isinstance(kept, Version):
                kept.reason = without_withheld(kept.reason, gone, instead=instead)[:MAX_REASON_LENGTH]
        session.flush()
        redacted |= _redact_log(session, campaign_id, gone, instead=instead)
        _empty_derived(session, campaign_id, said)
    return redacted


def _redact_log(session: Session, campaign_id: int, gone: Sequence[Unquotable], *, instead: str) -> set[int]:
    """The log of a campaign, and of the templates of the organisation. Returns the ids of the rows that changed."""
    kinds = [kind.__tablename__ for kind in _LOGGED]
    of_campaign = (Activity.campaign_id == campaign_id) & Activity.object_kind.in_(kinds)
    shared = Activity.campaign_id.is_(None) & (Activity.object_kind == AnswerTemplate.__tablename__)
    said = select(Activity.id, Activity.reason, Activity.before, Activity.after).where(of_campaign | shared)
    redacted: set[int] = set()
    for row in session.execute(said).mappings().all() if gone else ():
        facts = {name: _unquoted(row[name], gone, instead) for name in ("reason", "before", "after")}
        changed = {name: value for name, value in facts.items() if value != row[name]}
        if changed:
            here = update(Activity).where(Activity.id == row["id"]).values(changed | {"is_redacted": True})
            session.execute(here.execution_options(synchronize_session=False))
            redacted.add(row["id"])
    return redacted


def _unquoted(value: Any, gone: Sequence[Unquotable], instead: str) -> Any:
    """The value without quotations, in whatever texts it holds."""
    if isinstance(value, str):
        return without_withheld(value, gone, instead=instead)
    if isinstance(value, list):
        return [_unquoted(one, gone, instead) for one in value]
    if isinstance(value, dict):
        return {name: _unquoted(one, gone, instead) for name, one in value.items()}
    return value


def _published(session: Session, campaign_id: int) -> list[tuple[Any, str]]:
    debriefs = session.scalars(select(Debrief).where(Debrief.campaign_id == campaign_id))
    decisions = session.scalars(
        select(Decision).join(Theme, Theme.id == Decision.theme_id).where(Theme.campaign_id == campaign_id)
    )
    alone = session.scalars(select(IdeaAnswer).join(IdeaAnswer.idea).where(Idea.campaign_id == campaign_id))
    own = _actions(campaign_id)
    of_actions = {
        Action: (Action.id, ("title", "impact", "abandoned_reason")),
        Milestone: (Milestone.action_id, ("title", "abandoned_reason")),
        Evidence: (Evidence.action_id, ("body", "removed_reason")),
    }
    evidence = select(Evidence.id).where(Evidence.action_id.in_(own))
    files = session.scalars(select(EvidenceFile).where(EvidenceFile.evidence_id.in_(evidence)))
    usable = (AnswerTemplate.campaign_id == campaign_id) | AnswerTemplate.campaign_id.is_(None)
    templates = session.scalars(select(AnswerTemplate).where(usable))
    return [
        *((row, "body") for row in debriefs),
        *((row, name) for row in templates for name in ("name", "body")),
        *((row, name) for row in files for name in ("alternative", "removed_reason")),
        *((row, name) for row in decisions for name in ("reason", "community_impact")),
        *((row, name) for row in alone for name in ("reason", "change_reason")),
        *(
            (row, name)
            for kind, (action_id, names) in of_actions.items()
            for row in session.scalars(select(kind).where(action_id.in_(own)))
            for name in names
        ),
    ]


def _actions(campaign_id: int) -> Select[int]:
    """The ids of the actions of a campaign."""
    return select(Action.id).where(Action.decision_id.in_(_decisions(campaign_id)))


def _decisions(campaign_id: int) -> Select[int]:
    """The ids of the answers of a campaign, also to themes that were merged away."""
    return select(Decision.id).join(Theme, Theme.id == Decision.theme_id).where(Theme.campaign_id == campaign_id)


def _versions(session: Session, campaign_id: int) -> Sequence[Version]:
    """The earlier versions of the debrief, the answers, the actions and their milestones of a campaign."""
    decisions, actions = _decisions(campaign_id), _actions(campaign_id)
    milestones = select(Milestone.id).where(Milestone.action_id.in_(actions))
    of_debrief = (Version.object_kind == "debrief") & (Version.object_id == campaign_id)
    of_decisions = (Version.object_kind == "decision") & Version.object_id.in_(decisions)
    of_actions = (Version.object_kind == "action") & Version.object_id.in_(actions)
    of_milestones = (Version.object_kind == "milestone") & Version.object_id.in_(milestones)
    return session.scalars(select(Version).where(or_(of_debrief, of_decisions, of_actions, of_milestones))).all()


def _waiting(session: Session, campaign_id: int) -> Sequence[AnswerProposal]:
    """The answers that wait for a second person, also those of themes that were merged away."""
    of_campaign = Theme.campaign_id == campaign_id
    return session.scalars(
        select(AnswerProposal).join(Theme, Theme.id == AnswerProposal.theme_id).where(of_campaign)
    ).all()


def _empty_derived(session: Session, campaign_id: int, said: Sequence[str]) -> None:
    """Empty the sentences that themes of a campaign, past and present, have from these texts."""
    for place in DERIVED:
        source, name = place.split(".")
        plain = _plain(Base.metadata.tables[source], name)
        of_campaign = select(plain.c.id, plain.c[name]).where(plain.c.campaign_id == campaign_id)
        for number, value in session.execute(of_campaign).all():
            if (left := _without(value, said)) != value:
                session.execute(update(plain).where(plain.c.id == number).values({name: left}))
    session.expire_all()


def _plain(source: Table, name: str) -> Any:
    """The table with this column as it is stored, whatever type the model gives its values."""
    kind = Text() if isinstance(source.c[name].type, Text) else JSON()
    return table(source.name, column("id", source.c.id.type), column("campaign_id"), column(name, kind))


def _without(value: Any, said: Sequence[str]) -> Any:
    """The value with an empty text for each sentence that is part of what was said."""
    if isinstance(value, str):
        is_sentence = len(value.split()) >= MIN_SENTENCE_WORDS
        return "" if is_sentence and any(_folded(value) in text for text in said) else value
    if isinstance(value, list):
        return [_without(one, said) for one in value]
    if isinstance(value, dict):
        return {name: _without(one, said) for name, one in value.items()}
    return value


def _folded(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())
