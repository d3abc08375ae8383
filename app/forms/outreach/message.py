"""An address to which nothing is to be sent."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice

from app.forms.text import LineField
from ideas.accounts.undeliverable import MAX_DETAIL_LENGTH, Undelivered
from ideas.people.person import MAX_EMAIL_LENGTH


class UndeliverableForm(FlaskForm):
    address = LineField(
        _l("Email address"),
        max_length=MAX_EMAIL_LENGTH,
        required=_l("Write an email address, such as name@example.org."),
    )
    why = RadioField(
        _l("What happened"),
        coerce=Undelivered,
        default=Undelivered.BOUNCED,
        choices=[
            SelectChoice(Undelivered.BOUNCED.value, _l("An email came back")),
            SelectChoice(Undelivered.COMPLAINED.value, _l("The person complained, or marked an email as unwanted")),
        ],
    )
    detail = LineField(
        _l("Details"),
        max_length=MAX_DETAIL_LENGTH,
        description=_l("For administrators, such as what the returned email says."),
    )
