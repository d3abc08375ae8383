"""Inviting people to a space; what became of each invitation."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.spaces.invitation import InviteForm, InviteToSpaceForm, MakeLinkForm, MakeSpaceLinkForm
from app.views.spaces.inviting_pages import Inviting, download, page_of, resend, send_list, share, withdraw
from ideas.spaces.addresses import AddressLine, Invited
from ideas.spaces.invitation import Invitation, Offer, Target
from ideas.spaces.inviting import check_for_space, invite_to_space, make_space_link
from ideas.spaces.space import Space, SpaceRole

views = Blueprint("space_inviting", __name__, url_prefix="/spaces/<int:space_id>/invitations")


@dataclass(frozen=True)
class ToSpace(Inviting):
    place: Space
    blueprint = "space_inviting"
    form: ClassVar[type[InviteForm]] = InviteToSpaceForm
    link_form: ClassVar[type[MakeLinkForm]] = MakeSpaceLinkForm

    @property
    def target(self) -> Target:
        return Target(space_id=self.place.id)

    def role(self, chosen: str) -> SpaceRole:
        return SpaceRole(chosen)

    def check(self, text: str, offer: Offer) -> list[AddressLine]:  # noqa: ARG002 -- the same for every role
        return check_for_space(database(), self.place, text, now=now())

    def invite(self, text: str, offer: Offer) -> Invited:
        return invite_to_space(database(), self.place, text, offer=offer, by=member(), now=now())

    def make_link(self, offer: Offer, max_uses: int, expires_at: datetime) -> Invitation:
        return make_space_link(
            database(), self.place, offer=offer, max_uses=max_uses, expires_at=expires_at, by=member(), now=now()
        )


@views.get("")
@requires(Platform.SPACE_MODERATOR)
def index(space: Space) -> ResponseReturnValue:
    return page_of(ToSpace(space))


@views.post("")
@requires(Platform.SPACE_MODERATOR)
def send(space: Space) -> ResponseReturnValue:
    return send_list(ToSpace(space))


@views.post("/link")
@requires(Platform.SPACE_MODERATOR)
def link(space: Space) -> ResponseReturnValue:
    return share(ToSpace(space))


@views.post("/<int:invitation_id>/send")
@requires(Platform.SPACE_MODERATOR)
def send_again(space: Space, invitation: Invitation) -> ResponseReturnValue:
    return resend(ToSpace(space), invitation)


@views.post("/<int:invitation_id>/revoke")
@requires(Platform.SPACE_MODERATOR)
def revoke(space: Space, invitation: Invitation) -> ResponseReturnValue:
    return withdraw(ToSpace(space), invitation)


@views.get("/invitations.csv")
@requires(Platform.SPACE_MODERATOR)
def export(space: Space) -> ResponseReturnValue:
    return download(ToSpace(space))
