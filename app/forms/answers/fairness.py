"""Whether a debrief is fair to what was said."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice
from wtforms.validators import DataRequired

from app.forms.text import ParagraphField
from app.forms.versioned import VersionedForm
from ideas.answers.debriefs.fairness import MAX_REASON_LENGTH

FAIR, UNFAIR = "yes", "no"


class SayFairForm(VersionedForm):
    """`version`: of the text of the debrief that the person reads."""

    fair = RadioField(
        _l("Is this debrief fair to what was said?"),
        choices=[SelectChoice(FAIR, _l("Yes, it is fair")), SelectChoice(UNFAIR, _l("No, it is not fair"))],
        validators=[DataRequired(_l("Choose yes or no."))],
    )
    reason = ParagraphField(
        _l("Your reason"),
        max_length=MAX_REASON_LENGTH,
        description=_l(
            "The campaign team reads it, without your name. If it is not fair, say what is missing or wrong."
        ),
    )
