"""From the numbers in an address to objects, before any view.

In /campaigns/3/ideas/214 the idea is looked up within the campaign. What does not exist, or may not be seen by this
person, is answered with 404. A view receives `campaign` and `idea`, never their numbers.
"""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from flask import Flask, abort, current_app, g, request
from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import joinedload, selectinload

from app.access.enforcement import ask_to_sign_in
from app.access.roles import may, reader
from app.clock import now
from app.extensions import database
from app.server.logs import shown_path
from ideas.accounts.undeliverable import UndeliverableAddress
from ideas.answers.action import Action
from ideas.answers.actions.evidence import Evidence, holds_evidence_file
from ideas.answers.actions.milestone import Milestone
from ideas.answers.debriefs.objection import Objection
from ideas.answers.decision import Decision
from ideas.answers.earlier import shown_files
from ideas.answers.template import AnswerTemplate
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FormField
from ideas.campaigns.people.team import Act, TeamMember, asks_for_account, role_of, visible_campaign
from ideas.campaigns.term import CampaignTerm
from ideas.contributions.comment import Comment, comment_visible_to
from ideas.contributions.files.idea_file import IdeaFile, holds_file
from ideas.contributions.idea import Idea, idea_visible_to
from ideas.contributions.imports.importing import IdeaImport
from ideas.contributions.merged import IdeaMerge
from ideas.contributions.talk.clarification import Clarification
from ideas.contributions.withheld import ObjectKind, Review
from ideas.desk.note import ThemeNote
from ideas.desk.table import TableView
from ideas.exports.export import ready_exports
from ideas.files import File, Purpose
from ideas.outreach.hosts.host import Host
from ideas.outreach.hosts.webhook import WebhookDelivery
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import Newsletter
from ideas.people.person import Person
from ideas.people.sanction import Sanction
from ideas.spaces.guest import Guest
from ideas.spaces.invitation import Invitation, Target
from ideas.spaces.membership import membership_of, runs_space
from ideas.spaces.segment import Attribute
from ideas.spaces.space import Membership, Space, space_visible_to
from ideas.spaces.workshops.workshop import Workshop
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.theme import Theme
from ideas.work.job import Job

Row = TypeVar("Row")


def init_app(app: Flask) -> None:
    app.url_value_preprocessor(_load_objects)


