"""Answers and actions back from the tables of an export: each change is made by the function that its page calls.

So drafts stay drafts until the debrief, a published answer gets a version with its reason, those concerned are told,
and the activity log has each act. A row that the table leaves out changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb
from ideas.answers.action import (
    COMPLETE,
    Action,
    ActionIsAbandoned,
    AnswerFirst,
    abandon_action,
    commit_to,
    report_progress,
)
from ideas.answers.decision import ActionsStayOpen, Decision, DecisionStatus, decide
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.desk.work import today_of
from ideas.errors import DomainError
from ideas.exports.returned.sheet import (
    ActionCells,
    AnswerCells,
    Sheet,
    SheetRow,
    answer_cells,
    read_action,
    read_answer,
    read_id,
    read_stamp,
    stamp,
)
from ideas.exports.returned.step import (
    AbandonTheActions,
    Act,
    ActionIsFixed,
    AnswerIsThere,
    ChangedSinceExport,
    DayNeeded,
    Outcome,
    StampMissing,
    Step,
    TooManyChanges,
    TwoRows,
    UnknownAction,
    UnknownAnswer,
    differences,
)
from ideas.exports.returned.stored import Stored, folded, stored_in
from ideas.people.person import Person
from ideas.themes.theme import Theme

# Rows that one file may change, or that are refused in it.
MAX_CHANGES = 200


@dataclass(frozen=True, slots=True)
class _Context:
    """What every row is read with. `reason`: for what is public, where a row gives none."""

    session: Session
    campaign: Campaign
    by: Person
    now: datetime
    reason: str
    day_first: bool
    worked: list[Step] = field(default_factory=list)

    def count(self, step: Step) -> None:
        """Raises TooManyChanges."""
        if step.outcome is not Outcome.SAME:
            self.worked.append(step)
        if len(self.worked) > MAX_CHANGES:
            raise TooManyChanges(most=MAX_CHANGES)

    def reason_of(self, row: SheetRow) -> str:
        return row.change_reason or self.reason


def apply_rows(
    session: Session,
    campaign: Campaign,
    rows: Sequence[SheetRow],
    *,
    reason: str,
    by: Person,
    now: datetime,
    day_first: bool,
) -> list[Step]:
    """Do what these rows ask for, and return what came of each, in their order. The owner and facilitators may.

    A row that a rule refuses changes nothing; the others go on. A row that is as it was exported changes nothing,
    whatever became of it since. `reason`: why published answers change, where a row does not say it.
    `day_first`: how to read a date such as 3/4/2026. For a preview the caller rolls back. Raises TooManyChanges: the
    rows are worked through while nobody else can write to the campaign.
    """
    lock_campaign(session, campaign)
    here = _Context(session, campaign, by, now, reason, day_first)
    steps: dict[int, Step] = {id(row): step for row, step in _repeated(rows)}

    def run(sheet: Sheet, do: Callable[[_Context, Stored, SheetRow], Step], *, new: bool | None = None) -> None:
        stored = stored_in(session, campaign)
        for row in rows:
            if row.sheet is not sheet or id(row) in steps or (new is not None and new is bool(row.cell("action_id"))):
                continue
            try:
                with session.begin_nested():
                    steps[id(row)] = do(here, stored, row)
            except DomainError as error:
                steps[id(row)] = Step(
                    row=row, outcome=Outcome.REFUSED, theme=stored.theme_name(row), error=_in_a_table(error)
                )
            here.count(steps[id(row)])

    # What is abandoned first lets an answer be declined; a new action needs its answer.
    run(Sheet.ACTIONS, _old_action, new=False)
    run(Sheet.DECISIONS, _answer)
    run(Sheet.ACTIONS, _new_action, new=True)
    return [steps[id(row)] for row in rows]


def _answer(here: _Context, stored: Stored, row: SheetRow) -> Step:
    if row.is_empty:
        return Step(row=row, outcome=Outcome.SAME, theme=stored.theme_name(row))
    theme = stored.theme_of(row)
    decision = stored.decisions.get(theme.id)
    current = stored.answer_of(decision) if decision is not None else None
    wanted = read_answer(row, current, day_first=here.day_first)
    if wanted == current or stamp(wanted) == read_stamp(row.cell("version")):
        return Step(row=row, outcome=Outcome.SAME, theme=theme.name)
    number = read_id(row.cell("decision_id"))
    if number is not None and (decision is None or decision.id != number):
        raise UnknownAnswer(number=str(number))
    stored.check_current(theme)
    if decision is not None and number is None and decision.is_answer:
        raise AnswerIsThere
    _check_stamp(row, current)
    was_public = decision is not None and decision.published_at is not None
    changed = _write_answer(here, stored, row, theme, decision, wanted)
    after = answer_cells(changed, stored.names[changed.respondent_id])
    act = Act(Verb.CHANGED if decision is not None else Verb.CREATED, Decision.__tablename__, changed.id)
    return Step(
        row=row,
        outcome=Outcome.CHANGED if decision is not None else Outcome.ADDED,
        theme=theme.name,
        differences=differences(current, after),
        asks_reason=was_public and not row.change_reason,
        acts=(act,),
    )


def _write_answer(
    here: _Context, stored: Stored, row: SheetRow, theme: Theme, decision: Decision | None, wanted: AnswerCells
) -> Decision:
    named = here.campaign.owner_id if decision is None else decision.respondent_id
    respondent = stored.person(wanted.respondent or stored.names[named], here=named)
    return decide(
        here.session,
        theme,
        status=DecisionStatus(wanted.status),
        reason=wanted.reason,
        respondent=here.session.get_one(Person, respondent) if isinstance(respondent, int) else respondent,
        decided_on=wanted.decided_on or today_of(here.by, here.now),
        expected_on=wanted.expected_on,
        community_impact=wanted.community_impact,
        by=here.by,
        now=here.now,
        change_reason=here.reason_of(row),
    )


def _old_action(here: _Context, stored: Stored, row: SheetRow) -> Step:
    """A row of an action that is there: its progress, or that it is abandoned."""
    theme, number = stored.theme_of(row), read_id(row.cell("action_id"))
    action = stored.actions.get(number or 0)
    if action is None or action.decision.theme_id != theme.id:
        raise UnknownAction(number=str(number))
    current = stored.action_of(action)
    wanted = read_action(row, current, day_first=here.day_first)
    if wanted == current or stamp(wanted) == read_stamp(row.cell("version")):
        return Step(row=row, outcome=Outcome.SAME, theme=theme.name)
    _check_stamp(row, current)
    if replace(wanted, progress=current.progress, abandoned_reason=current.abandoned_reason) != current:
        raise ActionIsFixed
    if action.abandoned_at is not None:
        raise ActionIsAbandoned
    reopens = action.done_at is not None and action.published_at is not None and wanted.progress < COMPLETE
    verbs = []
    if wanted.progress != current.progress:
        reason = here.reason_of(row) if reopens else ""
        report_progress(here.session, action, progress=wanted.progress, reason=reason, by=here.by, now=here.now)
        verbs += [Verb.COMPLETED] if wanted.progress == COMPLETE else []
    if wanted.abandoned_reason:
        abandon_action(here.session, action, reason=wanted.abandoned_reason, by=here.by, now=here.now)
        verbs.append(Verb.ABANDONED)
    return Step(
        row=row,
        outcome=Outcome.CHANGED,
        theme=theme.name,
        differences=differences(current, wanted),
        asks_reason=reopens and not row.change_reason,
        acts=tuple(Act(verb, Action.__tablename__, action.id) for verb in verbs),
    )


def _new_action(here: _Context, stored: Stored, row: SheetRow) -> Step:
    """A row without a number: an action to add, unless the theme has it already."""
    if row.is_empty:
        return Step(row=row, outcome=Outcome.SAME, theme=stored.theme_name(row))
    theme = stored.theme_of(row)
    stored.check_current(theme)
    wanted = read_action(row, None, day_first=here.day_first)
    decision = stored.decisions.get(theme.id)
    if decision is None:
        raise AnswerFirst
    if any(_is_same(action, wanted) for action in stored.actions.values() if action.decision_id == decision.id):
        return Step(row=row, outcome=Outcome.SAME, theme=theme.name)
    owner = stored.person(wanted.owner, here=None)
    if wanted.due_on is None:
        raise DayNeeded
    action = commit_to(
        here.session,
        decision,
        title=wanted.title,
        impact=wanted.impact,
        owner=here.session.get_one(Person, owner) if isinstance(owner, int) else owner,
        due_on=wanted.due_on,
        by=here.by,
        now=here.now,
    )
    here.session.flush()
    if wanted.progress:
        report_progress(here.session, action, progress=wanted.progress, by=here.by, now=here.now)
    ended = (Act(Verb.COMPLETED, Action.__tablename__, action.id),) if wanted.progress == COMPLETE else ()
    return Step(
        row=row,
        outcome=Outcome.ADDED,
        theme=theme.name,
        differences=tuple(one for one in differences(None, wanted) if one.after not in {"", "0"}),
        acts=ended,
    )


def _is_same(action: Action, wanted: ActionCells) -> bool:
    """Whether a table that is sent twice would add this action twice."""
    return folded(action.title) == folded(wanted.title) and action.due_on == wanted.due_on


def _repeated(rows: Sequence[SheetRow]) -> list[tuple[SheetRow, Step]]:
    """The rows that say of one answer or action what another row says otherwise, with why they are refused; and those
    that repeat an earlier row.
    """
    groups: dict[tuple[Sheet, str], list[SheetRow]] = {}
    for row in rows:
        key = row.cell("theme_id" if row.sheet is Sheet.DECISIONS else "action_id").removesuffix(".0")
        if key and not row.is_empty:
            groups.setdefault((row.sheet, key), []).append(row)
    found: list[tuple[SheetRow, Step]] = []
    for several in groups.values():
        first, *others = several
        if any(other.cells != first.cells for other in others):
            error = TwoRows(lines=", ".join(str(row.line) for row in several))
            found += [(row, Step(row=row, outcome=Outcome.REFUSED, error=error)) for row in several]
        else:
            found += [(row, Step(row=row, outcome=Outcome.SAME)) for row in others]
    return found


def _check_stamp(row: SheetRow, current: AnswerCells | ActionCells | None) -> None:
    """Raises StampMissing for a row of what is stored without the stamp of its export, and ChangedSinceExport where
    that stamp is not that of what is stored.
    """
    exported = read_stamp(row.cell("version"))
    is_stored = row.cell("decision_id" if row.sheet is Sheet.DECISIONS else "action_id") != ""
    if exported is None and is_stored:
        raise StampMissing
    if exported is not None and (current is None or stamp(current) != exported):
        raise ChangedSinceExport


def _in_a_table(error: DomainError) -> DomainError:
    """The error in the words of whoever has a table before them, not the page of an answer."""
    return AbandonTheActions(**error.values) if isinstance(error, ActionsStayOpen) else error
