"""Workshops of a space: what one is, and why it is cancelled."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.campaigns.campaign import instant_field
from app.forms.text import LineField, ParagraphField
from app.forms.versioned import VersionedForm
from ideas.activity.activity import MAX_REASON_LENGTH
from ideas.spaces.workshops.workshop import MAX_PLACE_LENGTH, MAX_TITLE_LENGTH, MAX_WORDS_LENGTH


class WriteWorkshopForm(VersionedForm):
    title = LineField(_l("Title"), max_length=MAX_TITLE_LENGTH, required=_l("Enter a title for the workshop."))
    starts_at = instant_field(_l("Starts"), required=_l("Choose when the workshop starts."))
    ends_at = instant_field(_l("Ends"), required=_l("Choose when the workshop ends."))
    place = LineField(
        _l("Where, or the link"),
        max_length=MAX_PLACE_LENGTH,
        required=_l("Say where the workshop is, or paste its link."),
    )
    words = ParagraphField(_l("What happens there"), max_length=MAX_WORDS_LENGTH)


class CancelWorkshopForm(FlaskForm):
    reason = ParagraphField(
        _l("Reason"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Say why the workshop is cancelled. Members read the reason."),
    )
