"""One answer for several themes at once: each gets its own, as if it were given alone."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from ideas.answers.approval import proposals_in
from ideas.answers.decision import (
    DecidedInTheFuture,
    DecisionStatus,
    ExpectedInThePast,
    NotARespondent,
    decide,
    decision_on,
    needs_second_person,
)
from ideas.answers.second_person import propose_answer
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.desk.work import Refused
from ideas.errors import DomainError, InvalidText, message_id
from ideas.people.person import Person
from ideas.themes.theme import Theme


class AnsweredAlready(DomainError):
    message = message_id("It has an answer already. Tick the box to replace it.")


class WaitsForSecondPerson(DomainError):
    message = message_id("An answer to it waits for a second person. Change it on the page of the theme.")


# What is wrong for all themes alike: nothing is done.
FOR_ALL = (InvalidText, NotARespondent, DecidedInTheFuture, ExpectedInThePast)


def decide_together(
    session: Session,
    campaign: Campaign,
    themes: Sequence[Theme],
    *,
    status: DecisionStatus,
    reason: str,
    respondent: Person,
    decided_on: date,
    expected_on: date | None = None,
    replace: bool = False,
    community_impact: str | None = None,
    change_reason: str = "",
    by: Person,
    now: datetime,
    seen: Mapping[int, int],
) -> Sequence[Refused]:
    """Give each of these themes this answer. The owner and facilitators may. `seen`: the versions that `by` saw.

    Before the debrief they are drafts, as `decide` says; after it, they wait where a second person approves each
    answer, and an answer that waits already stays. `community_impact`: None leaves what there is. A theme that
    has an answer keeps it, unless `replace`; a promised day is no answer. Returns the themes that got none, each with
    the error that `decide` raised, and changes nothing of them. Raises what is wrong for all: EmptyText, TooLong,
    NotARespondent, DecidedInTheFuture, ExpectedInThePast.
    """
    lock_campaign(session, campaign)
    answer: dict[str, Any] = {
        "status": status,
        "reason": reason,
        "respondent": respondent,
        "decided_on": decided_on,
        "community_impact": community_impact,
        "change_reason": change_reason,
        "by": by,
        "now": now,
    }
    waits = needs_second_person(campaign, status)
    waiting = proposals_in(session, campaign.id) if waits else {}
    refused = []
    for theme in themes:
        try:
            with session.begin_nested():
                here = decision_on(session, theme)
                if here is not None and here.is_answer and not replace and theme.retired_at is None:
                    raise AnsweredAlready
                if theme.id in waiting:
                    raise WaitsForSecondPerson
                if waits:
                    propose_answer(session, theme, **answer, seen=seen.get(theme.id, 0))
                else:
                    decide(session, theme, **answer, expected_on=expected_on, seen=seen.get(theme.id, 0))
        except FOR_ALL:
            raise
        except DomainError as error:
            refused.append(Refused(theme, error))
    return refused
