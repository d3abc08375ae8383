"""Inviting people to a campaign or a space: by a list of addresses, or by a link."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, Field, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from app.forms.campaigns.team import ROLES, likely_year
from app.forms.spaces.space import ROLES as SPACE_ROLES
from app.forms.text import ParagraphField, WholeNumberField
from ideas.spaces.addresses import MAX_LIST_LENGTH
from ideas.spaces.space import SpaceRole

# What an invitation may lead to: a role of the team, or none.
PARTICIPANT = "participant"
OFFERS = [SelectChoice(PARTICIPANT, _l("Participant")), *ROLES]


def _offer(choices: list[SelectChoice] = OFFERS, default: str = PARTICIPANT) -> Field:
    return RadioField(
        _l("Invite as"), choices=choices, default=default, validators=[InputRequired(_l("Choose a role."))]
    )


def _offer_of_space() -> Field:
    return _offer(SPACE_ROLES, SpaceRole.MEMBER.value)


def language_field() -> Field:
    return SelectField(
        _l("Language of the invitation"),
        choices=[SelectChoice("fr", "Français"), SelectChoice("en", "English")],
        validators=[InputRequired()],
    )


class InviteForm(FlaskForm):
    addresses = ParagraphField(
        _l("Email addresses"),
        max_length=MAX_LIST_LENGTH,
        description=_l("One on each line, or between commas. Names may stay beside them."),
    )
    file = FileField(_l("Or a file of addresses"), description=_l("CSV, Excel or OpenDocument, with a column of them."))
    role = _offer()
    locale = language_field()


class MakeLinkForm(FlaskForm):
    role = _offer()
    locale = language_field()
    max_uses = WholeNumberField(
        _l("How many people may use it"), default=20, validators=[InputRequired(_l("Enter a number."))]
    )
    last_day = DateField(_l("Last day"), validators=[InputRequired(_l("Choose the last day.")), likely_year])


class InviteToSpaceForm(InviteForm):
    role = _offer_of_space()


class MakeSpaceLinkForm(MakeLinkForm):
    role = _offer_of_space()
