"""Pioneers: their space, invitations, thanks."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import LineField, ParagraphField
from ideas.activity.activity import MAX_REASON_LENGTH
from ideas.recognition.pioneer import MAX_WORDS_LENGTH
from ideas.spaces.space import MAX_NAME_LENGTH


class CreatePioneerSpaceForm(FlaskForm):
    name = LineField(_l("Name of the space"), max_length=MAX_NAME_LENGTH, required=_l("Enter a name."))


class InvitePioneerForm(FlaskForm):
    words = ParagraphField(_l("Your words to them"), max_length=MAX_WORDS_LENGTH)


class ThankPioneerForm(FlaskForm):
    thanks = ParagraphField(
        _l("Words of thanks"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Write some words of thanks. The person reads them."),
    )
