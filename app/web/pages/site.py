"""What every page shows of the organisation: read once in a request, in plain values."""

from dataclasses import dataclass

from flask import Flask, current_app, g

from app.extensions import database
from app.settings import LOCALES, Settings
from ideas.organisation.organisation import DEFAULT_NAME, Organisation, the_organisation

# The accent colour in app/assets/css/tokens.css, in the light and in the dark appearance.
PRODUCT_ACCENT = ("#0b6066", "#7fcfce")


@dataclass(frozen=True, slots=True)
class Site:
    """The organisation's own settings, or those of the server where it has none."""

    name: str
    contact_email: str
    footer: str
    welcome: str
    locales: tuple[str, ...]
    locale: str
    timezone: str
    logo_id: int | None = None
    # In the light and in the dark appearance; None for the colours of the product.
    accent: tuple[str, str] | None = None
    # The kinds of legal documents that are published, and the rules that members must have accepted.
    documents: tuple[str, ...] = ()
    rules_from: int = 0

    def offered(self, locale: str) -> str:
        """This language where the site offers it, else the site's own."""
        return locale if locale in self.locales else self.locale


def init_app(app: Flask) -> None:
    app.jinja_env.globals["site"] = site


def site() -> Site:
    """The site of this request. The first call makes one query."""
    if "site" not in g:
        g.site = site_of(the_organisation(database()))
    found: Site = g.site
    return found


def site_of(organisation: Organisation) -> Site:
    """What pages and mails show of the organisation."""
    settings: Settings = current_app.extensions["settings"]
    locales = tuple(locale for locale in LOCALES if locale in organisation.locales) or LOCALES
    default = organisation.locale or settings.locale
    return Site(
        name=organisation.name,
        contact_email=organisation.contact_email or settings.contact_email,
        footer=organisation.footer,
        welcome=organisation.welcome,
        locales=locales,
        locale=default if default in locales else locales[0],
        timezone=organisation.timezone or settings.timezone,
        logo_id=organisation.logo_id,
        accent=(organisation.accent, organisation.accent_dark)
        if organisation.accent and organisation.accent_dark
        else None,
        documents=tuple(organisation.documents),
        rules_from=organisation.rules_from,
    )


def use_default_site() -> None:
    """From here on, this request asks the database no more: for the pages of its errors."""
    texts = {"name": DEFAULT_NAME, "contact_email": None, "footer": "", "welcome": ""}
    g.site = site_of(Organisation(**texts, locales=[], documents=[], rules_from=0))
