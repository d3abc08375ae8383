from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ideas.activity.activity import Activity, Verb
from ideas.answers.debriefs.figures import figures
from ideas.campaigns.form_field import FieldKind, FieldText, add_field
from ideas.campaigns.people.team import remove_from_team
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct, stored_phases
from ideas.contributions.claim import (
    ImportedAddress,
    authors_to_tell,
    invite_authors,
    join_and_claim,
    tell_no_more,
    unclaimed,
)
from ideas.contributions.draft import submit_idea
from ideas.contributions.fields.value import FieldMissing, Given, values_of
from ideas.contributions.idea import Idea, may_edit, revise_idea
from ideas.contributions.imports.undo import may_be_undone
from ideas.contributions.on_behalf import NotInThisPhase, NotOpenForOthers, submit_for
from ideas.errors import EmptyText, NotAllowed
from ideas.people.person import EmailInvalid
from ideas.personal_data.personal_data import PersonalDataFound
from ideas.spaces.invitation import Invitation


@pytest.fixture
def write(session, campaign, bob, now):
    def act(**facts):
        return submit_for(
            session,
            campaign,
            **{"name": "Camille", "email": "", "title": "", "body": "A bench.", "by": bob, "now": now} | facts,
        )

    return act


def test_the_team_writes_an_idea_for_a_person_who_claims_it(
    session, campaign, write, alice, bob, charlie, make_person, now
):
    idea = write(email="Camille@Example.org", agreed=True, form_key="k" * 20)
    assert write(email="camille@example.org", agreed=True, form_key="k" * 20) is idea
    assert (idea.author_id, idea.author_name, idea.written_by) == (None, "Camille", bob)
    assert session.scalars(select(ImportedAddress.email)).all() == ["camille@example.org"]
    assert figures(session, campaign).without_author == 0
    assert may_be_undone(idea)
    revise_idea(session, idea, by=bob, title="", body="A bench in the shade.", now=now)
    with pytest.raises(NotAllowed):
        revise_idea(session, idea, by=charlie, title="", body="No bench.", now=now)
    # Whoever manages the campaign may, and nobody who left its team.
    revise_idea(session, idea, by=alice, title="", body="A bench in the shade of a tree.", now=now)
    remove_from_team(session, campaign, bob, by=alice, now=now)
    with pytest.raises(NotAllowed):
        revise_idea(session, idea, by=bob, title="", body="No bench.", now=now)
    assert unclaimed(session, campaign).not_invited == 1
    invite_authors(session, campaign, locale="en", by=alice, now=now)
    session.commit()
    act = session.scalars(select(Activity).where(Activity.object_kind == "idea", Activity.verb == Verb.SUBMITTED)).one()
    assert act.actor_id == bob.id
    assert "camille" not in str((act.before, act.after)).lower()
    camille = make_person("Camille Roy", email="camille@example.org")
    join_and_claim(session, session.scalars(select(Invitation)).one(), camille, now=now)
    assert (idea.author_id, idea.written_by) == (camille.id, bob)
    assert session.scalar(select(func.count()).select_from(ImportedAddress)) == 0
    assert (may_edit(idea, camille), may_edit(idea, alice)) == (True, False)


def test_nothing_is_written_for_others_without_a_name_or_outside_the_collection(session, campaign, write, now):
    for error, facts in (
        (EmptyText, {"name": " "}),
        (EmptyText, {"body": " "}),
        (EmailInvalid, {"email": "camille"}),
    ):
        with pytest.raises(error):
            write(**facts)
    campaign.closes_at = now
    with pytest.raises(NotOpenForOthers):
        write()
    assert session.scalar(select(func.count(Idea.id))) == 0


def test_it_fills_the_fields_of_the_form_as_any_idea_does(session, campaign, write, bob, now):
    text = FieldText(label="Site", is_required=True)
    field = add_field(session, campaign, kind=FieldKind.PLACE, text=text, by=bob, now=now)
    for place, error in (("", FieldMissing), ("Ask 06 12 34 56 78", PersonalDataFound)):
        with pytest.raises(error):
            write(values={field.id: Given(text=place)})
    idea = write(values={field.id: Given(text=" Lyon ")})
    assert values_of(session, idea.id) == {field.id: Given(text="Lyon")}


def test_a_workshop_of_forty_is_typed_in_one_hour_and_a_phase_without_ideas_takes_none(
    session, campaign, write, bob, now
):
    for number in range(40):
        write(name=f"Person {number}", body=f"Bench {number}")
    # What is typed for others leaves the facilitator's own ideas.
    assert submit_idea(session, campaign, author=bob, title="", body="A tree.", now=now).submitted_at is not None
    support = CampaignPhase("Support", now, now + timedelta(days=1), frozenset({PhaseAct.SUPPORT}))
    campaign.phases = stored_phases([support])
    session.flush()
    with pytest.raises(NotInThisPhase):
        write(body="A bench too late")


def test_a_person_is_told_of_their_idea_only_if_they_agreed_and_gave_an_address(session, write, now):
    """And not who once asked for no such mail, whatever the team says."""
    told, silent = write(email="camille@example.org", agreed=True), write(email="dominique@example.org")
    assert session.get(ImportedAddress, write(email="", agreed=True).id) is None
    stopped = write(email="sacha@example.org", agreed=True)
    tell_no_more(session, stopped.id, now=now)
    again = write(email="Sacha@example.org", agreed=True)
    agreed = {one.idea_id: one.agreed for one in session.scalars(select(ImportedAddress))}
    assert agreed == {told.id: True, silent.id: False, stopped.id: False, again.id: False}
    assert authors_to_tell(session, told.campaign_id) == {"camille@example.org": told.id}
