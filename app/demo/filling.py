"""What people give beside their texts: authors what the form of the campaign asks, and a photo; owners of actions their
milestones and evidence.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.demo.drawing import drawn_street, drawn_van
from app.pictures.uploads.redraw import accept, small_picture
from app.web.uploads import uploads
from ideas.answers.action import Action
from ideas.answers.actions.evidence_change import add_evidence
from ideas.answers.actions.milestone_change import add_milestone, change_milestone
from ideas.answers.debriefs.material import add_debrief_file
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, FieldText, FormField, add_field
from ideas.contributions.fields.value import Given, Values
from ideas.contributions.files.change import FileChanges
from ideas.contributions.files.idea_file import keep_waiting
from ideas.files import add_attachment, kept
from ideas.people.person import Person

# Of ten ideas, those whose author leaves an optional field empty.
EMPTY_OF_TEN = 2


def ask_fields(session: Session, campaign: Campaign, facts: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Add the fields that the facts of the campaign name."""
    for fact in facts:
        names = FieldText.__dataclass_fields__
        text = FieldText(**{name: value for name, value in fact.items() if name in names})
        options = [name for name, _share in fact.get("options", ())]
        add_field(
            session, campaign, kind=FieldKind(fact["kind"]), text=text, options=options, by=campaign.owner, now=now
        )


def fill_in(fields: Sequence[FormField], facts: Sequence[dict[str, Any]], *, by: str, idea: str) -> Values | None:
    """What this person gives with this idea, the same at every load. In a choice, they give the same with each idea."""
    given: dict[int, Given] = {}
    for field, fact in zip(fields, facts, strict=True):
        if field.kind is FieldKind.FILE:  # see add_to_idea
            continue
        if field.kind is FieldKind.PLACE:
            given[field.id] = Given(text=fact["given"].get(idea, ""))
            continue
        # Two seeds for one field: the person's, and the idea's.
        drawn = random.Random(f"{field.label} {by if field.kind is FieldKind.CHOICE else idea}")  # noqa: S311 -- a demo, not a secret
        if by in fact.get("known", {}):  # what their headline says
            given[field.id] = Given(frozenset({field.options[fact["known"][by]].id}))
            continue
        if drawn.randrange(10) < EMPTY_OF_TEN:
            continue
        if field.kind is FieldKind.CHOICE:
            shares = [share for _name, share in fact["options"]]
            [option] = drawn.choices(field.options, weights=shares)
            given[field.id] = Given(frozenset({option.id}))
        else:
            given[field.id] = Given(number=float(drawn.choice(fact["numbers"])))
    return given if fields else None


def add_documents(session: Session, campaign: Campaign, facts: Sequence[dict[str, str]], *, now: datetime) -> None:
    """Add the files that support the brief: tables, whose text is in the facts."""
    for fact in facts:
        upload = accept(fact["content"].encode(), fact["name"])
        with kept(uploads(), upload.content) as stored_as:
            add_attachment(session, campaign.id, upload, stored_as=stored_as, by=campaign.owner, now=now)


def add_debrief_files(
    session: Session, campaign: Campaign, body: str, facts: Sequence[dict[str, str]], *, now: datetime
) -> str:
    """The text of the debrief, in which the files of the facts have their numbers: a table, or a picture that is drawn.

    `{{ image van.png | … }}` becomes `{{ image 3 | … }}`.
    """
    for fact in facts:
        upload = accept(fact["content"].encode() if "content" in fact else drawn_van(), fact["name"])
        with kept(uploads(), upload.content) as stored_as:
            file = add_debrief_file(session, campaign, upload, stored_as=stored_as, by=campaign.owner, now=now)
        session.flush()
        body = body.replace(f" {fact['name']} |", f" {file.id} |")
    return body


def add_to_idea(
    session: Session, said: dict[str, Any], fields: Sequence[FormField], *, by: Person, now: datetime
) -> FileChanges | None:
    """What this person adds to their idea: a photo, drawn here and described by the facts, or a table for the field of
    the form that asks for a file.
    """
    if photo := said.get("photo"):
        upload = accept(drawn_street(), photo["name"])
        small = small_picture(upload)
        assert small is not None  # noqa: S101 -- it was drawn as a picture
        with kept(uploads(), upload.content) as stored_as, kept(uploads(), small.content) as small_as:
            one = keep_waiting(session, upload, stored_as=stored_as, small=small, small_as=small_as, by=by, now=now)
        return FileChanges(added={one.file_id}, alternatives={one.file_id: photo["shows"]})
    if document := said.get("document"):
        upload = accept(document["content"].encode(), document["name"])
        [field] = [field for field in fields if field.kind is FieldKind.FILE]
        with kept(uploads(), upload.content) as stored_as:
            one = keep_waiting(session, upload, stored_as=stored_as, field_id=field.id, by=by, now=now)
        return FileChanges(added={one.file_id})
    return None


def add_milestones(
    session: Session, action: Action, facts: Sequence[dict[str, Any]], *, now: datetime, today: datetime
) -> None:
    """The milestones of an action, with days counted from today."""
    for fact in facts:
        due_on = (today + timedelta(days=fact["due_in_days"])).date()
        add_milestone(session, action, title=fact["title"], due_on=due_on, by=action.owner, now=now)


def go_on(session: Session, action: Action, facts: dict[str, Any], *, today: datetime) -> None:
    """Say of the milestones of a published action which were reached, and add its evidence with a document."""
    for milestone, fact in zip(action.milestones, facts.get("milestones", ()), strict=True):
        if "reached_days_ago" in fact:
            at = today - timedelta(days=fact["reached_days_ago"])
            change_milestone(
                session,
                milestone,
                title=milestone.title,
                due_on=milestone.due_on,
                done_on=at.date(),
                by=action.owner,
                now=at,
            )
    for fact in facts.get("evidence", ()):
        at = today - timedelta(days=fact["days_ago"])
        upload = accept(fact["content"].encode(), fact["name"])
        with kept(uploads(), upload.content) as stored_as:
            one = keep_waiting(session, upload, stored_as=stored_as, by=action.owner, now=at)
        files = FileChanges(added={one.file_id})
        add_evidence(session, action, body=fact["body"], files=files, by=action.owner, now=at)
