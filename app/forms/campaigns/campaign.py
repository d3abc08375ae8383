from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateTimeLocalField, ValidationError
from wtforms.validators import Optional

from app.forms.text import LineField, ParagraphField
from ideas.campaigns.campaign import BRIEF_MOST, CHALLENGE_MOST, PARAGRAPH_MOST, TITLE_MOST, URL_MOST

YEARS = range(2000, 2101)


def _likely_year(_form: FlaskForm, field: DateTimeLocalField) -> None:
    if isinstance(field.data, datetime) and field.data.year not in YEARS:
        raise ValidationError(_l("Check the year."))


def _instant(label: str) -> DateTimeLocalField:
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    return DateTimeLocalField(label, format=formats, validators=[Optional(), _likely_year])


class WriteCampaignForm(FlaskForm):
    """A draft may lack anything but its title; the launch gate asks for the rest."""

    title = LineField(_l("Title"), most=TITLE_MOST, required=_l("Give the campaign a title."))
    challenge = ParagraphField(_l("Challenge"), most=CHALLENGE_MOST)
    brief = ParagraphField(_l("Brief"), most=BRIEF_MOST)
    benefit = ParagraphField(_l("Benefit"), most=PARAGRAPH_MOST)
    motivation = ParagraphField(_l("Motivation"), most=PARAGRAPH_MOST)
    opens_at = _instant(_l("Opening"))
    closes_at = _instant(_l("Closing"))
    debrief_due_at = _instant(_l("Debrief promised for"))
    portrait = FileField(_l("Portrait of the owner"))
    owner_word = ParagraphField(_l("A word from the owner"), most=PARAGRAPH_MOST)
    owner_video_url = LineField(_l("Link to a video"), most=URL_MOST)
