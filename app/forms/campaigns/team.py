"""The roles of a campaign's team."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from app.forms.text import MaxLength, NotEmpty
from ideas.campaigns.team import Role
from ideas.people.person import MAX_EMAIL_LENGTH
from ideas.text import clean_line

ROLES = [
    SelectChoice(Role.FACILITATOR.value, _l("Facilitator")),
    SelectChoice(Role.MODERATOR.value, _l("Moderator")),
    SelectChoice(Role.JURY.value, _l("Jury member")),
    SelectChoice(Role.OBSERVER.value, _l("Observer")),
]


class AddToTeamForm(FlaskForm):
    email = EmailField(
        _l("Email address"),
        validators=[NotEmpty(_l("Enter an email address.")), MaxLength(MAX_EMAIL_LENGTH)],
        filters=[lambda text: clean_line(text or "")],
        description=_l("The person needs an account on this site."),
    )
    role = RadioField(_l("Role"), choices=ROLES, validators=[InputRequired(_l("Choose a role."))])


class ChangeRoleForm(FlaskForm):
    role = SelectField(_l("Role"), choices=ROLES, validators=[InputRequired(_l("Choose a role."))])
