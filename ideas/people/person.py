"""People with an account. How they prove who they are: `identity`. Where they are signed in: `sign_in`."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from enum import StrEnum

import regex
from sqlalchemy import (
    ColumnElement,
    String,
    column,
    false,
    select,
    table,
    true,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.errors import DomainError, message_id
from ideas.people.translator import Translator
from ideas.personal_data.personal_data import check_personal_data
from ideas.search import Match, Searchable, matches, read_query
from ideas.text import clean, clean_line, optional, required

NEVER = datetime.min.replace(tzinfo=UTC)
MAX_NAME_LENGTH = 80
MAX_HEADLINE_LENGTH = 160
MAX_EMAIL_LENGTH = 254

# Names that would speak for the site, as `check_name` compares them.
RESERVED_NAMES = frozenset(
    {"admin", "administrateur", "administratrice", "administration", "administrator", "administrators", "convergence"}
    | {"equipe", "equipeconvergence", "lequipe", "lequipeconvergence", "moderateur", "moderation", "moderatrice"}
    | {"moderator", "root", "siteadministrator", "staff", "support", "team", "theteam", "webmaster"}
)

# Letters of other alphabets, and of phonetics, that look like a Latin letter, each before that letter.
_LOOK_ALIKES = str.maketrans(dict(zip(
    "АВЕЅІЈКМНОРСТУХԚԜ" "авеѕіјкмнорстухԛԝӏһԁѵгп" "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" "αγεηικνορτυχϲϳ" "ՏՕՍօսհոց" "ᎪᎢᎬᎳᎷᎻᏀᏞᏢᏟᏚᎠ"
    "ıɩɑɡɪʟʀɴʜʏøđłħŧƀɇʙᴀᴄᴅᴇꜰɢᴊᴋᴍᴏᴘꜱᴛᴜᴠᴡᴢØĐŁĦŦ",
    "ABESIJKMHOPCTYXQW" "abesijkmhopctyxqwlhdvrn" "ABEZHIKMNOPTYX" "ayenikvoptuxcj" "SOUouhng" "ATEWMHGLPCSD"
    "iiagilrnhyodlhtbebacdefgjkmopstuvwzODLHT",
    strict=True,
)))  # fmt: skip
# Signs and pairs that look alike in many fonts, in lower case.
_ALIKE = (("i", "l"), ("1", "l"), ("|", "l"), ("0", "o"), ("rn", "m"), ("vv", "w"))
# The module of the organisation imports this one, so its table is named here without its model.
_organisation = table("organisation", column("name"))
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]+@[^@\s.]+(\.[^@\s.]+)+")


# A shorter word in capitals is initials.
_MIN_SURNAME = 3
# What may stand before a name.
_TITLES = frozenset({"dr", "docteur", "pr", "prof", "professeur", "professor", "m", "mr", "mrs", "ms", "mme", "mlle"})


class EmailInvalid(DomainError):
    message = message_id("Enter an email address such as name@example.org.")


class NameReserved(DomainError):
    message = message_id("This name is reserved. Add a first name, an initial or your job to it.")


class Motivation(StrEnum):
    """What a person wants of points, badges and standings."""

    LISTED = "listed"
    PRIVATE = "private"  # they see their own, and are in no standing
    OFF = "off"  # nothing of it is shown to them either


class Person(Searchable, Base):
    __tablename__ = "person"
    searched = ("name", "email")

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    headline: Mapped[str] = mapped_column(String(MAX_HEADLINE_LENGTH), default="")
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    timezone: Mapped[str] = mapped_column(String(64), default="Europe/Paris")
    # Points, badges and standings: see ideas.recognition.
    motivation: Mapped[Motivation] = mapped_column(
        choice(Motivation), default=Motivation.LISTED, server_default=Motivation.LISTED
    )
    # The site that translates ideas for them: see ideas.people.translator.
    translator: Mapped[Translator] = mapped_column(
        choice(Translator), default=Translator.NONE, server_default=Translator.NONE
    )
    # They agreed to welcome newcomers: see ideas.recognition.welcome.buddy.
    welcomes: Mapped[bool] = mapped_column(default=False, server_default=false())
    # They stopped all mails that tell of something: also those of kinds that come later. See ideas.outreach.preference.
    wants_no_mail: Mapped[bool] = mapped_column(default=False, server_default=false())
    # They offer to help run campaigns: see ideas.recognition.volunteer.
    volunteers: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Part of the signed link to their calendar: another number makes another link, and ends the earlier one.
    calendar_number: Mapped[int] = mapped_column(default=0, server_default="0")
    is_admin: Mapped[bool] = mapped_column(default=False)
    # A campaign author: may start campaigns of their own. An administrator may anyway.
    may_open_campaigns: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    # When they proved that they read the mails of their address: see `verification`. Nothing is public before.
    verified_at: Mapped[datetime | None]
    # When it was erased: the row stays for what it is named in, without name, address and ways to sign in.
    erased_at: Mapped[datetime | None]

    # Flask-Login reads these.
    is_authenticated = True
    is_active = True
    is_anonymous = False
    # For the bell of every page: counted in the query that loads the person, so that no page asks a second time.
    unread_notices = 0
    # True where a sanction is in force somewhere, from the same query.
    is_sanctioned = False
    # The latest version of the rules that they accepted: loaded in the same query.
    accepted_rules = 0
    # When they were last seen with the browser of this request, as it was stored before it.
    seen_here_at = NEVER
    # Their sign-in asks for a code: loaded in the same query.
    gives_code = False
    # When they last gave their password in this browser.
    confirmed_here_at = NEVER

    def get_id(self) -> str:
        return str(self.id)


def revise_profile(
    session: Session,
    person: Person,
    *,
    name: str,
    headline: str,
    locale: str,
    timezone: str,
    translator: Translator = Translator.NONE,
    kept: str = "",
) -> None:
    """Change the person's name, headline, language, time zone and translator. Only they may.

    `kept`: what they agreed to publish in a new headline, which all members read; see `check_personal_data`. Raises
    EmptyText or TooLong, PersonalDataFound, or NameReserved for a name that they did not have before.
    """
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    if name != person.name:
        check_name(session, name, of=person)
    headline = optional(clean_line(headline), max_length=MAX_HEADLINE_LENGTH)
    if headline != person.headline:
        check_personal_data([headline], health=False, kept=kept)
    person.name, person.headline = name, headline
    person.locale = locale
    person.timezone = timezone
    person.translator = translator


def choose_motivation(person: Person, motivation: Motivation) -> None:
    """What the person wants of points, badges and standings, from now on and everywhere. Only they may."""
    person.motivation = motivation


def check_name(session: Session, name: str, *, of: Person | None = None) -> None:
    """Nobody takes the name of an administrator, of the organisation, or one that speaks for it. Raises NameReserved.

    Names are compared as they look: without accents, capitals, spaces and punctuation, and with the letters of other
    alphabets as the Latin ones that they look like. `of`: whose name it is to be; None for a new
    account.
    """
    folded = folded_name(name)
    admins = select(Person.name).where(Person.is_admin, Person.id != (of.id if of is not None else 0))
    taken = {*session.scalars(admins), *session.scalars(select(_organisation.c.name))}
    if folded in _RESERVED or folded in {folded_name(name) for name in taken}:
        raise NameReserved


def folded_name(name: str) -> str:
    """The name as it looks at a glance. Two names that nobody can tell apart are the same."""
    # Before the normal form, which makes other letters of some, and after it, which makes letters of signs.
    plain = unicodedata.normalize("NFKD", name.translate(_LOOK_ALIKES)).translate(_LOOK_ALIKES).casefold()
    # Letters that fonts draw as nothing, such as fillers of Hangul, are spaces here.
    folded = "".join(sign for sign in plain if (sign.isalnum() and clean(sign)) or sign == "|")
    for sign, alike in _ALIKE:
        folded = folded.replace(sign, alike)
    return folded


_RESERVED = frozenset(folded_name(name) for name in RESERVED_NAMES)


def short_name(name: str) -> str:
    """First name and initial, for whoever has no account here: “Rose N.” of “Rose Ndiaye”.

    Also of “NDIAYE Rose” and “Ndiaye, Rose”. A title is left out, and of a name that is an address, all but a letter.
    """
    last, comma, first = name.partition(",")
    words = [word for word in (f"{first} {last}" if comma and first.strip() else name).split() if _is_no_title(word)]
    if not words:
        return ""
    if len(words[0]) >= _MIN_SURNAME and words[0].isupper() and not words[-1].isupper():
        words = [words[-1], words[0]]
    if len(words) == 1:
        return f"{_first_sign(words[0])}." if "@" in words[0] else words[0]
    return f"{words[0]} {_first_sign(words[-1])}."


def _is_no_title(word: str) -> bool:
    return word.casefold().rstrip(".") not in _TITLES


def _first_sign(word: str) -> str:
    """The first letter as one reads it, with its marks."""
    found = regex.match(r"\X", word)
    return found[0] if found else ""


def find_person(session: Session, email: str) -> Person | None:
    """The person with this address, in upper or lower case."""
    return session.scalar(select(Person).where(Person.email == clean_line(email).lower()))


def ids_matching(session: Session, words: str, *, limit: int) -> Sequence[int]:
    """The ids of at most `limit` people whose name or address has words that begin so. Administrators may."""
    matching = person_matches(session, words)
    return session.scalars(select(Person.id).where(matching).order_by(Person.id).limit(limit)).all()


def person_matches(session: Session, words: str) -> ColumnElement[bool]:
    """SQL condition: the name or the address has these words, or words that begin so. True where nothing was typed.

    With an @, the address begins as it was typed: its parts are common words.
    """
    words = clean_line(words)
    if "@" in words:
        return Person.email.startswith(words.lower(), autoescape=True)
    return matches(session, Person, read_query(words), Match.BEGINS) if words else true()


def is_here() -> ColumnElement[bool]:
    """SQL condition: the account was not erased. Lists of people and notices ask it."""
    return Person.erased_at.is_(None)


def names_of(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The names of these people by id."""
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())


def normal_email(email: str) -> str:
    """The address as it is stored: trimmed, in lower case. Raises EmailInvalid."""
    email = clean_line(email).lower()
    if len(email) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(email):
        raise EmailInvalid
    return email
