"""The roles of a campaign's team, their dates, and its lead."""

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, EmailField, RadioField, SelectChoice, SelectField, ValidationError
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from app.forms.campaigns.campaign import YEARS
from app.forms.text import LineField, MaxLength, NotEmpty, WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.activity.activity import MAX_REASON_LENGTH
from ideas.campaigns.people.team import Role
from ideas.people.person import MAX_EMAIL_LENGTH
from ideas.text import clean_line

ROLES = [
    SelectChoice(Role.FACILITATOR.value, _l("Facilitator")),
    SelectChoice(Role.MODERATOR.value, _l("Moderator")),
    SelectChoice(Role.JURY.value, _l("Jury member")),
    SelectChoice(Role.OBSERVER.value, _l("Observer")),
]


def likely_year(_form: FlaskForm, field: DateField) -> None:
    if isinstance(field.data, date) and field.data.year not in YEARS:
        raise ValidationError(_l("Check the year."))


def _first_day() -> DateField:
    return DateField(_l("First day"), validators=[Optional(), likely_year])


def _last_day() -> DateField:
    return DateField(_l("Last day"), validators=[Optional(), likely_year])


class AddToTeamForm(FlaskForm):
    email = EmailField(
        _l("Email address"),
        validators=[NotEmpty(_l("Enter an email address.")), MaxLength(MAX_EMAIL_LENGTH)],
        filters=[lambda text: clean_line(text or "")],
        description=_l("We send an invitation to this address. The person has the role once they accept it."),
    )
    role = RadioField(_l("Role"), choices=ROLES, validators=[InputRequired(_l("Choose a role."))])
    first_day = _first_day()
    last_day = _last_day()


class ChangeRoleForm(VersionedForm):
    """The page has one form for each member: its prefix is the member's number."""

    role = SelectField(_l("Role"), choices=ROLES, validators=[InputRequired(_l("Choose a role."))])
    first_day = _first_day()
    last_day = _last_day()


class HandOverForm(FlaskForm):
    """The view sets the choices of `person`. `owner`: the lead whom the person saw."""

    owner = WholeNumberField(widget=HiddenInput(), validators=[InputRequired()])
    person = SelectField(_l("New campaign lead"), coerce=int, validators=[InputRequired(_l("Choose someone."))])
    reason = LineField(
        _l("Reason"),
        max_length=MAX_REASON_LENGTH,
        description=_l("The campaign team and administrators can read it."),
    )
    leaves = BooleanField(_l("The former lead leaves the team"))
