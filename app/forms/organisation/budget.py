"""How much one person is sent in a week."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.forms.text import WholeNumberField
from app.forms.versioned import VersionedForm


class SetBudgetForm(VersionedForm):
    weekly_mails = WholeNumberField(_l("Emails"), validators=[InputRequired(_l("Enter a number."))])
    weekly_invitations = WholeNumberField(_l("Invitations"), validators=[InputRequired(_l("Enter a number."))])
