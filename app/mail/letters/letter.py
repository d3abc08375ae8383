"""The text of a notice's mail, made when it is sent: blocks in the reader's language, as HTML and as plain text."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from flask import render_template
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.clock import now
from app.database.sqlite import reading
from app.mail.address import address_of
from app.mail.letters.blocks import Block, answer_blocks, debrief_blocks, own_blocks, receipt_block
from app.mail.letters.newsletter import ToldPart, links_of, newsletter_blocks, told_parts
from app.mail.letters.told import Fate, Told, ToldActs, ToldAnswer, answer_of, told_alone, told_of
from app.mail.receipt import receipt_token
from app.mail.style import styled, styles_with
from app.mail.unsubscribe import unsubscribe_address
from app.text.newcomer import default_text, newcomer_link, step_of
from app.text.notices.follow import ABOUT_FOLLOWED
from app.text.notices.notice import ABOUT_SPACES, sentence, subject, target
from app.text.notices.space import newsletter_title
from app.web.pages.language import gettext as _
from app.web.pages.language import read_by
from app.web.pages.rendering import inner
from app.web.pages.site import Site, site_of
from ideas.activity.activity import Activity, Verb
from ideas.answers.debriefs.receipt import supports_or_reacts
from ideas.answers.decision import Decision
from ideas.answers.single.idea_answer import IdeaAnswer, shown_answers
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import seen_together
from ideas.organisation.organisation import the_organisation
from ideas.outreach.detail import NoticeDetail, details
from ideas.outreach.journey.text import filled, journey_text
from ideas.outreach.newsletters.newsletter import Newsletter
from ideas.outreach.notice import LATER_ANSWERS, TELLS_OWN, Notice, NoticeKind
from ideas.outreach.preference import OF_SPACES
from ideas.people.person import Person

OF_MANAGERS = frozenset(
    {
        NoticeKind.JOB_FAILED,
        NoticeKind.IDEAS_GROUPED,
        NoticeKind.QUESTION_ASKED,
        NoticeKind.THEME_ASSIGNED,
        NoticeKind.PUBLICATION_REFUSED,
    }
)


@dataclass(frozen=True, slots=True)
class Written:
    """A mail's subject, and its text as plain text and as HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a mail says, in plain values, so that making its text needs no query.

    `more_themes`: in which the person did something for ideas, besides those of `acts`.
    `is_draft`: somebody else reads it, so that no link in it acts for the person. `leaves_out_support`: in a draft,
    the person reads what they supported or reacted to, which nobody else is told.
    """

    person_id: int
    name: str
    locale: str
    timezone: str
    detail: NoticeDetail
    site: Site
    contact: str = ""
    answer: ToldAnswer | None = None
    fates: Sequence[Fate] = field(default_factory=list)
    acts: Sequence[ToldActs] = field(default_factory=list)
    more_themes: int = 0
    is_draft: bool = False
    leaves_out_support: bool = False
    # Subject and text that the organisation wrote for newcomers, in the reader's language; None for the product's own.
    for_newcomers: tuple[str, str] | None = None
    # What a newsletter tells this person, and where its links lead if clicks on them are counted.
    newsletter: Sequence[ToldPart] = ()
    links: Mapping[str, str] = field(default_factory=dict)


def write_letter(contents: Contents) -> Written:
    """The mail of a notice, in its reader's language and zone. It makes no query."""
    locale = contents.site.offered(contents.locale)
    with read_by(locale, contents.timezone):
        style, preferences = styles_with(contents.site.accent), address_of("notice.preferences")
        blocks = [replace(one, html=styled(one.html, style)) if one.html else one for one in _blocks(contents)]
        values: dict[str, Any] = {
            "subject": _subject(contents),
            "site": contents.site.name,
            "language": locale[:2],
            "greeting": _("Hello %(name)s,", name=contents.name),
            "blocks": blocks,
            "footer": [*_clicks(contents), *_footer(contents)],
            "preferences": preferences,
            "unsubscribe": preferences
            if contents.is_draft
            else unsubscribe_address(
                contents.person_id,
                contents.detail.kind,
                space_id=contents.detail.space_id,
                object_id=contents.detail.object_id,
            ),
            "way_out": _("Stop emails of this space") if contents.detail.kind in OF_SPACES else None,
            "style": style,
        }
        return Written(
            values["subject"],
            render_template("outreach/mail/letter.txt", **values),
            render_template("outreach/mail/letter.html", **values),
        )


