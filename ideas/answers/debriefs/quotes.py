"""Quotations in a debrief: which idea each one is of, and those of texts that moderators have hidden or reworded since.

The stored text stays as it was published. What is hidden is quoted no more, and everyone reads that it is gone; what is
restored is quoted again, by itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from ideas.activity.version import Version
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, is_readable, one_text
from ideas.contributions.talk.clarification import Clarification

# Of letters and digits: a shorter quotation could be anybody's.
MIN_QUOTED = 12
_BLOCK = re.compile(r"(?:^[ ]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_LEFT_OUT = re.compile(r"[\[(]?(?:…|\.\.\.)[\])]?")
_WORD = re.compile(r"[^\W_]{3,}")
# The longest words of a quotation by which its ideas are looked up, and the quotations that are looked up in a text.
MAX_WORDS, MAX_QUOTATIONS = 3, 100
_INLINE = re.compile(r"«[^«»]*»|“[^“”]*”|\"[^\"\n]*\"")


@dataclass(frozen=True, slots=True)
class Unquotable:
    """A text that only its author and the team may read, as quotations are compared. `present`: what replaces it."""

    text: str
    present: str = ""

    def has(self, words: str) -> bool:
        return (words in self.text or self.text in words) and words not in self.present


def withheld_texts(session: Session, campaign: Campaign) -> list[Unquotable]:
    """The texts of the campaign that are withheld now, and earlier ones that broke a rule. One query.

    With what authors answered the team, where the team took it off the page of the idea, or the idea is withheld.
    """
    nothing, content = literal(""), Version.content
    title, body = func.coalesce(content["title"].as_string(), ""), content["body"].as_string()
    earlier_idea, earlier_comment = (
        (Version.object_kind == of.__tablename__) & (Version.object_id == of.id) & Version.is_restricted
        for of in (Idea, Comment)
    )
    here = Idea.campaign_id == campaign.id
    of_comments, of_debrief = Idea.id == Comment.idea_id, Comment.debrief_id == campaign.id
    rows = session.execute(
        union_all(
            select(Idea.title, Idea.body, nothing, nothing).where(here, Idea.withheld.is_not(None)),
            select(nothing, Comment.body, nothing, nothing)
            .join(Idea, of_comments)
            .where(here, Comment.withheld.is_not(None)),
            select(title, body, Idea.title, Idea.body).join_from(Idea, Version, earlier_idea).where(here),
            select(nothing, body, nothing, Comment.body)
            .join_from(Idea, Comment, of_comments)
            .join(Version, earlier_comment)
            .where(here),
            select(nothing, Comment.body, nothing, nothing).where(of_debrief, Comment.withheld.is_not(None)),
            select(nothing, body, nothing, Comment.body).join_from(Comment, Version, earlier_comment).where(of_debrief),
            # What the idea itself says, which is not withheld, may be quoted.
            select(nothing, Clarification.answer, Idea.title, Idea.body)
            .join(Idea, Idea.id == Clarification.idea_id)
            .where(here, Clarification.taken_off_by_team, Idea.withheld.is_(None)),
            select(nothing, Clarification.answer, nothing, nothing)
            .join(Idea, Idea.id == Clarification.idea_id)
            .where(here, Clarification.answered_at.is_not(None), Idea.withheld.is_not(None)),
        )
    )
    found = (Unquotable(_folded(one_text(*row[:2])), _folded(one_text(*row[2:]))) for row in rows)
    return [text for text in found if len(text.text) >= MIN_QUOTED]


def without_withheld(body: str, withheld: Sequence[Unquotable], *, instead: str) -> str:
    """The Markdown text with `instead` in place of each quotation of a withheld text: of all of it, or of a part."""
    if not withheld:
        return body

    def is_withheld(quoted: str) -> bool:
        words = _folded(quoted)
        return len(words) >= MIN_QUOTED and any(text.has(words) for text in withheld)

    def block(found: re.Match[str]) -> str:
        return f"> *{instead}*\n" if is_withheld(found[0]) else found[0]

    def inline(found: re.Match[str]) -> str:
        return f"[{instead}]" if is_withheld(found[0]) else found[0]

    return _INLINE.sub(inline, _BLOCK.sub(block, body))


def may_quote(body: str) -> bool:
    """False for a Markdown text in which `without_withheld` finds nothing, whatever is withheld."""
    return _BLOCK.search(body) is not None or _INLINE.search(body) is not None


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a text between `start` and `end` that it gives as somebody's own. `is_block`: a paragraph of its own."""

    start: int
    end: int
    words: str
    is_block: bool

    @property
    def parts(self) -> list[str]:
        """What is quoted, as quotations are compared, in the order of the text: “…” stands for what was left out."""
        return [part for part in map(_folded, _LEFT_OUT.split(self.words)) if part]


