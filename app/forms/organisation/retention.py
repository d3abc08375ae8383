"""For how long the site keeps what it keeps for a time only."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.forms.text import WholeNumberField
from app.forms.versioned import VersionedForm


def _days(label: str) -> WholeNumberField:
    return WholeNumberField(label, validators=[InputRequired(_l("Enter a number of days."))])


class SetRetentionForm(VersionedForm):
    keep_drafts = _days(_l("Drafts of ideas"))
    keep_sign_ins = _days(_l("Sign-ins that ended"))
    keep_messages = _days(_l("Emails that were sent"))
    keep_jobs = _days(_l("Jobs that ended"))
    erasure_days = _days(_l("Waiting time of an erasure"))
