"""Quotations in a debrief of texts that moderators have hidden or reworded since: everyone reads that they are gone.

The stored text stays as it was published. What is restored is quoted again, by itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from ideas.activity.version import Version
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, one_text

# Of letters and digits: a shorter quotation could be anybody's.
MIN_QUOTED = 12
_BLOCK = re.compile(r"(?:^[ ]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_INLINE = re.compile(r"«[^«»]*»|“[^“”]*”|\"[^\"\n]*\"")


@dataclass(frozen=True, slots=True)
class Unquotable:
    """A text that only its author and the team may read, as quotations are compared. `present`: what replaces it."""

    text: str
    present: str = ""

    def has(self, words: str) -> bool:
        return (words in self.text or self.text in words) and words not in self.present


def withheld_texts(session: Session, campaign: Campaign) -> list[Unquotable]:
    """The texts of the campaign that are withheld now, and earlier ones that broke a rule. One query."""
    nothing, content = literal(""), Version.content
    title, body = func.coalesce(content["title"].as_string(), ""), content["body"].as_string()
    earlier_idea, earlier_comment = (
        (Version.object_kind == of.__tablename__) & (Version.object_id == of.id) & Version.is_restricted
        for of in (Idea, Comment)
    )
    here = Idea.campaign_id == campaign.id
    of_comments = Idea.id == Comment.idea_id
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


def _folded(text: str) -> str:
    """Letters and digits alone: the signs of Markdown and of a shortened quotation make no difference."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())
