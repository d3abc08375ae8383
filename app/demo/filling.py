"""What the authors of ideas give beside their text: what the form of the campaign asks, and a photo."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.demo.drawing import drawn_street
from app.pictures.redraw import accept, small_picture
from app.web.uploads import uploads
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, FieldText, FormField, add_field
from ideas.contributions.fields.value import Given, Values
from ideas.contributions.files.change import FileChanges
from ideas.contributions.files.idea_file import keep_waiting
from ideas.files import kept
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


def add_photo(session: Session, facts: dict[str, str], *, by: Person, now: datetime) -> FileChanges:
    """A photo that this person adds to their idea: drawn here, and described by the facts."""
    upload = accept(drawn_street(), facts["name"])
    small = small_picture(upload)
    assert small is not None  # noqa: S101 -- it was drawn as a picture
    with kept(uploads(), upload.content) as stored_as, kept(uploads(), small.content) as small_as:
        photo = keep_waiting(session, upload, stored_as=stored_as, small=small, small_as=small_as, by=by, now=now)
    return FileChanges(added={photo.file_id}, alternatives={photo.file_id: facts["shows"]})
