"""Tags of ideas: words of the team, to find ideas again whatever their theme. Only the team sees them.

An idea keeps its tags from run to run, and where it is moved. What is merged into another idea keeps its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base, chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.desk.work import MAX_CAMPAIGN_TAGS, MAX_TAG_LENGTH, MAX_TAGS, spelled
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.themes.edits.move import NothingChosen


class NoTag(DomainError):
    message = message_id("Enter at least one tag.")


class TooManyIdeaTags(DomainError):
    message = message_id("An idea has at most %(most)s tags. Nothing was changed. Take some tags away first.")


class TooManyTagsOfIdeas(DomainError):
    message = message_id(
        "The ideas of a campaign have at most %(most)s tags. Use those that there are, or take one away from all ideas."
    )


class IdeaTag(Base):
    """A tag that the team put on an idea."""

    __tablename__ = "idea_tag"
    __table_args__ = (Index("ix_idea_tag_campaign_id_tag", "campaign_id", "tag"),)

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(MAX_TAG_LENGTH), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    added_at: Mapped[datetime]


def tags_of(session: Session, idea_ids: Sequence[int]) -> dict[int, list[str]]:
    """The tags of those of these ideas that have some, in alphabetical order."""
    found: dict[int, list[str]] = {}
    for some in chunks(idea_ids):
        for idea_id, tag in session.execute(select(IdeaTag.idea_id, IdeaTag.tag).where(IdeaTag.idea_id.in_(some))):
            found.setdefault(idea_id, []).append(tag)
    return {idea_id: sorted(tags, key=str.casefold) for idea_id, tags in found.items()}


def tags_of_ideas(session: Session, campaign: Campaign) -> dict[str, int]:
    """How many ideas that count have each tag of the campaign, in alphabetical order of the tags. One query."""
    rows = session.execute(
        select(IdeaTag.tag, func.count())
        .join(Idea, Idea.id == IdeaTag.idea_id)
        .where(IdeaTag.campaign_id == campaign.id, is_submitted())
        .group_by(IdeaTag.tag)
    )
    counts = {tag: count for tag, count in rows}  # noqa: C416 -- dict() would take rows by their keys
    return {tag: counts[tag] for tag in sorted(counts, key=str.casefold)}


def is_tagged(campaign: Campaign, tag: str) -> ColumnElement[bool]:
    """SQL condition: the idea has this tag."""
    tagged = select(IdeaTag.idea_id).where(IdeaTag.campaign_id == campaign.id, IdeaTag.tag == tag)
    return Idea.id.in_(tagged)


def tag_ideas(
    session: Session,
    campaign: Campaign,
    *,
    idea_ids: Collection[int],
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    by: Person,
    now: datetime,
) -> int:
    """Put tags on ideas of the campaign, and take others away. Returns how many ideas changed.

    A tag is written as the campaign writes it already. Those who group the themes may. What somebody else changed
    meanwhile stays. Raises NothingChosen, NoTag, TooLong, TooManyIdeaTags, TooManyTagsOfIdeas; then nothing is done.
    """
    lock_campaign(session, campaign)
    known = session.scalars(select(IdeaTag.tag).where(IdeaTag.campaign_id == campaign.id).distinct()).all()
    spellings = {tag.casefold(): tag for tag in known}
    added, removed = spelled(add, spellings), spelled(remove, spellings)
    if not added and not removed:
        raise NoTag
    here = (Idea.campaign_id == campaign.id) & Idea.submitted_at.is_not(None)
    chosen = [
        idea_id
        for some in chunks(sorted(set(idea_ids)))
        for idea_id in session.scalars(select(Idea.id).where(Idea.id.in_(some), here))
    ]
    if not chosen:
        raise NothingChosen
    before = tags_of(session, chosen)
    after = {
        idea_id: list(dict.fromkeys([*(tag for tag in before.get(idea_id, ()) if tag not in removed), *added]))
        for idea_id in chosen
    }
    if any(len(tags) > MAX_TAGS and not set(tags) <= set(before.get(idea_id, ())) for idea_id, tags in after.items()):
        raise TooManyIdeaTags(most=MAX_TAGS)
    if len({*known, *added}) > max(MAX_CAMPAIGN_TAGS, len(known)):
        raise TooManyTagsOfIdeas(most=MAX_CAMPAIGN_TAGS)
    return _write(session, campaign, before, after, by=by, now=now)


def _write(
    session: Session,
    campaign: Campaign,
    before: Mapping[int, Sequence[str]],
    after: Mapping[int, Sequence[str]],
    *,
    by: Person,
    now: datetime,
) -> int:
    """Store the tags of these ideas. Returns how many ideas changed, each of them an act of the log."""
    changed = {idea_id: tags for idea_id, tags in after.items() if set(tags) != set(before.get(idea_id, ()))}
    stored = {
        (row.idea_id, row.tag): row
        for some in chunks(list(changed))
        for row in session.scalars(select(IdeaTag).where(IdeaTag.idea_id.in_(some)))
    }
    for idea_id, tags in changed.items():
        earlier = before.get(idea_id, ())
        facts = {"campaign_id": campaign.id, "added_by_id": by.id, "added_at": now}
        new = [IdeaTag(idea_id=idea_id, tag=tag, **facts) for tag in tags if tag not in earlier]
        gone = [stored[idea_id, tag] for tag in earlier if tag not in tags]
        session.add_all(new)
        for row in gone:
            session.delete(row)
        was, became = {"tags": list(earlier)}, {"tags": list(tags)}
        row = [*new, *gone][0]
        record(session, Verb.CHANGED, row, by=by, now=now, campaign_id=campaign.id, before=was, after=became)
    session.flush()
    return len(changed)
