"""Authors of imported ideas: their addresses are kept apart, for nobody to see, until their owners claim the ideas."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, delete, false, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base, chunks
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.inviting import accept, invite
from ideas.contributions.files.idea_file import give_files
from ideas.contributions.idea import Idea, is_readable
from ideas.contributions.imports.row import PreparedRow
from ideas.people.person import MAX_EMAIL_LENGTH, Person
from ideas.spaces.addresses import MAX_ADDRESSES, Invited
from ideas.spaces.invitation import Invitation, Offer, Unwanted, address_hash, unwanted


class ImportedAddress(Base):
    """The address of the author of an idea, from a file or from who wrote for them. Deleted once the idea is claimed.

    `agreed`: whoever imported it, or wrote it for them, said that the author agreed to be written to about the idea: to
    be invited to claim it, and to be told by mail what becomes of it. No mail goes to any other.
    """

    __tablename__ = "imported_address"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH), index=True)
    agreed: Mapped[bool] = mapped_column(default=False, server_default=false())


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """How many ideas of a campaign can be claimed, by how many addresses, and how many of these are not invited yet.

    `not_agreed`: how many addresses are never written to, because nobody said that they agreed. `agreed`: how many are
    told by mail what becomes of their ideas; `silent`: the ideas of the others.
    """

    ideas: int
    addresses: int
    not_invited: int
    not_agreed: int = 0
    agreed: int = 0
    silent: int = 0


def keep_addresses(session: Session, campaign: Campaign, rows: Sequence[PreparedRow], *, agreed: bool = False) -> None:
    """Keep the addresses of the authors that these rows of a file give, for the ideas that have their keys and texts.

    For the import. An idea that has an author is left out; of two addresses for one idea the later is kept. `agreed`:
    these authors agreed to be told by mail what becomes of their ideas. What an earlier file said of that stays, and
    so does what an author said who wants no such mail.
    """
    given = {(key, row.text): row.email for row in rows if row.email for key in (row.key, row.text_key) if key}
    for part in chunks(sorted({key for key, _ in given})):
        here = (Idea.campaign_id == campaign.id) & Idea.import_key.in_(part) & Idea.author_id.is_(None)
        ideas = session.execute(select(Idea.id, Idea.import_key, Idea.title, Idea.body).where(here))
        kept = {
            number: given[key, (title, body)]
            for number, key, title, body in ideas
            if key is not None and (key, (title, body)) in given
        }
        if kept:
            before = _agreed_before(session, kept)
            stops = unwanted(session, set(kept.values()))
            stored = delete(ImportedAddress).where(ImportedAddress.idea_id.in_(kept))
            session.execute(stored.execution_options(synchronize_session=False))
            session.execute(
                insert(ImportedAddress),
                [
                    {
                        "idea_id": number,
                        "email": email,
                        "agreed": email not in stops and (agreed or (number, email) in before),
                    }
                    for number, email in kept.items()
                ],
            )


def unclaimed(session: Session, campaign: Campaign) -> Unclaimed:
    """What can be claimed in a campaign. Whoever may invite may know."""
    of_address = ImportedAddress.email, ImportedAddress.agreed
    counts = select(*of_address, func.count(Idea.id)).select_from(Idea).join(ImportedAddress)
    found = session.execute(counts.where(_claimable(campaign.id)).group_by(*of_address)).all()
    agreed = {email for email, agrees, _count in found if agrees}
    told = agreed - _without_mail(session, agreed)
    return Unclaimed(
        ideas=sum(count for _email, _agrees, count in found),
        addresses=len(addresses := {email for email, _agrees, _count in found}),
        not_invited=len(_not_invited(session, campaign)),
        not_agreed=len(addresses - agreed),
        agreed=len(told),
        silent=sum(count for email, agrees, count in found if not agrees or email not in told),
    )


def authors_to_tell(session: Session, campaign_id: int, among: ColumnElement[bool] | None = None) -> dict[str, int]:
    """The addresses of authors of unclaimed ideas in a campaign who agreed to be told what becomes of them, each with
    the first of their ideas: of those that meet the condition `among`. For the worker, and whoever may publish.

    Not who wants no such mail, nor who has an account: members are told as members, or chose not to be.
    """
    first = select(ImportedAddress.email, func.min(ImportedAddress.idea_id)).join(Idea)
    told = _claimable(campaign_id) & ImportedAddress.agreed
    agreed = first.where(told if among is None else told & among).group_by(ImportedAddress.email)
    found: dict[str, int] = dict(session.execute(agreed.order_by(ImportedAddress.email)).all())
    without = _without_mail(session, found)
    return {email: number for email, number in found.items() if email not in without}


def ideas_of_same_author(session: Session, idea_id: int) -> Sequence[Idea]:
    """The public ideas of a campaign that came with the same address as this one, which agreed to be told, oldest
    first. None where the idea is claimed by now, or its author wants no such mail any more.
    """
    address = session.get(ImportedAddress, idea_id)
    idea = session.get(Idea, idea_id)
    if address is None or idea is None or not address.agreed or unwanted(session, [address.email]):
        return []
    theirs = _claimable(idea.campaign_id) & (ImportedAddress.email == address.email) & ImportedAddress.agreed
    return session.scalars(
        select(Idea).join(ImportedAddress).where(theirs).options(joinedload(Idea.merged_into)).order_by(Idea.id)
    ).all()


def tell_no_more(session: Session, idea_id: int, *, now: datetime) -> None:
    """The author with the address of this idea is told nothing any more, of any campaign, and invited no more, whatever
    a later file says. Whoever has the link of a mail to that address may. Twice changes nothing.
    """
    address = session.get(ImportedAddress, idea_id)
    if address is None or (not address.agreed and unwanted(session, [address.email])):
        return
    session.merge(Unwanted(address_hash=address_hash(address.email), at=now))
    theirs = (ImportedAddress.email == address.email) & ImportedAddress.agreed
    idea = session.get_one(Idea, idea_id)
    session.execute(update(ImportedAddress).where(theirs).values(agreed=False))
    session.expire(address)
    after = {"told": False}
    record(session, Verb.CHANGED, idea, by=None, now=now, campaign_id=idea.campaign_id, after=after)
    session.flush()


def invite_authors(session: Session, campaign: Campaign, *, locale: str, by: Person, now: datetime) -> Invited:
    """Invite the authors of imported ideas who agreed to be written to and are not invited yet, 500 at most. The caller
    queues the mails.

    Whoever may invite may, and nothing is sent without them. Raises EmptyList, LimitReached.
    """
    emails = _not_invited(session, campaign)[:MAX_ADDRESSES]
    return invite(session, campaign, "\n".join(emails), offer=Offer(locale=locale), by=by, now=now)


def ideas_to_claim(session: Session, invitation: Invitation) -> Sequence[Idea]:
    """The ideas that whoever accepts this invitation claims, oldest first: those sent with its address."""
    if invitation.email is None or invitation.campaign_id is None:
        return []
    theirs = _claimable(invitation.campaign_id) & (ImportedAddress.email == invitation.email)
    return session.scalars(select(Idea).join(ImportedAddress).where(theirs).order_by(Idea.id)).all()


def join_and_claim(
    session: Session, invitation: Invitation, person: Person, *, now: datetime, any_address: bool = False
) -> tuple[Campaign, Sequence[Idea]]:
    """Accept an invitation, and become the author of the ideas that were imported with its address.

    Returns the campaign and these ideas. `any_address`: they have shown the code of its mail. Raises as `accept`.
    """
    campaign = accept(session, invitation, person, now=now, any_address=any_address)
    ideas = ideas_to_claim(session, invitation)
    for idea in ideas:
        idea.author_id = person.id
        record(
            session,
            Verb.CLAIMED,
            idea,
            by=person,
            now=now,
            campaign_id=campaign.id,
            before={"author_id": None},
            after={"author_id": person.id},
        )
    for part in chunks([idea.id for idea in ideas]):
        spent = delete(ImportedAddress).where(ImportedAddress.idea_id.in_(part))
        session.execute(spent.execution_options(synchronize_session=False))
        give_files(session, part, to=person)
    session.flush()
    return campaign, ideas


def _claimable(campaign_id: int) -> ColumnElement[bool]:
    """SQL condition, beside a join with the addresses: the idea is public in this campaign and has no author."""
    return (Idea.campaign_id == campaign_id) & Idea.author_id.is_(None) & is_readable()


def _agreed_before(session: Session, idea_ids: Collection[int]) -> set[tuple[int, str]]:
    """Of these ideas those whose authors agreed to be told, with the address that did."""
    agreed = select(ImportedAddress.idea_id, ImportedAddress.email).where(ImportedAddress.agreed)
    found = session.execute(agreed.where(ImportedAddress.idea_id.in_(idea_ids)))
    return {(number, email) for number, email in found}


def _without_mail(session: Session, emails: Collection[str]) -> set[str]:
    """Those of these addresses that want no such mail, and those of members."""
    found = unwanted(session, emails)
    for part in chunks(sorted(emails)):
        found |= set(session.scalars(select(Person.email).where(Person.email.in_(part))))
    return found


def _not_invited(session: Session, campaign: Campaign) -> list[str]:
    """The addresses of ideas to claim that agreed to be written to, were never invited to the campaign and want no end
    of it, in alphabetical order.
    """
    invited = select(Invitation.email).where(Invitation.campaign_id == campaign.id, Invitation.email.is_not(None))
    asked = select(ImportedAddress.email).distinct().join(Idea).where(_claimable(campaign.id), ImportedAddress.agreed)
    found = session.scalars(asked.where(ImportedAddress.email.not_in(invited)).order_by(ImportedAddress.email)).all()
    stops = unwanted(session, found)
    return [email for email in found if email not in stops]
