"""The text of a digest, made when it is sent: what is still news to its reader then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.mail.address import address_of
from app.mail.letters.blocks import MAX_QUOTED_LENGTH, Block
from app.mail.letters.letter import Written
from app.mail.style import styles_with
from app.mail.unsubscribe import unsubscribe_token
from app.text.notices.notice import sentence, target
from app.web.pages.dates import day, zoned
from app.web.pages.language import gettext as _
from app.web.pages.language import read_by
from app.web.pages.rendering import inner
from app.web.pages.site import Site, site_of
from ideas.accounts.sign_in import visited_since
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.campaigns.phases.phase import PhaseAct, are_over
from ideas.campaigns.reminder import is_overtaken
from ideas.contributions.idea import Idea, idea_visible_to, is_submitted
from ideas.organisation.organisation import the_organisation
from ideas.outreach.detail import NoticeDetail, details
from ideas.outreach.digest import MAX_NAMED, read_one
from ideas.outreach.digest_spaces import newsletters_now, workshops_now
from ideas.outreach.limits.hours import Frequency, digest_of
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import Newsletter
from ideas.outreach.newsletters.pace import is_held_back
from ideas.outreach.notice import Notice
from ideas.people.person import Person
from ideas.people.sanction import SanctionKind, is_banned, sanction_in_force
from ideas.spaces.workshops.workshop import Workshop
from ideas.text import shorten


@dataclass(frozen=True, slots=True)
class _News:
    """What a digest tells, as it is now. Campaigns and ideas that its reader no longer sees are left out."""

    notices: Sequence[NoticeDetail]
    more: int
    support: int
    comments: int
    new: Sequence[Campaign]
    closing: Sequence[Campaign]
    awaiting: Sequence[Campaign]
    debriefs: Sequence[Campaign]
    workshops: Sequence[Workshop]
    newsletters: Sequence[Newsletter]
    ideas: Sequence[Idea]

    @property
    def is_empty(self) -> bool:
        of_own = self.notices or self.support or self.comments or self.awaiting
        return not (of_own or self.new or self.closing or self.debriefs or self.workshops or self.newsletters)


def write_digest_letter(session: Session, message: Message, *, now: datetime) -> Written | None:
    """The text of a digest, in its reader's language and zone. None where it is not wanted any more: they have visited
    since it was made, want none, are banned from the site, or nothing of it is news.
    """
    person = message.person
    assert person is not None  # noqa: S101 -- digests are for people with an account
    frequency = digest_of(session, person)
    if frequency is Frequency.NONE or visited_since(session, person, message.created_at):
        return None
    sanctioned = sanction_in_force(session, person, None, now=now)
    if sanctioned is not None and sanctioned.kind is SanctionKind.BAN:
        return None
    news = _news(session, person, message.digest or {}, now)
    return None if news.is_empty else _written(person, news, frequency, site_of(the_organisation(session)))


def preview_digest(session: Session, person: Person, *, now: datetime) -> Written | None:
    """The person's own digest as it would be written now; None where nothing is new."""
    frequency = digest_of(session, person)
    told = read_one(session, person, frequency=frequency if frequency is Frequency.DAILY else Frequency.WEEKLY, now=now)
    news = _news(session, person, told.values(), now)
    return None if news.is_empty else _written(person, news, frequency, site_of(the_organisation(session)))


def digest_unsubscribe_address(person_id: int) -> str:
    """The page where the digest is switched off without signing in."""
    return address_of("notice.unsubscribe", token=unsubscribe_token(person_id, None))


def _news(session: Session, person: Person, told: Mapping[str, Any], now: datetime) -> _News:
    unread = select(Notice).where(Notice.id.in_(told.get("held", ())), Notice.read_at.is_(None), ~is_held_back())
    options = [joinedload(Notice.activity), joinedload(Notice.campaign).joinedload(Campaign.owner)]
    waiting = session.scalars(unread.options(joinedload(Notice.person), *options).order_by(Notice.id.desc()))
    notices = [one for one in waiting if one.campaign is None or not is_overtaken(one.activity, one.campaign, now=now)]
    shown = notices[:MAX_NAMED]
    banned = is_banned(person.id, campaign_id=Campaign.id, now=now)
    named = {one for name in ("new", "closing", "awaiting", "debriefs") for one in told.get(name, ())}
    # What is told "for you" is not told again below.
    for_you = {(one.object_kind, one.object_id) for one in notices}
    told_debriefs = {one.campaign_id for one in notices if one.object_kind == "debrief"}
    workshops = workshops_now(session, person, told.get("workshops", ()), now=now)
    newsletters = newsletters_now(session, person, told.get("newsletters", ()))
    visible = select(Campaign).where(
        Campaign.id.in_(named), Campaign.deleted_at.is_(None), campaign_visible_to(person), ~banned
    )
    campaigns = {campaign.id: campaign for campaign in session.scalars(visible)}
    ideas = select(Idea).join(Idea.campaign).options(contains_eager(Idea.campaign))
    ideas = ideas.where(Idea.id.in_(told.get("ideas", ())), is_submitted(), idea_visible_to(person), ~banned)

    def among(name: str) -> list[Campaign]:
        return [campaigns[one] for one in told.get(name, ()) if one in campaigns]

    return _News(
        notices=details(session, shown),
        more=len(notices) - len(shown),
        support=told.get("support", 0),
        comments=told.get("comments", 0),
        new=[campaign for campaign in among("new") if campaign.closes_at is None or campaign.closes_at > now],
        closing=[one for one in among("closing") if one.is_open(now) and not are_over(one.phase_list, now)],
        awaiting=[campaign for campaign in among("awaiting") if campaign.debriefed_at is None],
        debriefs=[one for one in among("debriefs") if one.debriefed_at is not None and one.id not in told_debriefs],
        workshops=[one for one in workshops if (Workshop.__tablename__, one.id) not in for_you],
        newsletters=[one for one in newsletters if (Newsletter.__tablename__, one.id) not in for_you],
        ideas=[one for one in session.scalars(ideas.order_by(Idea.id)) if one.campaign.takes(PhaseAct.SUPPORT, now)],
    )


