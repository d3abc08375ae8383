"""The words that an erasure looks for: addresses, which are only one person's, and a name, which may be any words.

So an address is looked for everywhere, and a name only in rows that have to do with the person: members choose their
names, and must not choose what the texts of others lose.
"""

import html
import json
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, false, or_, select
from sqlalchemy.orm import Session

from ideas.accounts.link import Link, LinkPurpose
from ideas.base import Base
from ideas.people.person import Person, folded_name

MIN_NAME_WORDS = 2
MIN_WORD_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Words:
    """Words as they may be written, between these edges: regular expressions of what is not before and not after."""

    words: tuple[str, ...]
    before: str
    after: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds the words whole, in capitals or not, also where HTML or a JSON file has escaped them."""
        written = {spelling for word in self.words for spelling in (word, html.escape(word), _in_json(word))}
        longest = "|".join(map(re.escape, sorted(written, key=len, reverse=True)))
        return re.compile(rf"(?<!{self.before})(?:{longest or '(?!)'})(?!{self.after})", re.IGNORECASE)

    def found_in(self, of: ColumnElement[Any]) -> ColumnElement[bool]:
        """SQL condition: a text that may have them; the pattern decides. The database folds only some capitals."""
        spellings: set[str] = set()
        for word in self.words:
            for case in (word, word.lower(), word.upper(), word.title()):
                spellings |= {_ascii_lower(way) for way in (case, html.escape(case), _in_json(case))}
        found = (cast(of, Text).icontains(spelling, autoescape=True) for spelling in sorted(spellings))
        return or_(false(), *found)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: addresses everywhere, names in the rows that `tied_to` says."""

    person_id: int
    addresses: Words
    names: Words


def wanted_of(session: Session, person: Person) -> Wanted:
    """The words to look for: proven addresses, and the full name where it can only be this person's."""
    of_person = select(Link.email).where(Link.person_id == person.id)
    proofs = (LinkPurpose.VERIFY, LinkPurpose.CHANGE_ADDRESS)
    proved = of_person.where(Link.purpose.in_(proofs), Link.spent_at.is_not(None))
    former = of_person.where(Link.purpose == LinkPurpose.KEEP_ADDRESS, Link.email.in_(proved))
    taken = select(Person.email).where(Person.id != person.id)
    addresses = session.scalars(former.where(Link.email.not_in(taken)).distinct()).all()
    proven = [person.email] if person.verified_at is not None else []
    is_name = _is_full(person.name) and not _is_shared(session, person)
    return Wanted(
        person.id,
        Words(tuple(dict.fromkeys([*proven, *addresses])), r"[\w.+\-']", r"[\w\-]|\.\w"),
        Words((person.name.strip(),) if is_name else (), r"[\w\-]", "|".join([r"[\w\-]", *_longer(session, person)])),
    )


def _longer(session: Session, person: Person) -> list[str]:
    """What names of others go on with, after this name: these are other people. As regular expressions."""
    name = person.name.strip()
    others = select(Person.name).where(Person.id != person.id, Person.name.istartswith(f"{name} ", autoescape=True))
    return [re.escape(other[len(name) :]) for other in session.scalars(others)]


def _is_full(name: str) -> bool:
    long = [word for word in name.split() if sum(map(str.isalpha, word)) >= MIN_WORD_LETTERS]
    return len(long) >= MIN_NAME_WORDS


def _is_shared(session: Session, person: Person) -> bool:
    """True where somebody else has a name that looks the same."""
    first = person.name.split()[0]
    like = select(Person.name).where(Person.id != person.id, Person.name.icontains(first, autoescape=True))
    return folded_name(person.name) in {folded_name(name) for name in session.scalars(like)}


