"""Mentions: “@Rose Ndiaye” in a comment names a person who may see the campaign. They are notified.

Any other word after an @ stays text, so nobody learns from a comment who has an account. Where a campaign is open to
everyone with an account, all members may be named. In any other, a list of those who may see it would tell who is in
a space or has a profile: there only the team and those who wrote something that is shown may be named.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, ForeignKey, String, column, delete, func, or_, select, table
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base
from ideas.campaigns.audience import who_sees
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import TEAM_ROLES, TeamMember, in_force
from ideas.contributions.authors.people import people_of
from ideas.contributions.idea import Idea, is_readable
from ideas.people.person import MAX_NAME_LENGTH, Person, is_here
from ideas.search import Match, matches, read_query
from ideas.spaces.audience import is_open_to_all
from ideas.words import spelled, words_of

# People named in one comment: the first ones are notified, so that nobody calls a whole community.
MAX_MENTIONED = 10
MAX_WORDS = 6  # of a name
MIN_TYPED = 2
MAX_OFFERED = 8
_MAX_READ = 40  # names that have the letters, of which the words are looked at
_AT = re.compile(r"(?<![\w@.])@(?=\w)")
_WORD = re.compile(r"\S+")
_CLOSING = ".,;:!?…)]»”’'\""
# Comments import this module, so their table is named here without their model.
_comment = table("comment", *map(column, ("id", "idea_id", "debrief_id", "author_id", "withdrawn_at", "withheld")))


class Mention(Base):
    """A person named in a comment. `name`: as it stands in the text; empty once their account is erased."""

    __tablename__ = "mention"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))


def may_be_named(campaign: Campaign) -> ColumnElement[bool]:
    """SQL condition on Person: others may name them in this campaign, and are offered their name. See the module."""
    roles = (TeamMember.campaign_id == campaign.id) & TeamMember.role.in_(TEAM_ROLES)
    ideas = select(Idea.id).where(Idea.campaign_id == campaign.id, is_readable())
    shown = _comment.c.withdrawn_at.is_(None) & _comment.c.withheld.is_(None)
    seen = or_(
        is_open_to_all(campaign.id, campaign.audience),
        Person.id == campaign.owner_id,
        Person.id.in_(select(TeamMember.person_id).where(roles, in_force())),
        Person.id.in_(people_of((Idea.campaign_id == campaign.id) & is_readable(), named=True)),
        Person.id.in_(
            select(_comment.c.author_id).where(
                _comment.c.idea_id.in_(ideas) | (_comment.c.debrief_id == campaign.id), shown
            )
        ),
    )
    return is_here() & Person.verified_at.is_not(None) & who_sees(campaign) & seen


def offered_names(session: Session, campaign: Campaign, typed: str, *, by: Person) -> Sequence[str]:
    """Names that begin with what was typed after an @, or have a word that does: at most eight, each once.

    Whoever may comment may ask. One query.
    """
    asked = _parts(typed[:MAX_NAME_LENGTH])
    if not asked or len(typed.strip()) < MIN_TYPED:
        return []
    # The search also looks at addresses, which nobody may find out here: of thousands at one company, none counts.
    written = [Person.name.regexp_match(pattern) for pattern in map(spelled, asked) if pattern]
    found = matches(session, Person, read_query(typed), Match.BEGINS)
    names = session.scalars(
        select(Person.name)
        .where(found, *written, may_be_named(campaign), Person.id != by.id)
        .distinct()
        .order_by(Person.name)
        .limit(_MAX_READ)
    )
    return [name for name in names if _begins(name, asked)][:MAX_OFFERED]


def _begins(name: str, asked: Sequence[str]) -> bool:
    words = _parts(name)
    starts = range(len(words) - len(asked) + 1)
    return any(
        words[start : start + len(asked) - 1] == asked[:-1] and words[start + len(asked) - 1].startswith(asked[-1])
        for start in starts
    )


def _parts(name: str) -> list[str]:
    """The folded words of a name, those around a hyphen apart."""
    return [part.folded for word in words_of(name) for part in word.parts or (word,)]


def note_mentions(session: Session, comment_id: int, place: Idea | Campaign, *, body: str, by: Person) -> list[int]:
    """Store who is named in a comment, which is flushed, in place of what was stored. Returns the ids of the new ones.

    `place`: the idea that it is on, or the campaign whose debrief it is on. Of people with the same name, the one who
    takes part on this idea or is in the team; else none of them. At most three queries.
    """
    kept = select(Mention.person_id).where(Mention.comment_id == comment_id)
    before = set(session.scalars(kept)) if "@" in body or session.scalar(kept.limit(1)) is not None else set()
    named = _named(session, place, body, by)
    if before:
        session.execute(delete(Mention).where(Mention.comment_id == comment_id))
    session.add_all(Mention(comment_id=comment_id, person_id=person_id, name=name) for person_id, name in named.items())
    session.flush()
    return sorted(set(named) - before)


def names_in(session: Session, comment_ids: Collection[int]) -> dict[int, list[str]]:
    """The names that are mentions in these comments, by comment, the longest first. One query."""
    found: dict[int, list[str]] = {}
    rows = session.execute(
        select(Mention.comment_id, Mention.name)
        .where(Mention.comment_id.in_(comment_ids), Mention.name != "")
        .order_by(func.length(Mention.name).desc(), Mention.name)
    )
    for comment_id, name in rows:
        found.setdefault(comment_id, []).append(name)
    return found


def names_in_texts(session: Session, campaign: Campaign, texts: Collection[str]) -> list[str]:
    """The names in these texts of people who may be named, the longest first: no mention of an earlier text is stored.

    At most one query.
    """
    places = [place for text in texts for place in _places(text)]
    people = _people(session, campaign, places)
    found = {name for names in places for name in names if name.lower() in people}
    return sorted(found, key=lambda name: (-len(name), name))


def _named(session: Session, place: Idea | Campaign, body: str, by: Person) -> dict[int, str]:
    """The people named in a text, in its order, with their names as the text has them."""
    places = _places(body)
    campaign = place.campaign if isinstance(place, Idea) else place
    people = _people(session, campaign, places, but=by)
    shared = {person_id for ids in people.values() if len(ids) > 1 for person_id in ids}
    near = _near(session, campaign, place, shared) if shared else set()
    found: dict[int, str] = {}
    for names in places:
        for name in names:  # the longest first
            ids = people.get(name.lower(), [])
            ids = [one for one in ids if one in near] if len(ids) > 1 else ids
            if len(ids) == 1:
                found.setdefault(ids[0], name)
            if people.get(name.lower()):
                break
    return dict(list(found.items())[:MAX_MENTIONED])


def _places(text: str) -> list[list[str]]:
    """For each @ of a text, what the name after it may be, the longest first."""
    return [list(_beginnings(text[found.end() :])) for found in _AT.finditer(text)]


def _people(
    session: Session, campaign: Campaign, places: Sequence[Sequence[str]], *, but: Person | None = None
) -> dict[str, list[int]]:
    """The ids of who may be named so, by their name in small letters, without one person."""
    wanted = {name for names in places for name in names}
    if not wanted:
        return {}
    people: dict[str, list[int]] = {}
    asked = select(Person.id, Person.name).where(
        func.lower(Person.name).in_({name.lower() for name in wanted}) | Person.name.in_(wanted),
        may_be_named(campaign),
        Person.id != (but.id if but is not None else 0),
    )
    for person_id, name in session.execute(asked):
        people.setdefault(name.lower(), []).append(person_id)
    return people


def _beginnings(text: str) -> Iterator[str]:
    """What a name may be at the beginning of this text: one to six of its words, the longest first."""
    line = text[: MAX_NAME_LENGTH + 1].split("\n", maxsplit=1)[0]
    ends = [found.end() for found in _WORD.finditer(line)][:MAX_WORDS]
    for end in reversed(ends):
        name = line[:end]
        if len(name) <= MAX_NAME_LENGTH:
            yield name
        if (plain := name.rstrip(_CLOSING)) and plain != name:
            yield plain


def _near(session: Session, campaign: Campaign, place: Idea | Campaign, ids: Collection[int]) -> set[int]:
    """Those of these people who wrote the idea, commented on it or on the debrief, or are in the campaign's team."""
    roles = (TeamMember.campaign_id == campaign.id) & TeamMember.role.in_(TEAM_ROLES)
    here = _comment.c.idea_id if isinstance(place, Idea) else _comment.c.debrief_id
    takes_part = [
        Person.id == campaign.owner_id,
        Person.id.in_(select(_comment.c.author_id).where(here == place.id)),
        Person.id.in_(select(TeamMember.person_id).where(roles, in_force())),
    ]
    if isinstance(place, Idea):
        takes_part.append(Person.id.in_(people_of(Idea.id == place.id, named=True)))
    return set(session.scalars(select(Person.id).where(Person.id.in_(ids), or_(*takes_part))))
