"""The text and the dates of a campaign."""

from datetime import datetime
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateTimeLocalField, SelectField, ValidationError
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from app.forms.text import LineField, ParagraphField, WholeNumberField
from app.forms.versioned import VersionedForm
from app.web.pages.dates import from_input, hour_objection
from app.web.pages.language import gettext as _
from clustering.types import LANGUAGES
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.campaigns.campaign import (
    MAX_BRIEF_LENGTH,
    MAX_CHALLENGE_LENGTH,
    MAX_PARAGRAPH_LENGTH,
    MAX_TITLE_LENGTH,
    MAX_URL_LENGTH,
)

YEARS = range(2000, 2101)


def _likely_year(_form: FlaskForm, field: DateTimeLocalField) -> None:
    if isinstance(field.data, datetime) and field.data.year not in YEARS:
        raise ValidationError(_l("Check the year."))


def _is_an_instant(_form: FlaskForm, field: DateTimeLocalField) -> None:
    """The hour exists once. One that is stored, and shown unchanged, is known: its instant stays."""
    if not field.errors and isinstance(field.data, datetime) and not is_unchanged(field):
        objection = hour_objection(field.data)
        if objection:
            raise ValidationError(objection)


def is_unchanged(field: DateTimeLocalField) -> bool:
    """True where the form was opened with this date and sent back with it. Forms have no seconds."""
    return field.object_data is not None and field.object_data.replace(second=0, microsecond=0) == field.data


def instant_of(field: DateTimeLocalField) -> datetime | None:
    """What a field of `instant_field` says. Where it was sent back as it was shown, the instant that is stored, to the
    second, and the same one of an hour that comes twice. For a form that shows what `local_input` gives.
    """
    return from_input(field.object_data if is_unchanged(field) else field.data)


def instant_field(label: Any, *, required: Any = None) -> DateTimeLocalField:
    """`required`: what to say where nothing was chosen; without it the field may stay empty."""
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    first = Optional() if required is None else InputRequired(required)
    return DateTimeLocalField(label, format=formats, validators=[first, _likely_year, _is_an_instant])


def language_choices() -> list[tuple[str, str]]:
    """The languages that themes can be named in, by their names in the reader's."""
    known = [(code, get_locale().languages[code]) for code in LANGUAGES]
    return [("", _("As in the question")), *sorted(known, key=lambda choice: choice[1].casefold())]


class WriteCampaignForm(VersionedForm):
    """A draft may lack anything but its title; the launch gate asks for the rest."""

    title = LineField(_l("Title"), max_length=MAX_TITLE_LENGTH, required=_l("Enter a title for the campaign."))
    challenge = ParagraphField(_l("Question"), max_length=MAX_CHALLENGE_LENGTH)
    brief = ParagraphField(_l("Brief"), max_length=MAX_BRIEF_LENGTH)
    lang = SelectField(_l("Language of the campaign"), choices=language_choices, default="")
    is_health = BooleanField(_l("This campaign is about health"))
    allows_anonymous = BooleanField(_l("People may send ideas anonymously"))
    is_strict = BooleanField(_l("This campaign is strict about personal data"))
    supports_each = WholeNumberField(_l("Number of ideas that each person may support"), validators=[Optional()])
    benefit = ParagraphField(_l("Benefit"), max_length=MAX_PARAGRAPH_LENGTH)
    motivation = ParagraphField(_l("Motivation"), max_length=MAX_PARAGRAPH_LENGTH)
    opens_at = instant_field(_l("Opening date"))
    closes_at = instant_field(_l("Closing date"))
    debrief_due_at = instant_field(_l("Date promised for the debrief"))
    portrait = FileField(_l("Portrait of the campaign lead"))
    # The id of a portrait that was sent with a form that was refused.
    kept_portrait = WholeNumberField(widget=HiddenInput(), validators=[Optional()])
    owner_word = ParagraphField(_l("Message from the campaign lead"), max_length=MAX_PARAGRAPH_LENGTH)
    owner_video_url = LineField(_l("Link to a video"), max_length=MAX_URL_LENGTH)
    # Asked for once the campaign is announced; `ideas` requires it.
    change_reason = ParagraphField(_l("Why do you change it?"), max_length=MAX_REASON_LENGTH)


class CloseCampaignForm(FlaskForm):
    """Closing before the closing date: `ideas` says what is missing."""

    reason = ParagraphField(
        _l("Why do you close it early?"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Say why you close the campaign early. Everyone can read the reason."),
    )


class AddFileForm(FlaskForm):
    """A file that supports the brief."""

    file = FileField(_l("File to add"), validators=[FileRequired(_l("Choose a file first."))])
