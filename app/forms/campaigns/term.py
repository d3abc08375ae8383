"""An abbreviation of a campaign's glossary."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import LineField
from ideas.campaigns.term import MAX_ABBREVIATION_LENGTH, MAX_MEANING_LENGTH


class AddTermForm(FlaskForm):
    abbreviation = LineField(
        _l("Abbreviation"), max_length=MAX_ABBREVIATION_LENGTH, required=_l("Write the abbreviation.")
    )
    meaning = LineField(_l("Meaning"), max_length=MAX_MEANING_LENGTH, required=_l("Write what it means."))
