"""Accounts: sign up, sign in, profile."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, HiddenField, PasswordField, RadioField, SelectChoice, SelectField
from wtforms.validators import DataRequired, InputRequired

from app.forms.accounts.account import email_field, new_password
from app.forms.personal_data import PublicTextForm
from app.forms.text import LineField, NotEmpty
from app.web.pages.dates import city
from app.web.pages.site import site
from ideas.accounts.identity import NewAccount
from ideas.people.person import MAX_HEADLINE_LENGTH, MAX_NAME_LENGTH
from ideas.people.translator import Translator
from ideas.text import clean_line

LANGUAGES = {"fr": "Français", "en": "English"}
# The zones where French is spoken, and their neighbours. A person's own zone is added if it is another one.
ZONES = (
    "Europe/Paris",
    "Europe/Brussels",
    "Europe/Luxembourg",
    "Europe/Zurich",
    "Europe/London",
    "Europe/Lisbon",
    "Europe/Madrid",
    "Europe/Berlin",
    "Europe/Rome",
    "Europe/Athens",
    "Africa/Casablanca",
    "Africa/Algiers",
    "Africa/Tunis",
    "Africa/Dakar",
    "Africa/Abidjan",
    "Africa/Douala",
    "Africa/Kinshasa",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Indian/Mauritius",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "America/Martinique",
    "America/Guadeloupe",
    "America/Cayenne",
    "America/Miquelon",
    "America/Montreal",
    "America/New_York",
    "America/Los_Angeles",
    "UTC",
)


def known_zone(name: str | None) -> str | None:
    """The name if it is that of a time zone, or None."""
    try:
        return ZoneInfo(name).key if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_choices(*, also: str, at: datetime) -> list[SelectChoice]:
    """The common zones and the person's own (`also`), with their offset from UTC at this instant."""
    names = ZONES if also in ZONES else (also, *ZONES)
    return [SelectChoice(name, _zone_label(name, at)) for name in names]


def locale_choices(locales: Sequence[str]) -> list[SelectChoice]:
    """These languages, each by its own name."""
    return [SelectChoice(code, LANGUAGES[code]) for code in locales]


def _zone_label(name: str, at: datetime) -> str:
    offset = at.astimezone(ZoneInfo(name)).strftime("%z")
    return name if name == "UTC" else f"{city(name)} (UTC{offset[:3]}:{offset[3:]})"


def rules_field() -> BooleanField:
    return BooleanField(
        _l("I have read the rules of the community and I agree to follow them."),
        validators=[DataRequired(_l("Accept the rules of the community to create your account."))],
    )


class NewAccountForm(FlaskForm):
    """A form that creates an account. Those who inherit from it have the fields: name, email, password, rules, zone."""

    def account(self, email: str = "") -> NewAccount:
        """What was typed, in the reader's language and zone. `email`: the address where the form asks for none."""
        return NewAccount(
            email=email or self["email"].data,
            name=self["name"].data,
            password=self["password"].data,
            rules_accepted=self["rules"].data,
            locale=str(get_locale())[:2],
            timezone=known_zone(self["timezone"].data) or site().timezone,
        )


class SignUpForm(NewAccountForm):
    name = LineField(
        _l("Your name"),
        max_length=MAX_NAME_LENGTH,
        required=_l("Enter your name."),
        description=_l("Other members see it next to your ideas."),
    )
    email = email_field(_l("Email address"), description=_l("Other members never see it."))
    password = new_password(_l("Password"))
    rules = rules_field()
    timezone = HiddenField()


class SignInForm(FlaskForm):
    email = EmailField(
        _l("Email address"),
        validators=[NotEmpty(_l("Enter your email address."))],
        filters=[lambda text: clean_line(text or "")],
    )
    password = PasswordField(_l("Password"), validators=[DataRequired(_l("Enter your password."))])


class ReviseProfileForm(PublicTextForm):
    """The view sets the choices of `timezone` and `locale`, from `zone_choices` and `locale_choices`.

    The line under the name is read by all members: what is personal in it is shown first.
    """

    leaves_text = True  # it may be empty

    name = LineField(_l("Your name"), max_length=MAX_NAME_LENGTH, required=_l("Enter your name."))
    headline = LineField(
        _l("Your job or your town"),
        max_length=MAX_HEADLINE_LENGTH,
        description=_l("Other members see it under your name."),
    )
    locale = RadioField(
        _l("Language"),
        validators=[InputRequired()],
    )
    timezone = SelectField(
        _l("Time zone"),
        validators=[InputRequired()],
        description=_l("Dates and times are shown in this time zone."),
    )

    translator = SelectField(
        _l("Translator"),
        choices=[
            SelectChoice(Translator.NONE.value, _l("No translator")),
            SelectChoice(Translator.DEEPL.value, "DeepL"),
            SelectChoice(Translator.GOOGLE.value, "Google"),
            SelectChoice(Translator.MICROSOFT.value, "Microsoft"),
        ],
        description=_l(
            "Ideas in another language than yours then have a link to this site. When you follow it, your browser sends"
            " it the text. Before that, nothing is sent."
        ),
    )

    def texts(self) -> Sequence[Field]:
        return [self["headline"]]
