"""An application of the organisation that tells of answers."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import LineField
from ideas.outreach.hosts.host import MAX_NAME_LENGTH, MAX_ORIGIN_LENGTH, MAX_WEBHOOK_LENGTH


class AddHostForm(FlaskForm):
    name = LineField(
        _l("Name of the application"), max_length=MAX_NAME_LENGTH, required=_l("Enter the name of the application.")
    )
    origin = LineField(
        _l("Its address"),
        max_length=MAX_ORIGIN_LENGTH,
        required=_l("Enter the address of the application."),
        description=_l("How all its addresses begin, such as https://app.example.org."),
    )


class SetWebhookForm(FlaskForm):
    webhook = LineField(
        _l("Address for events (webhook)"),
        max_length=MAX_WEBHOOK_LENGTH,
        description=_l("Within the application. Leave it empty to send nothing."),
    )
