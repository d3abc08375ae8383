"""The debrief's text."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.forms.campaigns.campaign import instant_field
from app.forms.text import MaxLength, WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.answers.debriefs.debrief import MAX_BODY_LENGTH


class WriteDebriefForm(VersionedForm):
    body = TextAreaField(
        _l("Text of the debrief"),
        validators=[
            DataRequired(_l("Write the text of the debrief first.")),
            MaxLength(MAX_BODY_LENGTH),
        ],
    )
    hides_agreement = BooleanField(_l("Don’t publish the share of rightly placed ideas"))
    change_reason = TextAreaField(
        _l("Why you change the text"),
        description=_l("The debrief is published. Everyone can read this reason and the earlier text."),
        validators=[MaxLength(MAX_REASON_LENGTH)],
    )


class PublishDebriefForm(FlaskForm):
    """`stamp`: stands for what was read on the page."""

    stamp = HiddenField(validators=[MaxLength(64)])


class SchedulePublicationForm(PublishDebriefForm):
    """`told`: how many people the page said are told."""

    publish_at = instant_field(_l("Publish on"))
    confirmed = BooleanField(
        _l("I have read the text below and the messages that people will get"),
        validators=[InputRequired(_l("Read both, then tick the box."))],
    )
    told = WholeNumberField(widget=HiddenInput(), default=0, validators=[Optional(), NumberRange(min=0)])