def quotations(body: str) -> list[Quotation]:
    """The quotations in a Markdown text that are long enough to be somebody's, in their order, MAX_QUOTATIONS at most.

    A paragraph that starts with “>” is one, and what stands between quotation marks.
    """
    found = [Quotation(*block.span(), block[0], is_block=True) for block in _BLOCK.finditer(body)]
    within = [(quotation.start, quotation.end) for quotation in found]
    found.extend(
        Quotation(*inline.span(), inline[0], is_block=False)
        for inline in _INLINE.finditer(body)
        if not any(start <= inline.start() < end for start, end in within)
    )
    long_enough = [quotation for quotation in found if sum(map(len, quotation.parts)) >= MIN_QUOTED]
    return sorted(long_enough, key=lambda quotation: quotation.start)[:MAX_QUOTATIONS]


class Why(StrEnum):
    """Why not everyone may read an idea any more."""

    WITHDRAWN = "withdrawn"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Gone:
    """An idea that is quoted, and that not everyone may read any more."""

    idea_id: int
    why: Why


def gone_ideas(session: Session, campaign: Campaign, found: Sequence[Quotation]) -> dict[Quotation, Gone]:
    """Of these quotations those of ideas that their authors withdrew, or that moderators hide. Two queries, or none."""
    quoted = _ideas_of(session, campaign, found, Idea.submitted_at.is_not(None) & ~is_readable())
    if not quoted:
        return {}
    rows = session.execute(select(Idea.id, Idea.withheld).where(Idea.id.in_(sorted(set(quoted.values())))))
    why = {idea_id: Why.WITHHELD if withheld is not None else Why.WITHDRAWN for idea_id, withheld in rows}
    return {quotation: Gone(idea_id, why[idea_id]) for quotation, idea_id in quoted.items()}


def quoted_ideas(session: Session, campaign: Campaign, found: Sequence[Quotation]) -> dict[Quotation, int]:
    """The id of the idea that each of these quotations is of. One query, or none.

    A quotation is of the idea whose text, title or body it is; else of the only one that has its words. Words that
    several ideas have, each in its own text, are of none: they may be anybody's. Of a merged idea, it is the one that
    counts for it. Ideas that not everyone may read are left out.
    """
    return _ideas_of(session, campaign, found, is_readable())


def _ideas_of(
    session: Session, campaign: Campaign, found: Sequence[Quotation], which: ColumnElement[bool]
) -> dict[Quotation, int]:
    """As `quoted_ideas`, among the ideas that meet this condition."""
    wanted = {quotation: _longest_words(quotation) for quotation in found}
    having = [
        and_(
            *(
                Idea.title.icontains(word, autoescape=True) | Idea.body.icontains(word, autoescape=True)
                for word in words
            )
        )
        for words in dict.fromkeys(wanted.values())
        if words
    ]
    if not having:
        return {}
    texts = [
        (_folded(title), _folded(body), merged_into_id or idea_id)
        for idea_id, title, body, merged_into_id in session.execute(
            select(Idea.id, Idea.title, Idea.body, Idea.merged_into_id)
            .where(Idea.campaign_id == campaign.id, which, or_(*having))
            .order_by(Idea.id)
        )
    ]
    ideas = {quotation: _idea_of(quotation.parts, texts) for quotation in wanted}
    return {quotation: idea_id for quotation, idea_id in ideas.items() if idea_id is not None}


def _idea_of(parts: Sequence[str], texts: Sequence[tuple[str, str, int]]) -> int | None:
    whole = "".join(parts)
    same = [idea_id for title, body, idea_id in texts if whole in {title, body, title + body}]
    if same:
        return same[0]
    having = {title + body: idea_id for title, body, idea_id in reversed(texts) if _has(title + body, parts)}
    return next(iter(having.values())) if len(having) == 1 else None


def _has(text: str, parts: Sequence[str]) -> bool:
    """True where the text has these parts, one after the other."""
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def _longest_words(quotation: Quotation) -> tuple[str, ...]:
    """Words by which ideas are looked up. Not those at its ends: the first may have another case, the last be cut."""
    words = _WORD.findall(quotation.words)
    inner = words[1:-1] or words
    return tuple(sorted(dict.fromkeys(inner), key=len, reverse=True)[:MAX_WORDS])


def _folded(text: str) -> str:
    """Letters and digits alone: the signs of Markdown and of a shortened quotation make no difference."""
    return "".join(filter(str.isalnum, text.casefold()))