# The rows that have to do with a person: columns that name the person, or one of their ideas, or a row that is tied.
_THEIRS = {
    "idea": ("author_id",),
    "comment": ("author_id",),
    "idea_merge": ("made_by_id", "changed_by_id"),
    "activity": ("actor_id",),
    "review": ("author_id", "assignee_id", "acted_by_id"),
    "report": ("reporter_id",),
    "sanction": ("person_id", "given_by_id", "answered_by_id", "lifted_by_id"),
    "erasure": ("person_id",),
    "membership": ("person_id",),
    "notice": ("person_id",),
    "message": ("person_id",),
}
_ON_IDEAS = {
    "comment": ("idea_id",),
    "field_value": ("idea_id",),
    "idea_merge": ("idea_id", "into_id"),
    "judgement": ("idea_id",),
    "jury_note": ("idea_id",),
    "winner": ("idea_id",),
    "idea_tag": ("idea_id",),
}
_FOLLOWING = {"report": ("review_id", "review"), "notice": ("activity_id", "activity"),
              "message": ("notice_id", "notice")}  # fmt: skip
_ON_OBJECTS = ("version", "review", "activity")


def tied_to(person_id: int, table: str) -> ColumnElement[bool]:
    """SQL condition: the row has to do with the person. False for a table where no name is looked for.

    What they wrote, comments on it or that mention them, earlier versions of it; acts of theirs or on it, and mails
    about such acts; cases, reports and sanctions about them or by them.
    """
    tables = Base.metadata.tables
    here = tables[table].c
    unsigned = tables["anonymous_author"]
    of_person = select(unsigned.c.idea_id).where(unsigned.c.person_id == person_id)
    written = (tables["idea"].c.author_id == person_id) | tables["idea"].c.id.in_(of_person)
    ideas = select(tables["idea"].c.id).where(written)
    ways = [here[column] == person_id for column in _THEIRS.get(table, ())]
    ways += [here[column].in_(ideas) for column in _ON_IDEAS.get(table, ())]
    mentions = select(tables["mention"].c.comment_id).where(tables["mention"].c.person_id == person_id)
    if table == "idea":
        ways.append(here.id.in_(of_person))
    if table == "comment":
        ways.append(here.id.in_(mentions))
    if table in _ON_OBJECTS:
        theirs = (tables["comment"].c.author_id == person_id) | tables["comment"].c.id.in_(mentions)
        comments = select(tables["comment"].c.id).where(theirs)
        ways.append(here.object_kind.in_(("idea", "idea_tag")) & here.object_id.in_(ideas))
        ways.append((here.object_kind == "comment") & here.object_id.in_(comments))
        ways.append((here.object_kind == "person") & (here.object_id == person_id))
    if table == "contest_result":
        ways.append(here.campaign_id.in_(_contests_of(ideas)))
    if table in _ON_OBJECTS:
        judged = tables["judgement"].c
        judgements = select(judged.id).where(judged.idea_id.in_(ideas))
        ways.append((here.object_kind == "judgement") & here.object_id.in_(judgements))
        ways.append((here.object_kind == "contest_result") & here.object_id.in_(_contests_of(ideas)))
    if table in _FOLLOWING:
        column, other = _FOLLOWING[table]
        ways.append(here[column].in_(select(tables[other].c.id).where(tied_to(person_id, other))))
    return or_(false(), *ways)


def _contests_of(ideas: Select[int]) -> Select[Any]:
    """The contests where one of these ideas is an entry: what is said of the winners may name its author."""
    entries = Base.metadata.tables["contest_entry"].c
    return select(entries.campaign_id).where(entries.idea_id.in_(ideas))


def mails_of(session: Session, wanted: Wanted) -> frozenset[str]:
    """The Message-IDs of mails to the person, and of those about acts of theirs that have the name."""
    here = Base.metadata.tables["message"].c
    named = or_(*(wanted.names.found_in(each) for each in (here.subject, here.body, here.html)))
    found = (here.person_id == wanted.person_id) | (named & tied_to(wanted.person_id, "message"))
    return frozenset(session.scalars(select(here.mail_id).where(found)))


def _ascii_lower(word: str) -> str:
    """As every database folds it: no spelling is looked for twice."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in word)


def _in_json(word: str) -> str:
    return json.dumps(word)[1:-1]
