"""The file of an import, how it is read, and which of its columns is what."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from ideas.contributions.imports.known import SameId
from ideas.personal_data.rows import PersonalRows

NO_COLUMN = ""
TOGETHER, APART = "together", "apart"
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows (CP1252)",
    "iso8859-15": "ISO 8859-15",
    "mac_roman": "Mac Roman",
    "cp850": "DOS (CP850)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "cp1250": "Windows (CP1250)",
    "cp1251": "Windows (CP1251)",
    "cp1253": "Windows (CP1253)",
    "cp1254": "Windows (CP1254)",
    "cp1255": "Windows (CP1255)",
    "cp1256": "Windows (CP1256)",
    "koi8_r": "KOI8-R",
    "cp866": "DOS (CP866)",
    "cp932": "Shift-JIS (CP932)",
    "euc_jp": "EUC-JP",
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp949": "EUC-KR (CP949)",
}


def _place(value: str | int | None) -> int | None:
    """The place of a column, or None for no column."""
    return None if value in {NO_COLUMN, None} else int(str(value))


class UploadIdeasForm(FlaskForm):
    file = FileField(_l("File of ideas"), validators=[FileRequired(_l("Choose a file first."))])


class ChooseColumnsForm(FlaskForm):
    """Each value of a column is its place, since headers may be anything."""

    sheet = SelectField(_l("Sheet"))
    header = SelectField(_l("Column names"), coerce=int)
    encoding = SelectField(_l("Encoding of the file"))
    text = SelectField(
        _l("Text"), coerce=_place, validators=[InputRequired(_l("Choose the column that holds the text."))]
    )
    more = SelectMultipleField(
        _l("Other columns of text"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    apart = RadioField(
        _l("What to do with several texts"),
        choices=[
            SelectChoice(TOGETHER, _l("Join them into one idea")),
            SelectChoice(APART, _l("Make each answer an idea of its own")),
        ],
    )
    title = SelectField(_l("Title"), coerce=_place)
    author = SelectField(_l("Author"), coerce=_place)
    lang = SelectField(_l("Language"), coerce=_place)
    key = SelectField(_l("Identifier"), coerce=_place)
    state = SelectField(_l("Status"), coerce=_place)
    email = SelectField(_l("Email address"), coerce=_place)
    with_names = BooleanField(_l("Show the names of the authors"))
    with_addresses = BooleanField(_l("Keep the email addresses, so that the authors can claim their ideas"))
    with_agreed = BooleanField(_l("These authors agreed to get emails about their ideas"))
    with_off = BooleanField(_l("Import these rows too"))
    same_id = RadioField(
        _l("Same identifier, other text"),
        choices=[
            SelectChoice(SameId.REPLACE.value, _l("Replace the text of the idea")),
            SelectChoice(SameId.ADD.value, _l("Add as another idea")),
            SelectChoice(SameId.SKIP.value, _l("Skip these rows")),
        ],
    )
    personal = RadioField(
        _l("Rows with personal data"),
        choices=[
            SelectChoice(PersonalRows.HOLD.value, _l("Hold them until a moderator has read them")),
            SelectChoice(PersonalRows.LEAVE_OUT.value, _l("Leave these rows out")),
            SelectChoice(PersonalRows.KEEP.value, _l("Publish them as they are")),
        ],
    )