# Reading --------------------------------------------------------------------------------------------------------------


def read_contents(session: Session, notice_ids: Collection[int]) -> dict[int, Contents | Exception]:
    """What the mails of these notices say, by notice. A fault in one, which is returned, holds up no other.

    The session has nothing to write yet, and no transaction is open afterwards.
    """
    options = [
        joinedload(Notice.person),
        joinedload(Notice.activity),
        joinedload(Notice.campaign).joinedload(Campaign.owner),
    ]
    with reading(session):
        site = site_of(the_organisation(session))
        notices = session.scalars(select(Notice).where(Notice.id.in_(notice_ids)).options(*options)).all()
        # Where one has a fault, it shows it again by itself. A statement that fails ends the transaction on PostgreSQL.
        with suppress(Exception), session.begin_nested():
            return _contents_together(session, notices, site)
        return _contents_one_by_one(session, notices, site)


def _contents_together(session: Session, notices: Sequence[Notice], site: Site) -> dict[int, Contents | Exception]:
    """What each of these notices says; what many of them tell is read once."""
    told = told_of(session, [one for one in notices if one.kind in TELLS_OWN], is_draft=False)
    campaigns = {one.campaign_id for one in notices if one.campaign_id is not None}
    seen: dict[int, set[int]] = {one.person_id: set() for one in notices}
    for person_id, campaign_id in seen_together(session, campaigns, list(seen)) if campaigns else ():
        seen[person_id].add(campaign_id)
    return {one.id: _contents(session, one, site, told=told.get(one.id), seen=seen[one.person_id]) for one in notices}


def _contents_one_by_one(session: Session, notices: Sequence[Notice], site: Site) -> dict[int, Contents | Exception]:
    """What each of these notices says, or the fault in reading it."""
    found: dict[int, Contents | Exception] = {}
    for notice in notices:
        try:
            with session.begin_nested():
                found[notice.id] = _contents(session, notice, site)
        except Exception as error:  # noqa: BLE001 -- returned to the caller, who records and logs it
            found[notice.id] = error
    return found


def read_draft(session: Session, activity: Activity, kind: NoticeKind, person: Person) -> Contents:
    """What the mail of a notice of this act will say, which is neither recorded nor told yet. Nothing is written.

    For whoever may do the act: it leaves out what the person wrote without a name, and the links that act for them.
    """
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    notice = Notice(
        id=0, kind=kind, person_id=person.id, activity_id=activity.id, campaign_id=activity.campaign_id,
        object_kind=activity.object_kind, object_id=activity.object_id,
        created_at=activity.at, not_before=activity.at,
    )  # fmt: skip
    notice.person, notice.activity, notice.campaign = person, activity, campaign
    return _contents(session, notice, site_of(the_organisation(session)), is_draft=True)


def _contents(
    session: Session,
    notice: Notice,
    site: Site,
    *,
    told: Told | None = None,
    seen: Collection[int] | None = None,
    is_draft: bool = False,
) -> Contents:
    """`told`: what the notice tells of the reader's own ideas and acts; `seen`: the campaigns that the reader sees;
    where that was read already.
    """
    (detail,) = details(session, [notice], seen=seen)
    person = notice.person
    tells_own = notice.kind in TELLS_OWN
    if told is None and tells_own:
        told = told_of(session, [notice], is_draft=is_draft).get(notice.id)
    told = told or Told()
    newsletter, links = _newsletter(session, notice)
    return Contents(
        person_id=person.id,
        name=person.name,
        locale=person.locale,
        timezone=person.timezone,
        detail=detail,
        site=site,
        contact=site.contact_email or (notice.campaign.owner.email if notice.campaign else ""),
        answer=changed_answer(session, notice.kind, notice.object_kind, notice.object_id),
        fates=told.fates,
        acts=told.acts,
        more_themes=told.more_themes,
        is_draft=is_draft,
        for_newcomers=_for_newcomers(session, detail, site.offered(person.locale)),
        newsletter=newsletter,
        links=links,
        # Who did nothing else is listed as a supporter: the draft says no more than that.
        leaves_out_support=is_draft
        and tells_own
        and notice.campaign is not None
        and not (told.fates or told.acts)
        and supports_or_reacts(session, notice.campaign, person),
    )


