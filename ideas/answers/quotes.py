"""Quotations in a debrief of texts that moderators have hidden since: everyone reads that they are withdrawn.

The stored text stays as it was published. What is restored is quoted again, by itself.
"""

import re
from collections.abc import Sequence

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, one_text

# Of letters and digits: a shorter quotation could be anybody's.
MIN_QUOTED = 12
_BLOCK = re.compile(r"(?:^[ ]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_INLINE = re.compile(r"«[^«»]*»|“[^“”]*”|\"[^\"\n]*\"")


def withheld_texts(session: Session, campaign: Campaign) -> list[str]:
    """The texts of the campaign that are withheld now, as quotations are compared. One query."""
    ideas = select(Idea.title, Idea.body).where(Idea.campaign_id == campaign.id, Idea.withheld.is_not(None))
    comments = (
        select(literal(""), Comment.body)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(Idea.campaign_id == campaign.id, Comment.withheld.is_not(None))
    )
    rows = session.execute(union_all(ideas, comments))
    texts = (_folded(one_text(title, body)) for title, body in rows)
    return [text for text in texts if len(text) >= MIN_QUOTED]


def without_withheld(body: str, withheld: Sequence[str], *, instead: str) -> str:
    """The Markdown text with `instead` in place of each quotation of a withheld text: of all of it, or of a part."""
    if not withheld:
        return body

    def is_withheld(quoted: str) -> bool:
        words = _folded(quoted)
        return len(words) >= MIN_QUOTED and any(words in text or text in words for text in withheld)

    def block(found: re.Match[str]) -> str:
        return f"> *{instead}*\n" if is_withheld(found[0]) else found[0]

    def inline(found: re.Match[str]) -> str:
        return f"[{instead}]" if is_withheld(found[0]) else found[0]

    return _INLINE.sub(inline, _BLOCK.sub(block, body))


def _folded(text: str) -> str:
    """Letters and digits alone: the signs of Markdown and of a shortened quotation make no difference."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())
