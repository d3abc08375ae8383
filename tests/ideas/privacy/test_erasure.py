"""Who may ask for an erasure, when it is refused, and how it is taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb, first_broken
from ideas.activity.version import versions_of
from ideas.campaigns.people.lead import hand_over
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.comment import add_comment, revise_comment
from ideas.contributions.idea import Idea, is_submitted
from ideas.contributions.merged import MergeState
from ideas.errors import NotAllowed
from ideas.moderation.acts.merge import merge_ideas, propose_merge
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import write_message
from ideas.people.platform_role import LastActingAdmin
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.privacy.erase import Words, erase, rehearse
from ideas.privacy.erasure import (
    Contents,
    ErasureAsked,
    ErasureOver,
    LastAdminStays,
    LeadsCampaign,
    ReasonMissing,
    RunsSpaceAlone,
    ask_to_erase,
    certificate_token,
    find_erasure,
    open_erasure,
    take_back,
    try_again,
)
from ideas.privacy.export import ask_for_export
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import SpaceRole
from ideas.work.job import Job, JobKind, JobStatus

ANON = {"contents": Contents.ANONYMISE}
WORDS = Words(name="Former member", text="Erased.")


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


def test_the_request_waits_for_as_many_days_as_the_organisation_says(session, charlie, now):
    the_organisation(session).erasure_days = 12
    erasure = ask_to_erase(session, charlie, **ANON, by=charlie, now=now)
    assert erasure.due_at == now + timedelta(days=12)
    job = session.scalars(select(Job).where(Job.kind == JobKind.ERASE_PERSON)).one()
    assert (job.run_at, job.payload) == (erasure.due_at, {"erasure": erasure.id})
    with pytest.raises(ErasureAsked):
        ask_to_erase(session, charlie, **ANON, by=charlie, now=now)


def test_it_can_be_taken_back_until_it_is_carried_out(session, charlie, bob, now):
    erasure = ask_to_erase(session, charlie, **ANON, by=charlie, now=now)
    with pytest.raises(NotAllowed):
        take_back(session, erasure, by=bob, now=now)
    take_back(session, erasure, by=charlie, now=now)
    assert open_erasure(session, charlie) is None
    assert session.scalar(select(Job.status)) == JobStatus.CANCELLED
    with pytest.raises(ErasureOver):
        take_back(session, erasure, by=charlie, now=now)
    with pytest.raises(ErasureOver):
        erase(session, erasure, words=WORDS, now=now)


def test_an_administrator_asks_for_somebody_with_a_reason(session, charlie, bob, ada, now):
    with pytest.raises(NotAllowed):
        ask_to_erase(session, charlie, **ANON, by=bob, reason="He asked", now=now)
    with pytest.raises(ReasonMissing):
        ask_to_erase(session, charlie, **ANON, by=ada, reason=" ", now=now)
    assert ask_to_erase(session, charlie, **ANON, by=ada, reason="He asked by letter", now=now).reason


def test_who_leads_a_campaign_hands_it_over_first(session, alice, bob, campaign, now):
    with pytest.raises(LeadsCampaign, match="Easier mornings"):
        ask_to_erase(session, alice, **ANON, by=alice, now=now)
    hand_over(session, campaign, to=bob, by=alice, seen_owner_id=alice.id, now=now)
    assert ask_to_erase(session, alice, **ANON, by=alice, now=now).is_open


def test_whoever_leads_one_by_the_time_is_not_erased(session, charlie, bob, make_campaign, now):
    erasure = ask_to_erase(session, charlie, **ANON, by=charlie, now=now)
    make_campaign(owner=charlie)
    with pytest.raises(LeadsCampaign):
        erase(session, erasure, words=WORDS, now=now)
    again = try_again(session, erasure, now=now)
    take_back(session, erasure, by=charlie, now=now)
    assert again.status is JobStatus.CANCELLED


def test_the_last_administrator_stays(session, ada, make_person, now):
    with pytest.raises(LastAdminStays):
        ask_to_erase(session, ada, **ANON, by=ada, now=now)
    make_person("Odin", is_admin=True)
    assert ask_to_erase(session, ada, **ANON, by=ada, now=now).is_open


def test_an_administrator_stays_while_the_others_are_banned(session, ada, make_person, now):
    odin = make_person("Odin", is_admin=True)
    erasure = ask_to_erase(session, ada, **ANON, by=ada, now=now)
    give_sanction(session, odin, SanctionKind.BAN, reason=Reason.INSULT, quote="", words="Out", by=ada, now=now)
    with pytest.raises(LastActingAdmin):
        erase(session, erasure, words=WORDS, now=now)
    take_back(session, erasure, by=ada, now=now)
    with pytest.raises(LastActingAdmin):
        ask_to_erase(session, ada, **ANON, by=ada, now=now)


def test_an_erasure_cancels_the_export_that_is_being_made(session, charlie, now):
    export = ask_for_export(session, charlie, now=now)
    erase(session, ask_to_erase(session, charlie, **ANON, by=charlie, now=now), words=WORDS, now=now)
    assert export.status is JobStatus.CANCELLED


def test_an_address_that_is_not_proven_finds_no_row_of_others(session, make_person, make_idea, campaign, bob, now):
    idea = make_idea(campaign, None, "Imported", author_name="Dora Lund")
    session.add(ImportedAddress(idea_id=idea.id, email="dora@example.org"))
    dora = make_person("Dora", email="dora@example.org", verified_at=None)
    write_message(session, to=bob, subject="", body="", reason="test", domain="localhost", now=now)
    session.scalars(select(Message)).one().address = "dora@example.org"
    session.flush()
    assert "imported_address.email" not in rehearse(session, dora)
    dora.verified_at = now
    session.flush()
    assert rehearse(session, dora)["imported_address.email"] == 1
    assert "message.address" not in rehearse(session, dora), "it is Bob's"
    erase(session, ask_to_erase(session, dora, **ANON, by=dora, now=now), words=WORDS, now=now)
    session.expire_all()
    assert idea.author_name == ""
    assert session.scalar(select(Message.address)) == "dora@example.org"


def test_an_at_sign_names_the_person_by_the_name_of_then(session, make_person, make_idea, campaign, bob, charlie, now):
    """Also one of one word, and after they took another name."""
    dora = make_person("Dora")
    comment = add_comment(session, make_idea(campaign, charlie, "A bus"), author=bob, body="Ask @Dora!", now=now)
    revise_comment(session, comment, by=bob, body="Ask @Dora, or the @Dorade.", now=now)
    dora.name = "Théodora L."
    session.flush()
    erase(session, ask_to_erase(session, dora, **ANON, by=dora, now=now), words=WORDS, now=now)
    session.expire_all()
    assert comment.body == "Ask @Former member, or the @Dorade."
    assert {version.content["body"] for version in versions_of(session, "comment", comment.id)} == {
        "Ask @Former member!",
        "Ask @Former member, or the @Dorade.",
    }


def test_a_space_is_not_left_without_a_moderator(session, charlie, bob, alice, now):
    space = create_space(session, text=SpaceText("Night shifts"), by=alice, now=now)
    with pytest.raises(RunsSpaceAlone, match="Night shifts"):
        ask_to_erase(session, alice, **ANON, by=alice, now=now)
    add_person(session, space, bob, role=SpaceRole.MODERATOR, by=alice, now=now)
    assert ask_to_erase(session, alice, **ANON, by=alice, now=now).is_open


def test_a_token_opens_its_certificate_and_no_other(session, charlie, bob, now):
    one, other = (ask_to_erase(session, person, **ANON, by=person, now=now) for person in (charlie, bob))
    token = certificate_token(one, key="k")
    assert find_erasure(session, token, keys=["new", "k"]) is one
    for wrong in (f"{other.id}.{token.partition('.')[2]}", f"{one.id}.", "", "é.é", "99999999999.x", token + "x"):
        assert find_erasure(session, wrong, keys=["k"]) is None
    assert find_erasure(session, token, keys=["another"]) is None


def test_what_was_merged_into_a_deleted_idea_is_public_again(session, charlie, bob, alice, make_idea, campaign, now):
    kept, part = make_idea(campaign, charlie, "Benches"), make_idea(campaign, bob, "Seats")
    whole, own = make_idea(campaign, bob, "Chairs"), make_idea(campaign, charlie, "Stools")
    merge_ideas(session, part, into=kept, by=alice, reason="They say the same.", now=now)
    merge_ideas(session, own, into=whole, by=alice, reason="They say the same.", now=now)
    erasure = ask_to_erase(session, charlie, contents=Contents.DELETE, by=charlie, now=now)
    erase(session, erasure, words=WORDS, now=now)
    session.expire_all()
    assert part.is_readable
    assert [idea.merged_into_id for idea in (part, own)] == [None, None]
    assert set(session.scalars(select(Idea.id).where(is_submitted()))) == {part.id, whole.id}


@pytest.mark.parametrize("contents", Contents)
def test_proposals_to_merge_that_wait_are_declined(session, charlie, bob, make_idea, campaign, now, contents):
    hers, his = make_idea(campaign, charlie, "Benches"), make_idea(campaign, bob, "Seats")
    made = [propose_merge(session, hers, into=his, by=charlie, reason="Mine and yours", now=now),
            propose_merge(session, his, into=hers, by=bob, reason="Yours and mine", now=now)]  # fmt: skip
    session.commit()
    erase(session, ask_to_erase(session, charlie, contents=contents, by=charlie, now=now), words=WORDS, now=now)
    session.commit()
    assert [merge.state for merge in made] == [MergeState.DECLINED] * 2
    said = "Mine and yours" if contents is Contents.ANONYMISE else ""
    assert [merge.reason for merge in made] == [said, "Yours and mine"]
    acts = select(Activity.reason).where(Activity.object_kind == "idea_merge", Activity.verb == Verb.REQUESTED)
    assert session.scalars(acts.order_by(Activity.id)).all() == [said, "Yours and mine"]
    assert first_broken(session) is None
