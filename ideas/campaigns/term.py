"""A campaign's glossary: abbreviations and what they mean.

Grouping spells them out, so that “VAE” and “vélo à assistance électrique” are the same; a search of one finds the
other. Ideas stay as they were written.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.search import MAX_WORDS, Query, read_query
from ideas.text import clean_line, required
from ideas.words import MAX_WORD_LENGTH, Word, words_of

MAX_ABBREVIATION_LENGTH = 30
MAX_MEANING_LENGTH = 150
MAX_TERMS = 100
# Of all campaigns, what a search of the whole site looks at.
MAX_TERMS_OF_SITE = 1_000


class TooManyTerms(DomainError):
    message = message_id("A glossary can have %(most)s abbreviations at most. Remove one that is no longer needed.")


class TermTaken(DomainError):
    message = message_id("“%(abbreviation)s” is in the glossary already. Remove it first, to give it another meaning.")


class NoWordInTerm(DomainError):
    message = message_id("Write letters or numbers.")


class CampaignTerm(Base):
    """An abbreviation as it is written in the campaign, and its meaning."""

    __tablename__ = "campaign_term"
    __table_args__ = (UniqueConstraint("campaign_id", "abbreviation"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    abbreviation: Mapped[str] = mapped_column(String(MAX_ABBREVIATION_LENGTH))
    meaning: Mapped[str] = mapped_column(String(MAX_MEANING_LENGTH))
    created_at: Mapped[datetime]


def terms_of(session: Session, campaign: Campaign) -> Sequence[CampaignTerm]:
    """The glossary of the campaign, by abbreviation. One query. Whoever sees the campaign may read it."""
    by_name = (func.lower(CampaignTerm.abbreviation), CampaignTerm.id)
    return session.scalars(select(CampaignTerm).where(CampaignTerm.campaign_id == campaign.id).order_by(*by_name)).all()


def glossary_of(session: Session, campaign_id: int) -> dict[str, str]:
    """The meanings of the campaign's abbreviations, as `clustering` takes them. One query."""
    rows = select(CampaignTerm.abbreviation, CampaignTerm.meaning).where(CampaignTerm.campaign_id == campaign_id)
    return {term: meaning for term, meaning in session.execute(rows.order_by(CampaignTerm.id))}  # noqa: C416 -- dict() would take rows by their keys


def add_term(
    session: Session, campaign: Campaign, *, abbreviation: str, meaning: str, by: Person, now: datetime
) -> CampaignTerm:
    """Add an abbreviation to the glossary. Whoever manages the campaign may.

    Searches know it at once, grouping from the next run on. Raises EmptyText, TooLong, NoWordInTerm, TermTaken or
    TooManyTerms.
    """
    abbreviation = required(clean_line(abbreviation), max_length=MAX_ABBREVIATION_LENGTH)
    meaning = required(clean_line(meaning), max_length=MAX_MEANING_LENGTH)
    if not all(any(words_of(text)) for text in (abbreviation, meaning)):
        raise NoWordInTerm
    lock_campaign(session, campaign)
    known = terms_of(session, campaign)
    if abbreviation.casefold() in {term.abbreviation.casefold() for term in known}:
        raise TermTaken(abbreviation=abbreviation)
    if len(known) >= MAX_TERMS:
        raise TooManyTerms(most=MAX_TERMS)
    term = CampaignTerm(campaign_id=campaign.id, abbreviation=abbreviation, meaning=meaning, created_at=now)
    session.add(term)
    session.flush()
    record(session, Verb.CREATED, term, by=by, campaign_id=campaign.id, after=_facts(term), now=now)
    return term


def remove_term(session: Session, term: CampaignTerm, *, by: Person, now: datetime) -> None:
    """Remove an abbreviation from the glossary. Whoever manages the campaign may."""
    record(session, Verb.DELETED, term, by=by, campaign_id=term.campaign_id, before=_facts(term), now=now)
    session.delete(term)
    session.flush()


def copy_terms(session: Session, campaign: Campaign, *, to: Campaign, now: datetime) -> None:
    """Give a new draft the glossary of another campaign."""
    session.add_all(
        CampaignTerm(campaign_id=to.id, abbreviation=term.abbreviation, meaning=term.meaning, created_at=now)
        for term in terms_of(session, campaign)
    )
    session.flush()


def spelled_out(session: Session, campaign_id: int, query: Query) -> Query:
    """The search, in which an abbreviation of the campaign's glossary and its meaning find each other. One query."""
    return with_meanings(query, list(glossary_of(session, campaign_id).items())) if query else query


def spelled_out_for(session: Session, reader: Person | None, query: Query) -> Query:
    """As `spelled_out`, by the glossaries of all campaigns that the reader sees. One query."""
    if not query:
        return query
    seen = select(Campaign.id).where(campaign_visible_to(reader))
    rows = select(CampaignTerm.abbreviation, CampaignTerm.meaning).where(CampaignTerm.campaign_id.in_(seen)).distinct()
    terms = session.execute(rows.order_by(CampaignTerm.abbreviation, CampaignTerm.meaning).limit(MAX_TERMS_OF_SITE))
    return with_meanings(query, [(abbreviation, meaning) for abbreviation, meaning in terms])


def with_meanings(query: Query, terms: Sequence[tuple[str, str]]) -> Query:
    """The search in which each of two texts, an abbreviation and its meaning, stands for the other too.

    A word that searches ignore, such as “si”, is read as an abbreviation where it is written like it: “SI”.
    """
    written = {abbreviation for abbreviation, _meaning in terms}
    known = {word.folded for word in query.words}
    kept = [one for one in words_of(query.text) if one.folded in known or query.text[one.start : one.end] in written]
    words = list({word.folded: word for word in kept}.values())
    for pair in terms:
        first, second = (_joined(read_query(text).words) for text in pair)
        if first is not None and second is not None:
            words = _with_same(_with_same(words, first, second), second, first)
    return Query(query.text, tuple(words[:MAX_WORDS]), query.shortened)


def _joined(words: Sequence[Word]) -> Word | None:
    """Several words as one that a text has if it has each of them."""
    if len(words) < 2:  # noqa: PLR2004 -- none, or one
        return words[0] if words else None
    folded = "".join(word.folded for word in words)[:MAX_WORD_LENGTH]
    return Word(words[0].start, words[-1].end, folded, frozenset(), tuple(words))


def _with_same(words: Sequence[Word], wanted: Word, other: Word) -> list[Word]:
    """The words, where those of `wanted` that follow each other are one word, for which `other` stands too."""
    pattern = wanted.parts if not wanted.stems else (wanted,)
    found, at = [], 0
    while at < len(words):
        one = words[at]
        here = words[at : at + len(pattern)] if one.stems else one.parts  # several that are one already
        if len(here) == len(pattern) and all(
            mine.stems & theirs.stems for mine, theirs in zip(here, pattern, strict=True)
        ):
            joined = _joined(here) if one.stems else one
            found.append(replace(joined or one, same=(*one.same, other)))
            at += len(here) if one.stems else 1
        else:
            found.append(one)
            at += 1
    return found


def _facts(term: CampaignTerm) -> dict[str, str]:
    return {"abbreviation": term.abbreviation, "meaning": term.meaning}
