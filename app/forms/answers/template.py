"""A text that is kept for answers."""

from flask_babel import lazy_gettext as _l

from app.forms.text import LineField, ParagraphField
from app.forms.versioned import VersionedForm
from ideas.answers.decision import MAX_REASON_LENGTH
from ideas.answers.template import MAX_NAME_LENGTH


class WriteTemplateForm(VersionedForm):
    name = LineField(
        _l("Name of the template"),
        max_length=MAX_NAME_LENGTH,
        required=_l("Enter a name for the template."),
        description=_l("Only those who answer see it, for example “Not in our power”."),
    )
    body = ParagraphField(
        _l("Text of the template"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Write the text of the template."),
        description=_l("It is put into an answer, where you can edit it."),
    )
