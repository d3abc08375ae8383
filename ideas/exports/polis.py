"""The four CSV files that Pol.is exports, so that tools for those read a campaign.

An idea is a comment there, and support is a vote of 1; nobody disagrees or passes here. Voters are numbered from 0 on,
then authors: who does both has two numbers, so that no file says who supports what. Only ideas that count are in these
files, with the support for what is merged into them. Source of the format:
https://compdemocracy.org/export.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from ideas.answers.debriefs.figures import figures
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted, one_text
from ideas.contributions.vote import Vote, merged_votes
from ideas.exports.rows import ROWS_AT_ONCE, Row

AGREE = 1
ACCEPTED = 1  # of the column `moderated`: what is withheld is left out
MAX_CELLS = 5_000_000  # of the table with a column for each idea; a larger one is left out
COMMENTS = ("timestamp", "datetime", "comment-id", "author-id", "agrees", "disagrees", "moderated", "comment-body")
VOTES = ("timestamp", "datetime", "comment-id", "voter-id", "vote")
PARTICIPANTS = ("participant", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree")


class PolisFiles:
    """What the four files hold. Read and written in one transaction."""

    def __init__(self, session: Session, campaign: Campaign) -> None:
        self._session, self._campaign = session, campaign
        found = session.execute(select(Idea.id, Idea.author_id).where(_counts(campaign)).order_by(Idea.id))
        self._ideas = [(idea_id, author) for idea_id, author in found]
        votes = _votes_query(campaign).subquery()
        self._voters = set(session.scalars(select(votes.c.person_id).distinct()))
        authors = {author for _, author in self._ideas if author is not None}
        self._voter_numbers = {person: number for number, person in enumerate(self._shuffled(self._voters))}
        first = len(self._voter_numbers)
        self._numbers = {person: first + number for number, person in enumerate(self._shuffled(authors))}

    def summary(self, address: str) -> Iterator[Row]:
        """Names and values of summary.csv."""
        yield ["topic", self._campaign.title]
        yield ["url", address]
        yield ["voters", len(self._voters)]
        yield ["voters-in-conv", len(self._voters)]
        yield ["commenters", len({author for _, author in self._ideas if author is not None})]
        yield ["comments", len(self._ideas)]
        yield ["groups", figures(self._session, self._campaign).themes]
        yield ["conversation-description", self._campaign.challenge]

    def comments(self) -> Iterator[Row]:
        """The rows of comments.csv. An idea that was imported without an account has no author."""
        votes = _votes_query(self._campaign).subquery()
        counts = select(votes.c.idea_id, func.count()).group_by(votes.c.idea_id)
        agrees: dict[int, int] = dict(self._session.execute(counts).all())
        columns = Idea.id, Idea.author_id, Idea.submitted_at, Idea.title, Idea.body
        for idea_id, author, at, title, body in self._read(
            select(*columns).where(_counts(self._campaign)).order_by(Idea.id)
        ):
            text = one_text(title, body)
            number = self._numbers[author] if author is not None else ""
            yield [
                *_instant(at),
                idea_id,
                number,
                agrees.get(idea_id, 0),
                0,
                ACCEPTED,
                text,
            ]

    def votes(self) -> Iterator[Row]:
        """The rows of votes.csv."""
        votes = _votes_query(self._campaign).subquery()
        for idea_id, person, at in self._read(
            select(votes).order_by(votes.c.created_at, votes.c.idea_id, votes.c.person_id)
        ):
            yield [*_instant(at), idea_id, self._voter_numbers[person], AGREE]

    @property
    def has_participants(self) -> bool:
        """False where participants-votes.csv would be too large. Its content is in votes.csv too."""
        return (len(self._voter_numbers) + len(self._numbers)) * len(self._ideas) <= MAX_CELLS

    def participants_columns(self) -> list[Any]:
        return [*PARTICIPANTS, *(idea_id for idea_id, _ in self._ideas)]

    def participants(self) -> Iterator[Row]:
        """The rows of participants-votes.csv: a row for each participant, a column for each idea. No groups."""
        given: dict[int, set[int]] = {}
        for idea_id, person, _ in self._session.execute(_votes_query(self._campaign)):
            given.setdefault(person, set()).add(idea_id)
        for person, number in self._voter_numbers.items():
            ideas = given[person]
            yield [number, "", 0, len(ideas), len(ideas), 0, *(AGREE if one in ideas else "" for one, _ in self._ideas)]
        wrote = Counter(author for _, author in self._ideas)
        for person, number in self._numbers.items():
            yield [number, "", wrote[person], 0, 0, 0, *("" for _ in self._ideas)]

    def _shuffled(self, people: Iterable[int]) -> list[int]:
        """In an order that says nothing of when somebody signed up, the same each time."""
        return sorted(people, key=lambda person: hashlib.sha256(f"{self._campaign.id} {person}".encode()).digest())

    def _read(self, query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
        return iter(self._session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)))


def _votes_query(campaign: Campaign) -> Select[Any]:
    """Idea, person and instant of each vote that counts."""
    own = select(Vote.idea_id, Vote.person_id, Vote.created_at)
    each = union_all(own, merged_votes().add_columns(Vote.created_at)).subquery()
    return select(each).join(Idea, Idea.id == each.c.idea_id).where(_counts(campaign))


def _counts(campaign: Campaign) -> Any:
    return (Idea.campaign_id == campaign.id) & is_submitted()


def _instant(at: datetime) -> list[Any]:
    return [int(at.timestamp()), at.strftime("%a %b %d %H:%M:%S UTC %Y")]
