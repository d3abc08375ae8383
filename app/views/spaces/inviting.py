"""Inviting people to a campaign; what became of each invitation."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.spaces.invitation import PARTICIPANT, InviteForm, MakeLinkForm
from app.views.spaces.inviting_pages import Inviting, download, page_of, resend, send_list, share, withdraw
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.inviting import check_addresses, invite, make_link
from ideas.campaigns.people.team import Act, Role
from ideas.spaces.addresses import AddressLine, Invited
from ideas.spaces.invitation import Invitation, Offer, Target

views = Blueprint("inviting", __name__, url_prefix="/campaigns/<int:campaign_id>/invitations")


@dataclass(frozen=True)
class ToCampaign(Inviting):
    place: Campaign
    blueprint = "inviting"
    form: ClassVar[type[InviteForm]] = InviteForm
    link_form: ClassVar[type[MakeLinkForm]] = MakeLinkForm

    @property
    def target(self) -> Target:
        return Target(campaign_id=self.place.id)

    def role(self, chosen: str) -> Role | None:
        return None if chosen == PARTICIPANT else Role(chosen)

    def check(self, text: str, offer: Offer) -> list[AddressLine]:
        return check_addresses(database(), self.place, text, offer=offer, now=now())

    def invite(self, text: str, offer: Offer) -> Invited:
        return invite(database(), self.place, text, offer=offer, by=member(), now=now())

    def make_link(self, offer: Offer, max_uses: int, expires_at: datetime) -> Invitation:
        return make_link(
            database(), self.place, offer=offer, max_uses=max_uses, expires_at=expires_at, by=member(), now=now()
        )


@views.get("")
@requires(Act.INVITE)
def index(campaign: Campaign) -> ResponseReturnValue:
    return page_of(ToCampaign(campaign))


@views.post("")
@requires(Act.INVITE)
def send(campaign: Campaign) -> ResponseReturnValue:
    return send_list(ToCampaign(campaign))


@views.post("/link")
@requires(Act.INVITE)
def link(campaign: Campaign) -> ResponseReturnValue:
    return share(ToCampaign(campaign))


@views.post("/<int:invitation_id>/send")
@requires(Act.INVITE)
def send_again(campaign: Campaign, invitation: Invitation) -> ResponseReturnValue:
    return resend(ToCampaign(campaign), invitation)


@views.post("/<int:invitation_id>/revoke")
@requires(Act.INVITE)
def revoke(campaign: Campaign, invitation: Invitation) -> ResponseReturnValue:
    return withdraw(ToCampaign(campaign), invitation)


@views.get("/invitations.csv")
@requires(Act.INVITE)
def export(campaign: Campaign) -> ResponseReturnValue:
    return download(ToCampaign(campaign))
