"""The sentences of notices about spaces, in the reader's language, and the page that each leads to."""

from typing import Any

from app.web.pages.dates import zoned
from app.web.pages.language import gettext as _
from app.web.pages.rendering import inner
from ideas.activity.activity import Verb
from ideas.outreach.detail import NoticeDetail
from ideas.outreach.notice import NoticeKind

ABOUT_NEWSLETTERS = frozenset({NoticeKind.NEWSLETTER, NoticeKind.NEWSLETTER_WORK})


def space_sentence(detail: NoticeDetail) -> str:
    """What happened to the reader's place in a space or to a workshop there, or who asks to enter the one they run."""
    space = inner(detail.space) if detail.space else "–"
    if detail.kind is NoticeKind.WORKSHOP:
        return _workshop_sentence(detail, space)
    if detail.kind in ABOUT_NEWSLETTERS:
        return _newsletter_sentence(detail, space)
    sentences = {
        Verb.REQUESTED: _("Someone asks to enter the space “%(space)s”. Accept or refuse the request.", space=space),
        Verb.ACCEPTED: _("Your request was accepted: you are now in the space “%(space)s”.", space=space),
        Verb.ADDED: _("You were added to the space “%(space)s”.", space=space),
        Verb.CHANGED: _("Your role in the space “%(space)s” has changed.", space=space),
        Verb.DECLINED: _("Your request for the space “%(space)s” was refused.", space=space),
        Verb.QUEUED: _("The space “%(space)s” has no seat left. You are on its waiting list.", space=space),
        Verb.REMOVED: _("You are no longer in the space “%(space)s”.", space=space),
        Verb.SEATED: _("A seat is free: you are now in the space “%(space)s”.", space=space),
    }
    return str(sentences.get(detail.verb) or _("Your place in the space “%(space)s” has changed.", space=space))


def _workshop_sentence(detail: NoticeDetail, space: str) -> str:
    """As the workshop is now; without its title for whoever left the space."""
    workshop = detail.workshop
    if workshop is None:
        return str(_("A workshop of the space “%(space)s” was announced or has changed.", space=space))
    title = inner(workshop.title)
    if workshop.is_cancelled:
        return str(_("The workshop “%(workshop)s” of the space “%(space)s” is cancelled.", workshop=title, space=space))
    words = {"workshop": title, "space": space, "date": zoned(workshop.starts_at), "place": workshop.place}
    if detail.verb is Verb.CHANGED:
        return str(
            _(
                "The workshop “%(workshop)s” of the space “%(space)s” has changed. It now starts on %(date)s. "
                "Where: %(place)s",
                **words,
            )
        )
    return str(
        _(
            "A workshop is announced in the space “%(space)s”: “%(workshop)s”, on %(date)s. "
            "Say whether you are coming.",
            **words,
        )
    )


def _newsletter_sentence(detail: NoticeDetail, space: str) -> str:
    words = {"title": inner(newsletter_title(detail)), "space": space}
    if detail.verb is Verb.REQUESTED:
        return str(_("The newsletter “%(title)s” of the space “%(space)s” waits for your approval.", **words))
    if detail.verb is Verb.APPROVED:
        return str(_("Your newsletter “%(title)s” for the space “%(space)s” is approved.", **words))
    if detail.verb is Verb.DECLINED:
        return str(_("Your newsletter “%(title)s” for the space “%(space)s” is to be changed.", **words))
    if detail.verb is Verb.ABANDONED and detail.after.get("too_few"):
        return str(
            _(
                "Your newsletter “%(title)s” for the space “%(space)s” did not go out: too few people would "
                "get it by now.",
                **words,
            )
        )
    if detail.verb is Verb.ABANDONED:
        return str(_("Your newsletter “%(title)s” for the space “%(space)s” was stopped.", **words))
    return str(_("A newsletter of the space “%(space)s”: “%(title)s”.", **words))


def _newsletter_subject(detail: NoticeDetail) -> str:
    words = {"space": detail.space, "title": newsletter_title(detail)}
    subjects = {
        Verb.PUBLISHED: _("%(space)s: %(title)s", **words),
        Verb.REQUESTED: _("%(space)s: a newsletter waits for your approval", **words),
        Verb.APPROVED: _("%(space)s: your newsletter is approved", **words),
        Verb.ABANDONED: _("%(space)s: your newsletter is stopped", **words),
    }
    return str(subjects.get(detail.verb) or _("%(space)s: your newsletter is to be changed", **words))


def newsletter_title(detail: NoticeDetail) -> str:
    """As it was when people were told of it: it no longer changes then."""
    return str(detail.after.get("title") or "–")


def space_subject(detail: NoticeDetail) -> str:
    """The subject of the mail."""
    if detail.kind is NoticeKind.WORKSHOP:
        words = {"space": detail.space}
        if detail.verb is Verb.ANNOUNCED:
            return str(_("%(space)s: a workshop", **words))
        if detail.verb is Verb.CHANGED:
            return str(_("%(space)s: a workshop has changed", **words))
        return str(_("%(space)s: a workshop is cancelled", **words))
    if detail.kind in ABOUT_NEWSLETTERS:
        return _newsletter_subject(detail)
    subjects = {
        Verb.REQUESTED: _("%(space)s: a request to enter", space=detail.space),
        Verb.DECLINED: _("%(space)s: your request was refused", space=detail.space),
        Verb.SEATED: _("%(space)s: you have a seat", space=detail.space),
    }
    return str(subjects.get(detail.verb) or _("%(space)s: your place has changed", space=detail.space))


def space_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    """The page of the space or the workshop; the directory for whoever is no longer in it."""
    if detail.workshop is not None and detail.space_id is not None:
        return "workshop.show", {"space_id": detail.space_id, "workshop_id": detail.workshop.id}
    if detail.kind in ABOUT_NEWSLETTERS and detail.space_id is not None:
        return "newsletter.show", {"space_id": detail.space_id, "newsletter_id": detail.object_id}
    if detail.space_id is None or detail.verb in {Verb.DECLINED, Verb.REMOVED}:
        return "space.index", {}
    return "space.show", {"space_id": detail.space_id}