def _for_newcomers(session: Session, detail: NoticeDetail, locale: str) -> tuple[str, str] | None:
    """What the organisation wrote for a step of newcomers. None where it wrote nothing, or for another kind."""
    if detail.kind is not NoticeKind.NEWCOMER:
        return None
    written = journey_text(session, step_of(detail), locale[:2])
    return (written.subject, written.body) if written is not None else None


def _newsletter(session: Session, notice: Notice) -> tuple[Sequence[ToldPart], Mapping[str, str]]:
    """What a newsletter tells its reader, and its links that count clicks. Empty for another kind of notice."""
    newsletter = session.get(Newsletter, notice.object_id) if notice.kind is NoticeKind.NEWSLETTER else None
    if newsletter is None:
        return (), {}
    parts = told_parts(session, newsletter.body, notice.person, space_id=newsletter.space_id, now=now())
    return parts, links_of(newsletter)


def changed_answer(session: Session, kind: NoticeKind, object_kind: str, object_id: int) -> ToldAnswer | None:
    """The answer as it is now. None for another kind of notice."""
    if kind is not NoticeKind.ANSWER_CHANGED:
        return None
    if object_kind == IdeaAnswer.__tablename__:
        answer = session.get(IdeaAnswer, object_id)
        return told_alone(shown_answers(session, [answer.idea_id]).get(answer.idea_id)) if answer is not None else None
    decision = session.get(Decision, object_id)
    return answer_of(session, decision) if decision is not None else None


# Text -----------------------------------------------------------------------------------------------------------------


def _subject(contents: Contents) -> str:
    """Nobody is promised an answer that the mail does not hold."""
    if contents.detail.kind is NoticeKind.NEWCOMER:
        return _newcomer_text(contents)[0]
    given = sum(fate.is_answered for fate in contents.fates)
    if not given or contents.detail.kind is not NoticeKind.DEBRIEF_PUBLISHED:
        return subject(contents.detail, site=contents.site.name)
    return str(
        ngettext(
            "%(campaign)s: what was decided about your idea",
            "%(campaign)s: what was decided about your ideas",
            given,
            campaign=contents.detail.campaign,
        )
    )


def _blocks(contents: Contents) -> Iterator[Block]:
    detail = contents.detail
    if detail.kind is NoticeKind.NEWCOMER:
        yield from _newcomer_blocks(contents)
        return
    if contents.newsletter:
        yield Block("heading", newsletter_title(detail))
        yield from newsletter_blocks(contents.newsletter, contents.links)
        endpoint, values = target(detail)
        yield Block("text", _("Read this on the site"), address_of(endpoint, **values))
        return
    if detail.campaign:
        yield Block("fact", _("Campaign: %(campaign)s", campaign=detail.campaign))
    yield Block("text", sentence(detail))
    if detail.reason:
        yield Block("text", _("Reason given:"))
        yield Block("quote", detail.reason)
    if detail.kind is NoticeKind.DEBRIEF_PUBLISHED:
        yield from _debrief_blocks(contents)
        return
    if detail.kind in LATER_ANSWERS:
        yield from later_blocks(detail, contents.fates, contents.acts, contents.answer)
    endpoint, values = target(detail)
    yield Block("link", _("See the details"), address_of(endpoint, **values))
    if detail.kind in LATER_ANSWERS | {NoticeKind.IDEA_MOVED}:
        is_of_author = bool(contents.fates) or detail.kind is NoticeKind.IDEA_MOVED
        yield receipt_block(_receipt_address(contents), is_of_author=is_of_author)


def later_blocks(
    detail: NoticeDetail, fates: Sequence[Fate], acts: Sequence[ToldActs], answer: ToldAnswer | None
) -> Iterator[Block]:
    """Of a later answer or an action: its theme, what the reader wrote or did for it, and the answer."""
    if detail.action and detail.theme:
        yield Block("fact", _("Theme: %(theme)s", theme=detail.theme))
    yield from own_blocks(fates, acts)
    if answer is not None:
        yield from answer_blocks(answer)


def _newcomer_text(contents: Contents) -> tuple[str, str]:
    """Subject and text of a message to a newcomer, with its variables filled in."""
    values = {"name": contents.name, "site": contents.site.name}
    subject_, body = contents.for_newcomers or default_text(step_of(contents.detail))
    return filled(subject_, values), filled(body, values)


