"""Answer templates: texts that a team keeps, puts into an answer, and edits there as any text.

Those of a campaign are its team's. Those of the organisation, which have no campaign, can be put into every answer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged
from ideas.answers.decision import MAX_REASON_LENGTH
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import DeletedMeanwhile, DomainError, message_id
from ideas.organisation.organisation import lock_organisation
from ideas.people.person import Person
from ideas.text import clean_line, required

MAX_NAME_LENGTH = 80
MAX_TEMPLATES = 30  # of a campaign, and of the organisation


class TooManyTemplates(DomainError):
    message = message_id("There can be %(most)s answer templates at most. Delete one that is no longer needed.")


class TemplateNameTaken(DomainError):
    message = message_id("There is already a template called “%(name)s”. Choose another name.")


class AnswerTemplate(Base):
    """`campaign_id`: None for one of the organisation. `version` counts the saves."""

    __tablename__ = "answer_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    body: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


def templates_of(session: Session, campaign: Campaign | None) -> Sequence[AnswerTemplate]:
    """The templates of a campaign, or of the organisation, by name. One query."""
    of = AnswerTemplate.campaign_id == (campaign.id if campaign is not None else None)
    return session.scalars(select(AnswerTemplate).where(of).order_by(*_by_name())).all()


def templates_for(session: Session, campaign: Campaign) -> Sequence[AnswerTemplate]:
    """The templates that an answer in this campaign can take: its own, then those of the organisation. One query.

    For those who answer its themes.
    """
    usable = (AnswerTemplate.campaign_id == campaign.id) | AnswerTemplate.campaign_id.is_(None)
    own_first = AnswerTemplate.campaign_id.is_(None)
    return session.scalars(select(AnswerTemplate).where(usable).order_by(own_first, *_by_name())).all()


def with_template(text: str, template: AnswerTemplate) -> str:
    """The text of an answer with the template below what is written already."""
    return f"{text.rstrip()}\n\n{template.body}" if text.strip() else template.body


def add_template(
    session: Session, campaign: Campaign | None, *, name: str, body: str, by: Person, now: datetime
) -> AnswerTemplate:
    """Keep a text for answers. Those who answer the campaign's themes may; without a campaign, administrators.

    Raises EmptyText, TooLong, TemplateNameTaken or TooManyTemplates.
    """
    name, body = _checked(name, body)
    _lock(session, campaign)
    known = templates_of(session, campaign)
    _check_name(name, known)
    if len(known) >= MAX_TEMPLATES:
        raise TooManyTemplates(most=MAX_TEMPLATES)
    template = AnswerTemplate(
        campaign_id=campaign.id if campaign is not None else None, name=name, body=body, created_at=now
    )  # fmt: skip
    session.add(template)
    session.flush()
    record(session, Verb.CREATED, template, by=by, now=now, campaign_id=template.campaign_id, after=_facts(template))
    return template


def change_template(
    session: Session,
    template: AnswerTemplate,
    *,
    campaign: Campaign | None,
    name: str,
    body: str,
    seen: int,
    by: Person,
    now: datetime,
) -> None:
    """Change a template; answers that took it stay as they are. Who may add one may.

    `campaign`: the one whose template it is. `seen`: the version that the form was opened with. Raises EmptyText,
    TooLong, TemplateNameTaken, ChangedMeanwhile or DeletedMeanwhile.
    """
    name, body = _checked(name, body)
    _lock(session, campaign)
    if session.get(AnswerTemplate, template.id, populate_existing=True) is None:
        raise DeletedMeanwhile
    check_unchanged(template, seen)
    _check_name(name, [other for other in templates_of(session, campaign) if other.id != template.id])
    before = _facts(template)
    if (name, body) == (template.name, template.body):
        return
    template.name, template.body, template.version = name, body, template.version + 1
    after = _facts(template)
    record(
        session, Verb.CHANGED, template, by=by, now=now, campaign_id=template.campaign_id, before=before, after=after
    )  # fmt: skip
    session.flush()


def delete_template(session: Session, template: AnswerTemplate, *, by: Person, now: datetime) -> None:
    """Delete a template; answers that took it stay as they are. Who may add one may."""
    if session.get(AnswerTemplate, template.id, populate_existing=True, with_for_update=True) is None:
        return  # somebody else deleted it at the same moment
    record(session, Verb.DELETED, template, by=by, now=now, campaign_id=template.campaign_id, before=_facts(template))
    session.delete(template)
    session.flush()


def _by_name() -> tuple[Any, ...]:
    return func.lower(AnswerTemplate.name), AnswerTemplate.id


def _checked(name: str, body: str) -> tuple[str, str]:
    return required(clean_line(name), max_length=MAX_NAME_LENGTH), required(body, max_length=MAX_REASON_LENGTH)


def _lock(session: Session, campaign: Campaign | None) -> None:
    """So that two people at once add no name twice."""
    if campaign is not None:
        lock_campaign(session, campaign)
    else:
        lock_organisation(session)


def _check_name(name: str, known: Sequence[AnswerTemplate]) -> None:
    if name.casefold() in {template.name.casefold() for template in known}:
        raise TemplateNameTaken(name=name)


def _facts(template: AnswerTemplate) -> dict[str, str]:
    return {"name": template.name, "text": template.body}
