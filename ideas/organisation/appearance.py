"""How the site looks: its logo, and the accent colour of links and buttons. Administrators may change both.

Text in the accent colour stands on the grounds of both appearances, so its contrast with each of them is at least what
WCAG 2.2 asks for (1.4.3, level AA).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from ideas.activity.version import check_unchanged
from ideas.errors import DomainError, message_id
from ideas.files import File, Purpose, Upload, add_file, remove_file
from ideas.organisation.organisation import change_organisation, lock_organisation
from ideas.people.person import Person

MIN_CONTRAST = 4.5
# How much of the accent is in the soft ground behind text, and in the ink of what is pointed at.
SOFT_SHARE = 0.14
STRONG_SHARE = 0.8

_COLOUR = re.compile(r"#[0-9a-f]{6}")
# sRGB: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
_LINEAR_UP_TO = 0.04045
_WEIGHTS = (0.2126, 0.7152, 0.0722)


class Appearance(StrEnum):
    LIGHT = "light"
    DARK = "dark"


# Paper, surface and sunken in app/assets/css/tokens.css. The second is the one that soft grounds are mixed with.
GROUNDS = {
    Appearance.LIGHT: ("#faf6ee", "#fffdf8", "#f2ebde"),
    Appearance.DARK: ("#191613", "#221e1a", "#12100e"),
}
INK = {Appearance.LIGHT: "#241d17", Appearance.DARK: "#f3ebde"}
# Words on a button of the accent colour.
ON_ACCENT = {Appearance.LIGHT: "#fffdf8", Appearance.DARK: "#12100e"}


class NotAColour(DomainError):
    message = message_id("Write the colour as # and six digits or letters from a to f, such as #0b6066.")


class TooPale(DomainError):
    message = message_id(
        "This colour is too pale for the light appearance: its contrast is %(contrast)s and text needs 4.5."
        " A darker one works, such as %(suggestion)s."
    )


class TooDark(DomainError):
    message = message_id(
        "This colour is too dark for the dark appearance: its contrast is %(contrast)s and text needs 4.5."
        " A lighter one works, such as %(suggestion)s."
    )


@dataclass(frozen=True, slots=True)
class Shades:
    """The colours that follow from an accent colour in one appearance."""

    accent: str
    strong: str
    soft: str
    on_accent: str


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21, as WCAG measures it."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def shades(accent: str, appearance: Appearance) -> Shades:
    """The accent colour with what is mixed from it."""
    return Shades(
        accent=accent,
        strong=_mixed(accent, INK[appearance], STRONG_SHARE),
        soft=_mixed(accent, GROUNDS[appearance][1], SOFT_SHARE),
        on_accent=ON_ACCENT[appearance],
    )


def least_contrast(accent: str, appearance: Appearance) -> float:
    """The least contrast of the accent colour with what it stands on, and with the words on it."""
    found = shades(accent, appearance)
    return min(contrast(accent, ground) for ground in (*GROUNDS[appearance], found.soft, found.on_accent))


def check_accent(colour: str, appearance: Appearance) -> str:
    """The colour in lower case. Raises NotAColour, or TooPale or TooDark with one that can be read."""
    colour = colour.strip().lower()
    if not _COLOUR.fullmatch(colour):
        raise NotAColour
    found = least_contrast(colour, appearance)
    if found < MIN_CONTRAST:
        refused = TooPale if appearance is Appearance.LIGHT else TooDark
        # Cut, not rounded: 4.49 is not shown as 4.5.
        raise refused(contrast=int(found * 100) / 100, suggestion=_readable(colour, appearance))
    return colour


def set_accent(session: Session, *, light: str, dark: str, by: Person, now: datetime, seen: int) -> None:
    """Change the accent colour of both appearances. Administrators may.

    Raises NotAColour, TooPale, TooDark, or ChangedMeanwhile if the settings were saved since version `seen`.
    """
    organisation = lock_organisation(session)
    check_unchanged(organisation, seen)
    values = {"accent": check_accent(light, Appearance.LIGHT), "accent_dark": check_accent(dark, Appearance.DARK)}
    change_organisation(session, organisation, values, by=by, now=now)


def reset_accent(session: Session, *, by: Person, now: datetime) -> None:
    """Go back to the colours of the product. Administrators may."""
    change_organisation(session, lock_organisation(session), {"accent": None, "accent_dark": None}, by=by, now=now)


def set_logo(session: Session, upload: Upload, *, stored_as: str, by: Person, now: datetime) -> str | None:
    """Make the picture that is `stored_as` the logo. Returns where the one that it replaces is, or None: `discard` it
    after the commit. Administrators may.
    """
    organisation = lock_organisation(session)
    replaced = _remove(session, organisation.logo_id, by=by, now=now)
    file = add_file(session, upload, stored_as=stored_as, purpose=Purpose.LOGO, campaign_id=None, by=by, now=now)
    organisation.logo_id = file.id
    return replaced


def remove_logo(session: Session, *, by: Person, now: datetime) -> str | None:
    """Show the mark of the product again. Returns as `set_logo` does. Administrators may."""
    organisation = lock_organisation(session)
    replaced = _remove(session, organisation.logo_id, by=by, now=now)
    organisation.logo_id = None
    return replaced


def logo_of(session: Session, logo_id: int) -> File | None:
    """The logo with this id, if it is still one. Everyone may read it."""
    file = session.get(File, logo_id)
    return file if file is not None and file.purpose is Purpose.LOGO and file.removed_at is None else None


def _remove(session: Session, logo_id: int | None, *, by: Person, now: datetime) -> str | None:
    return remove_file(session, session.get_one(File, logo_id), by=by, now=now) if logo_id is not None else None


def _readable(colour: str, appearance: Appearance) -> str:
    """The nearest shade of this colour that can be read: mixed with black or with white."""
    end = "#000000" if appearance is Appearance.LIGHT else "#ffffff"
    mixed = (_mixed(colour, end, 1 - step / 50) for step in range(51))
    return next(each for each in mixed if least_contrast(each, appearance) >= MIN_CONTRAST)


def _mixed(one: str, other: str, share: float) -> str:
    """The colour with this share of the first, and the rest of the other."""
    values = (round(share * a + (1 - share) * b) for a, b in zip(_channels(one), _channels(other), strict=True))
    return "#" + "".join(f"{value:02x}" for value in values)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def _luminance(colour: str) -> float:
    linear: Callable[[float], float] = lambda part: (  # noqa: E731 -- one formula, used once
        part / 12.92 if part <= _LINEAR_UP_TO else ((part + 0.055) / 1.055) ** 2.4
    )
    return sum(weight * linear(value / 255) for weight, value in zip(_WEIGHTS, _channels(colour), strict=True))