def _newcomer_blocks(contents: Contents) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*\n", _newcomer_text(contents)[1]):
        yield Block("text", paragraph)
    endpoint, values = target(contents.detail)
    yield Block("link", newcomer_link(step_of(contents.detail)), address_of(endpoint, **values))


def _debrief_blocks(contents: Contents) -> Iterator[Block]:
    endpoint, values = target(contents.detail)
    yield Block("link", _("Read the debrief"), address_of(endpoint, **values))
    yield from debrief_blocks(
        contents.fates,
        contents.acts,
        more_themes=contents.more_themes,
        receipt=_receipt_address(contents),
        leaves_out_support=contents.leaves_out_support,
    )


def _receipt_address(contents: Contents) -> str:
    """The person's receipt, which needs no account; their own page where somebody else reads the mail."""
    campaign_id = contents.detail.campaign_id
    if contents.is_draft or campaign_id is None or not contents.detail.campaign:
        return address_of("person.me")
    return address_of("receipt.signed", receipt=receipt_token(contents.person_id, campaign_id))


def _footer(contents: Contents) -> list[str]:
    """Why this mail came, and whom to ask."""
    detail = contents.detail
    campaign, site = inner(detail.campaign), contents.site.name
    if detail.kind is NoticeKind.ROLE_CHANGED:
        why = _("You get this email because your role on %(site)s has changed.", site=site)
    elif detail.kind in ABOUT_SPACES:
        why = _(
            "You get this email because of the space “%(space)s” on %(site)s.", space=inner(detail.space), site=site
        )
    elif _is_for_managers(detail) and campaign:
        why = _(
            "You get this email because you manage the campaign “%(campaign)s” on %(site)s.",
            campaign=campaign,
            site=site,
        )
    elif detail.kind in {NoticeKind.JOB_FAILED, NoticeKind.IDEAS_GROUPED}:
        why = _("You get this email because you are a site administrator of %(site)s.", site=site)
    elif detail.kind is NoticeKind.SANCTION_CHANGED:
        why = _("You get this email because moderators decided about your account on %(site)s.", site=site)
    elif detail.kind in {NoticeKind.APPEAL_TO_ANSWER, NoticeKind.MODERATION_WAITING}:
        why = _("You get this email because you moderate on %(site)s.", site=site)
    elif detail.kind in {NoticeKind.EXPORT_READY, NoticeKind.CAMPAIGN_EXPORTED}:
        why = _("You get this email because you asked for an export on %(site)s.", site=site)
    else:
        why = _why_of_talk(detail.kind, campaign, site)
    if contents.contact and detail.owner and not contents.site.contact_email:
        ask = _(
            "Do you have a question? Write to %(person)s, who leads the campaign: %(address)s",
            person=detail.owner,
            address=contents.contact,
        )
    elif contents.contact:
        ask = _("Do you have a question? Write to us: %(address)s", address=contents.contact)
    else:
        ask = _("Do you have a question? Ask your site administrator.")
    return [str(why), str(ask)]


def _clicks(contents: Contents) -> list[str]:
    """What its reader is told where clicks are counted."""
    return [str(_("Clicks on the links above are counted. Who clicked is not kept."))] if contents.links else []


def _is_for_managers(detail: NoticeDetail) -> bool:
    """True for what those who manage the campaign are told for that reason."""
    if detail.kind is NoticeKind.OBJECTION:
        return detail.verb is Verb.REPORTED
    if detail.kind is NoticeKind.CLARIFICATION:
        return detail.verb is Verb.COMPLETED
    return detail.kind in OF_MANAGERS


def _why_of_talk(kind: NoticeKind, campaign: str, site: str) -> str:
    """Why somebody is told who has no part in a team: they are new, follow it, were named, or took part."""
    if kind is NoticeKind.NEWCOMER:
        return str(_("You get this email because you joined %(site)s in the last three months.", site=site))
    if kind in ABOUT_FOLLOWED | {NoticeKind.FOLLOWED_IDEA}:
        return str(_("You get this email because of what you follow on %(site)s.", site=site))
    words = {"campaign": campaign, "site": site}
    if kind is NoticeKind.JURY_WORK:
        return str(_("You get this email because of the jury of “%(campaign)s” on %(site)s.", **words))
    if kind is NoticeKind.MENTIONED:
        return str(_("You get this email because someone named you in “%(campaign)s” on %(site)s.", **words))
    return str(_("You get this email because you took part in “%(campaign)s” on %(site)s.", **words))