def _written(person: Person, news: _News, frequency: Frequency, site: Site) -> Written:
    locale, is_daily = site.offered(person.locale), frequency is Frequency.DAILY
    with read_by(locale, person.timezone):
        if is_daily:
            subject = _("%(site)s: what is new today", site=site.name)
            why = _("You get this email because you asked for a digest of %(site)s each day.", site=site.name)
        else:
            subject = _("%(site)s: what is new this week", site=site.name)
            why = _("You get this email because you did not visit %(site)s this week.", site=site.name)
        values: dict[str, Any] = {
            "subject": subject,
            "site": site.name,
            "language": locale[:2],
            "greeting": _("Hello %(name)s,", name=person.name),
            "blocks": list(_blocks(news)),
            "footer": [why, _ask(site)],
            "preferences": address_of("notice.preferences"),
            "unsubscribe": digest_unsubscribe_address(person.id),
            "way_out": _("Stop the digest"),
            "style": styles_with(site.accent),
        }
        return Written(
            values["subject"],
            render_template("outreach/mail/letter.txt", **values),
            render_template("outreach/mail/letter.html", **values),
        )


def _ask(site: Site) -> str:
    if site.contact_email:
        return str(_("Do you have a question? Write to us: %(address)s", address=site.contact_email))
    return str(_("Do you have a question? Ask your site administrator."))


def _blocks(news: _News) -> Iterator[Block]:
    if news.notices:
        yield Block("heading", _("For you"))
        yield from _notice_blocks(news)
    if news.support or news.comments:
        yield Block("heading", _("Your ideas"))
        yield from _response_blocks(news)
        yield Block("link", _("See my ideas"), address_of("person.me"))
    for heading, campaigns in ((_("New campaigns"), news.new), (_("Closing soon"), news.closing)):
        if campaigns:
            yield Block("heading", heading)
            yield from _campaign_blocks(campaigns)
    yield from _space_blocks(news)
    if news.awaiting:
        yield Block("heading", _("Waiting for the debrief"))
        for campaign in news.awaiting:
            words = {"campaign": inner(campaign.title), "day": day(campaign.debrief_due_at)}
            yield Block("text", _("“%(campaign)s”, promised for %(day)s", **words), _address(campaign))
    if news.ideas:
        yield Block("heading", _("Ideas that few people have noticed"))
        for idea in news.ideas:
            yield Block("quote", shorten(idea.text, MAX_QUOTED_LENGTH))
            address = address_of("idea.show", campaign_id=idea.campaign_id, idea_id=idea.id)
            yield Block("text", _("Read this idea, and support it if you agree"), address)


def _space_blocks(news: _News) -> Iterator[Block]:
    if news.debriefs or news.workshops or news.newsletters:
        yield Block("heading", _("New in your spaces"))
    for campaign in news.debriefs:
        words = _("The debrief of “%(campaign)s”", campaign=inner(campaign.title))
        yield Block("text", words, address_of("debrief.show", campaign_id=campaign.id))
    for workshop in news.workshops:
        words = _(
            "Workshop “%(workshop)s”, on %(date)s", workshop=inner(workshop.title), date=zoned(workshop.starts_at)
        )
        address = address_of("workshop.show", space_id=workshop.space_id, workshop_id=workshop.id)
        yield Block("text", words, address)
    for newsletter in news.newsletters:
        words = _("Newsletter “%(title)s”", title=inner(newsletter.title))
        address = address_of("newsletter.show", space_id=newsletter.space_id, newsletter_id=newsletter.id)
        yield Block("text", words, address)


def _notice_blocks(news: _News) -> Iterator[Block]:
    for detail in news.notices:
        endpoint, values = target(detail)
        yield Block("text", sentence(detail), address_of(endpoint, **values))
    if news.more:
        more = ngettext("Read %(num)s more notification", "Read %(num)s more notifications", news.more)
        yield Block("text", more, address_of("notice.index"))


def _campaign_blocks(campaigns: Sequence[Campaign]) -> Iterator[Block]:
    for campaign in campaigns:
        words = {"campaign": inner(campaign.title), "moment": zoned(campaign.closes_at)}
        yield Block("text", _("“%(campaign)s”, until %(moment)s", **words), _address(campaign))


def _response_blocks(news: _News) -> Iterator[Block]:
    if news.support:
        yield Block("text", _("Support for your ideas: %(number)s more", number=news.support))
    if news.comments:
        yield Block("text", _("Comments on your ideas: %(number)s more", number=news.comments))


def _address(campaign: Campaign) -> str:
    return address_of("campaign.show", campaign_id=campaign.id)
