"""Co-authors of an idea: its author invites them, they answer, and each may end it."""

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.co_author import InviteCoAuthorForm
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.authors.inviting import (
    accept_invitation,
    decline_invitation,
    invite_co_author,
    invited_to,
    is_address,
    leave_idea,
    remove_co_author,
)
from ideas.contributions.authors.people import co_authors_of
from ideas.contributions.idea import Idea
from ideas.errors import DomainError, NotAllowed
from ideas.moderation.acts.merge import Merges
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person

views = Blueprint("co_author", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas/<int:idea_id>/co-authors")


@views.route("", methods=["GET", "POST"])
@requires(Act.CONTRIBUTE)
def write(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """Those who are co-authors or invited, and the form that invites one more while the campaign is open."""
    if idea.author_id != member().id or idea.submitted_at is None:
        raise NotAllowed
    form = InviteCoAuthorForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.named}):
            # Every try counts, whatever comes of it: nobody finds out who has an account here.
            spend(database(), LimitedAct.INVITE, by=member(), now=now())
            database().commit()
            typed: str = form.named.data
            row = invite_co_author(database(), idea, named=typed, by=member(), now=now())
            database().commit()
            flash(_("Invitation sent to %(name)s.", name=typed if is_address(typed) else row.person.name), "success")
            return redirect(request.path, 303)
    is_open = (campaign.is_open(now()) and idea.is_readable) or form.errors
    page = render_template(
        "contributions/co_author/write.html",
        campaign=campaign,
        idea=idea,
        form=form if is_open else None,
        accepted=co_authors_of(database(), [idea.id]).get(idea.id, []),
        invited=invited_to(database(), idea),
    )
    return page, form_status(form)


@views.post("/accept")
@requires(Act.CONTRIBUTE)
def accept(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    accept_invitation(database(), idea, by=member(), now=now())
    database().commit()
    flash(_("You are now a co-author of this idea."), "success")
    return _to(idea)


@views.post("/decline")
@requires(Act.CONTRIBUTE)
def decline(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    decline_invitation(database(), idea, by=member(), now=now())
    database().commit()
    flash(_("Invitation declined. The author is told."), "success")
    return _to(idea)


@views.post("/leave")
@requires(Act.CONTRIBUTE)
def leave(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    leave_idea(database(), idea, by=member(), now=now())
    database().commit()
    flash(_("You are no longer a co-author of this idea."), "success")
    return _to(idea)


@views.post("/<int:person_id>/remove")
@requires(Act.CONTRIBUTE)
def remove(campaign: Campaign, idea: Idea, person: Person) -> ResponseReturnValue:
    remove_co_author(database(), idea, person, by=member(), now=now())
    database().commit()
    # Without a name: who was invited by their address is not named.
    flash(_("This person is no longer a co-author or invited."), "success")
    return redirect(url_for("co_author.write", campaign_id=campaign.id, idea_id=idea.id), 303)


@views.app_template_global()
def writers_beside(idea: Idea, merges: Merges, co_authors: dict[int, list[Person]]) -> Iterable[Person]:
    """The co-authors of an idea and of what is merged into it, each once, without those named as an author of one."""
    authors = {idea.author_id, *(part.idea.author_id for part in merges.parts)}
    found = {one.id: one for people in co_authors.values() for one in people if one.id not in authors}
    return found.values()


def _to(idea: Idea) -> ResponseReturnValue:
    """The page of the idea, or of the one that it is merged into; the campaign's where they read neither any more."""
    if idea.is_readable:
        return redirect(url_for("idea.show", campaign_id=idea.campaign_id, idea_id=idea.kept.id), 303)
    return redirect(url_for("campaign.show", campaign_id=idea.campaign_id), 303)
