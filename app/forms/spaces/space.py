"""Spaces: what one is, who enters, who is added or refused."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from app.forms.text import LineField, MaxLength, NotEmpty, ParagraphField, WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.activity.activity import MAX_REASON_LENGTH
from ideas.people.person import MAX_EMAIL_LENGTH
from ideas.spaces.space import (
    MAX_DESCRIPTION_LENGTH,
    MAX_NAME_LENGTH,
    MAX_NOTE_LENGTH,
    Entry,
    SpaceKind,
    SpaceRole,
)
from ideas.text import clean_line

ROLES = [
    SelectChoice(SpaceRole.MEMBER.value, _l("Member")),
    SelectChoice(SpaceRole.MODERATOR.value, _l("Moderator")),
    SelectChoice(SpaceRole.OBSERVER.value, _l("Observer")),
]


class WriteSpaceForm(VersionedForm):
    name = LineField(_l("Name"), max_length=MAX_NAME_LENGTH, required=_l("Enter a name for the space."))
    description = ParagraphField(_l("Description"), max_length=MAX_DESCRIPTION_LENGTH)
    kind = RadioField(
        _l("Kind of space"),
        choices=[
            SelectChoice(SpaceKind.PUBLIC.value, _l("Public")),
            SelectChoice(SpaceKind.INTEREST.value, _l("By interest")),
            SelectChoice(SpaceKind.GROUP.value, _l("Private group")),
            SelectChoice(SpaceKind.BOARD.value, _l("Advisory board")),
        ],
        validators=[InputRequired(_l("Choose a kind of space."))],
    )
    entry = RadioField(
        _l("How people enter"),
        choices=[
            SelectChoice(Entry.OPEN.value, _l("Freely")),
            SelectChoice(Entry.REQUEST.value, _l("On request")),
            SelectChoice(Entry.PRIVATE.value, _l("Added by a moderator")),
        ],
        validators=[InputRequired(_l("Choose how people enter."))],
    )
    seats = WholeNumberField(_l("Number of seats"), validators=[Optional()])


class EnterForm(FlaskForm):
    """What somebody says with their request."""

    note = ParagraphField(_l("Message to the moderators"), max_length=MAX_NOTE_LENGTH)


class ReasonForm(FlaskForm):
    """Why somebody is refused or removed: `ideas` requires it."""

    reason = ParagraphField(_l("Reason"), max_length=MAX_REASON_LENGTH)


class AddPersonForm(FlaskForm):
    email = EmailField(
        _l("Email address"),
        validators=[NotEmpty(_l("Enter an email address.")), MaxLength(MAX_EMAIL_LENGTH)],
        filters=[lambda text: clean_line(text or "")],
    )
    role = RadioField(_l("Role"), choices=ROLES, validators=[InputRequired(_l("Choose a role."))])


class SpaceRoleForm(FlaskForm):
    role = SelectField(_l("Role"), choices=ROLES)
