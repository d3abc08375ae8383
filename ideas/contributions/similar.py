"""Ideas like one that is being written: they are shown beside it, so that its author may support one instead.

What is found is only shown: an idea is never held back or delayed because there are others like it.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from math import log2

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased, joinedload

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.term import spelled_out
from ideas.contributions.authors.anonymous import unsigned_by
from ideas.contributions.authors.co_author import co_authored_by
from ideas.contributions.authors.writer import wrote
from ideas.contributions.idea import Idea, idea_visible_to, is_submitted
from ideas.people.person import Person
from ideas.search import MAX_COUNTED, Match, Query, count_words, read_query, search
from ideas.words import words_of

MAX_SIMILAR = 5
# A shorter text says too little.
MIN_WORDS = 2
# Ideas that are read to find those with the most words in common.
MAX_COMPARED = 60


def says_enough(text: str) -> bool:
    """True where similar ideas can be searched for."""
    return len(read_query(text).words) >= MIN_WORDS


def similar_among(
    session: Session, campaign: Campaign, ids: Sequence[int], *, reader: Person, without: Collection[int] = ()
) -> Sequence[Idea]:
    """At most MAX_SIMILAR of these ideas, in their order: those of the campaign that count, which the reader may see.

    Not the reader's own, nor those into which one of theirs is merged, nor those of `without`. One query.
    """
    found = session.scalars(
        select(Idea)
        .where(Idea.id.in_(ids), may_be_offered(campaign, reader, without))
        .options(joinedload(Idea.author).load_only(Person.name))
    )
    by_id = {idea.id: idea for idea in found}
    return _different([by_id[number] for number in ids if number in by_id])[:MAX_SIMILAR]


def similar_by_words(
    session: Session, campaign: Campaign, text: str, *, reader: Person, without: Collection[int] = ()
) -> Sequence[Idea]:
    """At most MAX_SIMILAR ideas with the most words in common with a text, rare words counting more.

    As `similar_among` says which. An abbreviation of the campaign is the same word as its meaning. Words that are in
    more than MAX_COUNTED ideas are left out, unless there is no other.
    """
    query = read_query(text)
    if len(query.words) < MIN_WORDS:
        return ()
    query = spelled_out(session, campaign.id, query)
    least = min(MIN_WORDS, len(query.words))  # of a meaning that is the whole text, one is left
    where = may_be_offered(campaign, reader, without)
    counts = count_words(session, Idea, query, where=Idea.campaign_id == campaign.id)
    weights = {word: 1 + log2(MAX_COUNTED / min(count, MAX_COUNTED)) for word, count in counts.items() if count}
    rare = [word for word in weights if counts[word] <= MAX_COUNTED]
    wanted = tuple(sorted(rare or weights, key=lambda word: counts[word]))
    if not wanted:
        return ()
    author = joinedload(Idea.author).load_only(Person.name)
    found = search(
        session,
        Idea,
        Query(query.text, wanted),
        where=where,
        match=Match.SOME,
        limit=MAX_COMPARED,
        options=[author],
    )
    shared: Counter[Idea] = Counter()
    for idea in found.rows:
        stems = {stem for word in words_of(idea.text) for stem in word.stems}
        common = [weight for word, weight in weights.items() if word.is_among(stems)]
        if len(common) >= least:
            shared[idea] = round(1000 * sum(common))
    return _different([idea for idea, _score in shared.most_common()])[:MAX_SIMILAR]


def may_be_offered(campaign: Campaign, reader: Person, without: Collection[int] = ()) -> ColumnElement[bool]:
    """SQL condition: the idea may be shown to who writes another one in this campaign."""
    part = aliased(Idea)
    own_part = select(part.id).where(part.merged_into_id == Idea.id, wrote(part, reader.id))
    return (
        (Idea.campaign_id == campaign.id)
        & is_submitted()
        & idea_visible_to(reader)
        & (Idea.author_id.is_(None) | (Idea.author_id != reader.id))
        & Idea.id.not_in(co_authored_by(reader.id))
        & Idea.id.not_in(unsigned_by(reader.id))
        & Idea.id.not_in(list(without))
        & ~own_part.exists()
    )


def _different(ideas: Sequence[Idea]) -> list[Idea]:
    """Without those that say the same as one before, letter for letter."""
    said: dict[str, Idea] = {}
    for idea in ideas:
        said.setdefault(" ".join(idea.text.casefold().split()), idea)
    return list(said.values())