def _load_objects(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Replace `campaign_id`, `idea_id` … in the arguments of the view by the objects."""
    if not values:
        return
    if any(isinstance(value, int) and value > MAX_ID for value in values.values()):
        _not_found()
    if "campaign_id" in values:
        values["campaign"] = _load_campaign(values.pop("campaign_id"))
    for name, load in _LOADERS.items():
        if f"{name}_id" in values:
            values[name] = load(values.get("campaign"), values.pop(f"{name}_id"), values)


def _load_campaign(campaign_id: int) -> Campaign:
    """The campaign, if the reader may see it. Their role in it is kept for app.access.roles."""
    campaign = visible_campaign(database(), campaign_id, reader())
    if campaign is None:
        if reader() is None and asks_for_account(database(), campaign_id):
            abort(ask_to_sign_in())
        _not_found()
    g.campaign = campaign
    g.role = role_of(database(), campaign, reader())
    return campaign


def _load_idea(campaign: Campaign, idea_id: int, _values: dict[str, Any]) -> Idea:
    return _one(
        Idea,
        (Idea.id == idea_id) & (Idea.campaign_id == campaign.id) & idea_visible_to(reader()),
        joinedload(Idea.author),
    )


def _load_person(_campaign: Campaign | None, person_id: int, _values: dict[str, Any]) -> Person:
    return _one(Person, Person.id == person_id)


def _load_member(campaign: Campaign, member_id: int, _values: dict[str, Any]) -> TeamMember:
    return _one(
        TeamMember,
        (TeamMember.id == member_id) & (TeamMember.campaign_id == campaign.id),
        joinedload(TeamMember.person),
    )


def _load_invitation(campaign: Campaign | None, invitation_id: int, values: dict[str, Any]) -> Invitation:
    to = Target(campaign_id=campaign.id) if campaign is not None else Target(space_id=values["space"].id)
    return _one(Invitation, (Invitation.id == invitation_id) & to.invitations)


def _load_comment(_campaign: Campaign, comment_id: int, values: dict[str, Any]) -> Comment:
    """A withdrawn one too, so that withdrawing it twice changes nothing."""
    visible = Comment.withdrawn_at.is_not(None) | comment_visible_to(reader())
    return _one(Comment, (Comment.id == comment_id) & (Comment.idea_id == values["idea"].id) & visible)


def _load_debrief_comment(campaign: Campaign, comment_id: int, _values: dict[str, Any]) -> Comment:
    visible = Comment.withdrawn_at.is_not(None) | comment_visible_to(reader())
    return _one(Comment, (Comment.id == comment_id) & (Comment.debrief_id == campaign.id) & visible)


def _load_review(campaign: Campaign, review_id: int, _values: dict[str, Any]) -> Review:
    return _one(
        Review,
        (Review.id == review_id) & (Review.campaign_id == campaign.id),
        joinedload(Review.author), joinedload(Review.assignee), joinedload(Review.acted_by),
    )  # fmt: skip


def _load_merge(campaign: Campaign, merge_id: int, _values: dict[str, Any]) -> IdeaMerge:
    return _one(IdeaMerge, (IdeaMerge.id == merge_id) & (IdeaMerge.campaign_id == campaign.id))


def _load_sanction(campaign: Campaign | None, sanction_id: int, _values: dict[str, Any]) -> Sanction:
    """In a campaign, one that was given there."""
    here = Sanction.campaign_id == campaign.id if campaign is not None else true()
    return _one(
        Sanction, (Sanction.id == sanction_id) & here, joinedload(Sanction.person), joinedload(Sanction.given_by)
    )


def _load_theme(campaign: Campaign, theme_id: int, _values: dict[str, Any]) -> Theme:
    return _one(Theme, (Theme.id == theme_id) & (Theme.campaign_id == campaign.id) & Theme.retired_at.is_(None))


def _load_note(campaign: Campaign, note_id: int, _values: dict[str, Any]) -> ThemeNote:
    """A note of the campaign, also one that was written on a theme that was merged away since."""
    return _one(ThemeNote, (ThemeNote.id == note_id) & (ThemeNote.campaign_id == campaign.id))


def _load_view(campaign: Campaign, view_id: int, _values: dict[str, Any]) -> TableView:
    return _one(TableView, (TableView.id == view_id) & (TableView.campaign_id == campaign.id))


def _load_edit(campaign: Campaign, edit_id: int, _values: dict[str, Any]) -> ThemeEdit:
    return _one(ThemeEdit, (ThemeEdit.id == edit_id) & (ThemeEdit.campaign_id == campaign.id))


def _load_field(campaign: Campaign, field_id: int, _values: dict[str, Any]) -> FormField:
    return _one(
        FormField, (FormField.id == field_id) & (FormField.campaign_id == campaign.id), selectinload(FormField.options)
    )


def _load_term(campaign: Campaign, term_id: int, _values: dict[str, Any]) -> CampaignTerm:
    return _one(CampaignTerm, (CampaignTerm.id == term_id) & (CampaignTerm.campaign_id == campaign.id))


def _load_template(campaign: Campaign, template_id: int, _values: dict[str, Any]) -> AnswerTemplate:
    return _one(AnswerTemplate, (AnswerTemplate.id == template_id) & (AnswerTemplate.campaign_id == campaign.id))


def _load_shared_template(
    _campaign: Campaign | None, shared_template_id: int, _values: dict[str, Any]
) -> AnswerTemplate:
    """A template of the organisation."""
    return _one(
        AnswerTemplate, (AnswerTemplate.id == shared_template_id) & AnswerTemplate.campaign_id.is_(None)
    )  # fmt: skip


def _load_upload(campaign: Campaign, upload_id: int, _values: dict[str, Any]) -> IdeaImport:
    return _one(IdeaImport, (IdeaImport.id == upload_id) & (IdeaImport.campaign_id == campaign.id))


def _load_action(campaign: Campaign, action_id: int, _values: dict[str, Any]) -> Action:
    return _one(Action, (Action.id == action_id) & Action.id.in_(_actions_of(campaign)))


def _load_evidence(campaign: Campaign, evidence_id: int, _values: dict[str, Any]) -> Evidence:
    """One that was taken off too, so that taking it off twice says so."""
    return _one(Evidence, (Evidence.id == evidence_id) & Evidence.action_id.in_(_actions_of(campaign)))


def _load_milestone(campaign: Campaign, milestone_id: int, _values: dict[str, Any]) -> Milestone:
    return _one(Milestone, (Milestone.id == milestone_id) & Milestone.action_id.in_(_actions_of(campaign)))


def _actions_of(campaign: Campaign) -> Select[int]:
    in_campaign = Theme.campaign_id == campaign.id
    of_decisions = select(Action.id).join(Decision, Decision.id == Action.decision_id)
    return of_decisions.join(Theme, Theme.id == Decision.theme_id).where(in_campaign)


def _load_decision(campaign: Campaign, decision_id: int, _values: dict[str, Any]) -> Decision:
    """A published decision, also of a theme that was merged away since."""
    in_campaign = Decision.theme_id.in_(select(Theme.id).where(Theme.campaign_id == campaign.id))
    return _one(
        Decision, (Decision.id == decision_id) & Decision.published_at.is_not(None) & in_campaign,
        joinedload(Decision.theme),
    )  # fmt: skip


def _load_objection(campaign: Campaign, objection_id: int, _values: dict[str, Any]) -> Objection:
    here = (Objection.id == objection_id) & (Objection.campaign_id == campaign.id)
    return _one(Objection, here, joinedload(Objection.idea), joinedload(Objection.theme))


def _load_clarification(campaign: Campaign, clarification_id: int, values: dict[str, Any]) -> Clarification:
    here = (Clarification.id == clarification_id) & (Clarification.campaign_id == campaign.id)
    return _one(Clarification, here & (Clarification.idea_id == values["idea"].id), joinedload(Clarification.idea))


def _load_message(_campaign: Campaign | None, message_id: int, _values: dict[str, Any]) -> Message:
    return _one(Message, Message.id == message_id, joinedload(Message.person))


def _load_host(_campaign: Campaign | None, host_id: int, _values: dict[str, Any]) -> Host:
    return _one(Host, Host.id == host_id)


def _load_delivery(_campaign: Campaign | None, delivery_id: int, values: dict[str, Any]) -> WebhookDelivery:
    return _one(WebhookDelivery, (WebhookDelivery.id == delivery_id) & (WebhookDelivery.host_id == values["host"].id))


def _load_undeliverable(
    _campaign: Campaign | None, undeliverable_id: int, _values: dict[str, Any]
) -> UndeliverableAddress:
    return _one(UndeliverableAddress, UndeliverableAddress.id == undeliverable_id)


def _load_file(_campaign: Campaign | None, file_id: int, _values: dict[str, Any]) -> File:
    """A file of a campaign for whoever may read the campaign, of a debrief where it is shown, of an idea for
    whoever may see the idea, of evidence unless that was taken off; any other for who uploaded it.
    """
    file = _one(File, (File.id == file_id) & File.removed_at.is_(None))
    if file.campaign_id is not None:
        campaign = _load_campaign(file.campaign_id)
        is_hidden = file.purpose is Purpose.DEBRIEF and not may(Act.PUBLISH)
        if is_hidden and file.id not in shown_files(database(), campaign):
            _not_found()
        if file.purpose is Purpose.IDEA:
            _one(Idea, Idea.id.in_(holds_file(file.id)) & idea_visible_to(reader()))
        if file.purpose is Purpose.EVIDENCE and not may(Act.MODERATE):
            _one(Evidence, Evidence.id.in_(holds_evidence_file(file.id)) & Evidence.removed_at.is_(None))
    elif file.uploaded_by_id != getattr(reader(), "id", None):
        _not_found()
    return file


def _load_attachment(campaign: Campaign, attachment_id: int, _values: dict[str, Any]) -> File:
    is_here = (File.campaign_id == campaign.id) & (File.purpose == Purpose.ATTACHMENT)
    return _one(File, (File.id == attachment_id) & is_here & File.removed_at.is_(None))


def _load_debrief_file(campaign: Campaign, debrief_file_id: int, _values: dict[str, Any]) -> File:
    is_here = (File.campaign_id == campaign.id) & (File.purpose == Purpose.DEBRIEF)
    return _one(File, (File.id == debrief_file_id) & is_here & File.removed_at.is_(None))


def _load_idea_file(_campaign: Campaign, idea_file_id: int, values: dict[str, Any]) -> IdeaFile:
    """A photo or a document that the reviewed idea has."""
    review: Review = values["review"]
    here = (IdeaFile.idea_id == review.object_id) & IdeaFile.file.has(File.removed_at.is_(None))
    if review.object_kind is not ObjectKind.IDEA:
        _not_found()
    return _one(IdeaFile, (IdeaFile.file_id == idea_file_id) & here)


def _load_export(campaign: Campaign, export_id: int, _values: dict[str, Any]) -> File:
    """The file of an export of the campaign that is ready for the reader."""
    person = reader()
    if person is None:
        abort(ask_to_sign_in())
    ready = ready_exports(database(), campaign, person, now=now())
    return next((one.file for one in ready if one.file.id == export_id), None) or _not_found()


def _load_space(_campaign: Campaign | None, space_id: int, _values: dict[str, Any]) -> Space:
    """A space that the reader finds. Whether they run it is kept for app.access.roles."""
    person = reader()
    if person is None:
        abort(ask_to_sign_in())
    space = _one(Space, (Space.id == space_id) & space_visible_to(person))
    g.runs_space = runs_space(membership_of(database(), space, person), person)
    return space


def _load_membership(_campaign: Campaign | None, membership_id: int, values: dict[str, Any]) -> Membership:
    here = Membership.space_id == values["space"].id
    return _one(Membership, (Membership.id == membership_id) & here, joinedload(Membership.person))


def _load_workshop(_campaign: Campaign | None, workshop_id: int, values: dict[str, Any]) -> Workshop:
    """Who is not in the space is led back to its page by the views."""
    here = (Workshop.id == workshop_id) & (Workshop.space_id == values["space"].id)
    return _one(Workshop, here, joinedload(Workshop.announced_by))


def _load_newsletter(_campaign: Campaign | None, newsletter_id: int, values: dict[str, Any]) -> Newsletter:
    """Who may not read it is led back to its space by the views."""
    here = (Newsletter.id == newsletter_id) & (Newsletter.space_id == values["space"].id)
    return _one(Newsletter, here, joinedload(Newsletter.written_by), joinedload(Newsletter.space))


def _load_attribute(_campaign: Campaign | None, attribute_id: int, _values: dict[str, Any]) -> Attribute:
    return _one(Attribute, Attribute.id == attribute_id, selectinload(Attribute.values))


def _load_guest(campaign: Campaign, guest_id: int, _values: dict[str, Any]) -> Guest:
    return _one(Guest, (Guest.id == guest_id) & (Guest.campaign_id == campaign.id), joinedload(Guest.person))


def _load_job(campaign: Campaign | None, job_id: int, _values: dict[str, Any]) -> Job:
    """Any job for administrators; in a campaign, one of its own."""
    return _one(Job, (Job.id == job_id) & (Job.campaign_id == campaign.id if campaign is not None else true()))


# In this order: the comment is looked up within the idea, the invitation within the space, the file of an idea within
# its review.
_LOADERS: dict[str, Callable[..., Any]] = {
    "person": _load_person,
    "member": _load_member,
    "space": _load_space,
    "invitation": _load_invitation,
    "idea": _load_idea,
    "comment": _load_comment,
    "debrief_comment": _load_debrief_comment,
    "theme": _load_theme,
    "edit": _load_edit,
    "note": _load_note,
    "view": _load_view,
    "upload": _load_upload,
    "field": _load_field,
    "term": _load_term,
    "template": _load_template,
    "shared_template": _load_shared_template,
    "action": _load_action,
    "evidence": _load_evidence,
    "milestone": _load_milestone,
    "decision": _load_decision,
    "message": _load_message,
    "undeliverable": _load_undeliverable,
    "host": _load_host,
    "delivery": _load_delivery,
    "objection": _load_objection,
    "clarification": _load_clarification,
    "job": _load_job,
    "file": _load_file,
    "attachment": _load_attachment,
    "debrief_file": _load_debrief_file,
    "export": _load_export,
    "guest": _load_guest,
    "attribute": _load_attribute,
    "membership": _load_membership,
    "workshop": _load_workshop,
    "newsletter": _load_newsletter,
    "review": _load_review,
    "idea_file": _load_idea_file,
    "merge": _load_merge,
    "sanction": _load_sanction,
}


def _one(model: type[Row], condition: ColumnElement[bool], *options: Any) -> Row:
    """The row that meets the condition, or 404."""
    found = database().scalar(select(model).where(condition).options(*options))
    if found is None:
        _not_found()
    return found


def _not_found() -> NoReturn:
    """Answer with 404, and log a POST."""
    if request.method == "POST":  # no page links to it: the address was made up, or the object is gone
        current_app.logger.warning("not found: %s for person %s", shown_path(), getattr(reader(), "id", None))
    abort(404)
