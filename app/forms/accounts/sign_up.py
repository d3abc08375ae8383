"""Who may create an account."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectChoice
from wtforms.validators import InputRequired

from app.forms.text import ParagraphField
from app.forms.versioned import VersionedForm
from ideas.accounts.sign_up import MAX_DOMAINS_LENGTH
from ideas.organisation.organisation import SignUp


def mode_field() -> RadioField:
    return RadioField(
        _l("Who may create an account"),
        choices=[
            SelectChoice(SignUp.OPEN.value, _l("Everyone")),
            SelectChoice(SignUp.DOMAIN.value, _l("People with an address of these domains")),
            SelectChoice(SignUp.INVITATION.value, _l("Invited people only")),
            SelectChoice(SignUp.CLOSED.value, _l("Nobody")),
        ],
        validators=[InputRequired(_l("Choose who may create an account."))],
    )


def domains_field() -> ParagraphField:
    return ParagraphField(
        _l("Domains"),
        max_length=MAX_DOMAINS_LENGTH,
        description=_l("One on each line, such as example.org. For mail.example.org, add a line of its own."),
    )


class SettleSignUpForm(VersionedForm):
    sign_up = mode_field()
    sign_up_domains = domains_field()
    admins_need_totp = BooleanField(
        _l("Administrators give a code of an app at each sign-in"),
        description=_l("Until they have set it up, they can do nothing as administrators. You too."),
    )
