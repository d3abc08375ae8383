"""Which entries are the finalists of a contest, and why these."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import NumberRange, Optional

from app.forms.text import ParagraphField, WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.contest.entry import MAX_ENTRIES


class ChooseFinalistsForm(VersionedForm):
    """Beside it, the address or the form names ideas by `idea`."""

    top = WholeNumberField(
        _l("How many of the best"),
        validators=[Optional(), NumberRange(1, MAX_ENTRIES, _l("Enter a whole number from 1."))],
    )
    note = ParagraphField(_l("Why these"), max_length=MAX_REASON_LENGTH)
