"""The set-up of a new site."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from app.forms.accounts.account import email_field, new_password
from app.forms.accounts.sign_up import domains_field, mode_field
from app.forms.people.person import NewAccountForm, rules_field
from app.forms.text import LineField
from ideas.organisation.organisation import MAX_NAME_LENGTH as MAX_SITE_NAME_LENGTH
from ideas.people.person import MAX_NAME_LENGTH

MAX_CODE_LENGTH = 40


class SetUpForm(NewAccountForm):
    code = LineField(
        _l("Code for the first administrator"),
        max_length=MAX_CODE_LENGTH,
        required=_l("Enter the code that the server printed when it started."),
        description=_l("16 letters and figures. The server printed it when it started."),
    )
    name = LineField(
        _l("Your name"),
        max_length=MAX_NAME_LENGTH,
        required=_l("Enter your name."),
        description=_l("Other members see it next to what you write."),
    )
    email = email_field(_l("Email address"))
    password = new_password(_l("Password"))
    site_name = LineField(
        _l("Name of the site"),
        max_length=MAX_SITE_NAME_LENGTH,
        required=_l("Enter the name of the site."),
        description=_l("Shown at the top of each page, in the titles and in emails."),
    )
    sign_up = mode_field()
    sign_up_domains = domains_field()
    rules = rules_field()
    timezone = HiddenField()
