"""What administrators settle for the whole site."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.forms.people.person import locale_choices
from app.forms.text import LineField, MaxLength, ParagraphField
from app.forms.versioned import VersionedForm
from app.settings import LOCALES
from ideas.organisation.organisation import MAX_FOOTER_LENGTH, MAX_NAME_LENGTH, MAX_WELCOME_LENGTH
from ideas.people.person import MAX_EMAIL_LENGTH
from ideas.text import clean_line


class ReviseOrganisationForm(VersionedForm):
    """The view sets `timezone.choices`, from `zone_choices`."""

    name = LineField(
        _l("Name of the site"),
        max_length=MAX_NAME_LENGTH,
        required=_l("Enter the name of the site."),
        description=_l("Shown at the top of each page, in the titles and in emails."),
    )
    contact_email = EmailField(
        _l("Contact address"),
        validators=[MaxLength(MAX_EMAIL_LENGTH)],
        filters=[lambda text: clean_line(text or "")],
        description=_l("Questions are sent here. Everyone can see it."),
    )
    welcome = ParagraphField(_l("Welcome text"), max_length=MAX_WELCOME_LENGTH)
    footer = ParagraphField(_l("Footer text"), max_length=MAX_FOOTER_LENGTH)
    locales = SelectMultipleField(
        _l("Languages offered"),
        choices=locale_choices(LOCALES),
        validators=[InputRequired(_l("Choose at least one language."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    locale = RadioField(
        _l("Default language"),
        choices=locale_choices(LOCALES),
        validators=[InputRequired(_l("Choose the default language."))],
        description=_l("For people whose browser asks for no language that the site offers."),
    )
    timezone = SelectField(
        _l("Default time zone"),
        validators=[InputRequired(_l("Choose a time zone."))],
        description=_l("For visitors and new accounts. Members choose their own."),
    )
