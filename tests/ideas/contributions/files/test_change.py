"""Files of an idea: added, described and taken off as its text is; seen by whoever sees the idea."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ideas.activity.version import versions_of
from ideas.answers.idea_list import Filters, facets_of, list_ideas
from ideas.campaigns.form_field import FieldKind, FieldText, add_field
from ideas.contributions.claim import invite_authors, join_and_claim
from ideas.contributions.draft import SubmittedOtherwise, delete_draft, save_draft, submit_idea
from ideas.contributions.fields.counts import FieldFilter
from ideas.contributions.fields.value import FieldFilled, FieldMissing, delete_field, filled_of
from ideas.contributions.files.change import (
    MAX_CAMPAIGN_BYTES,
    MAX_FILES,
    MAX_IDEA_BYTES,
    MAX_OWN_BYTES,
    CampaignFilesFull,
    DocumentNotAnonymous,
    FileChanges,
    IdeaFilesTooLarge,
    OwnFilesFull,
    TooManyIdeaFiles,
    removed_places,
)
from ideas.contributions.files.idea_file import (
    MAX_WAITING,
    WAITS,
    IdeaFile,
    count_sent,
    delete_waiting_files,
    file_counts,
    files_of,
    first_pictures,
    keep_waiting,
    sent_files,
)
from ideas.contributions.idea import Idea, revise_idea
from ideas.contributions.on_behalf import PublishedOtherwise, submit_for
from ideas.contributions.withheld import Withheld
from ideas.exports.rows import Authors
from ideas.exports.tables import TABLES
from ideas.files import File, Purpose, Upload
from ideas.media_type import TEXT, WEBP
from ideas.organisation.organisation import the_organisation
from ideas.people.limit import LimitReached
from ideas.personal_data.personal_data import PersonalDataFound
from ideas.privacy.erase import Words, erase, own_files
from ideas.privacy.erasure import Contents, ask_to_erase
from ideas.privacy.export import added_files, sheets
from ideas.spaces.invitation import Invitation


@pytest.fixture
def send(session, charlie, now):
    """A file that waits: a picture with its small one, or a text."""
    names = iter(range(1, 1000))

    def act(*, by=charlie, picture=True, field=None, at=now):
        name = f"{next(names):034}"
        upload = Upload("bench.webp", WEBP, b"RIFF") if picture else Upload("plan.txt", TEXT, b"Plan")
        small = {"small": Upload("bench.webp", WEBP, b"small"), "small_as": f"s{name}"} if picture else {}
        field_id = field.id if field else None
        count_sent(session, by=by, now=at)
        return keep_waiting(session, upload, stored_as=name, **small, field_id=field_id, by=by, now=at)

    return act


def adding(*files, **said):
    shows = said.get("shows", "")
    return FileChanges(added=[one.file_id for one in files], alternatives={one.file_id: shows for one in files})


@pytest.fixture
def submit(session, campaign, charlie, now):
    def act(*files, **facts):
        facts = {"title": "", "body": "A bench", "files": adding(*files), "by": charlie} | facts
        return submit_idea(session, campaign, author=facts.pop("by"), now=now, **facts)

    return act


def test_a_file_is_a_part_of_the_text_and_earlier_texts_name_what_was_taken_off(
    session, send, submit, campaign, charlie, bob, now
):
    photo, plan = send(), send(picture=False)
    idea = submit(photo, plan, files=adding(photo, plan, shows="A wall in the sun"))
    assert files_of(session, [idea.id]) == {idea.id: [photo, plan]}
    assert (photo.alternative, plan.alternative) == ("A wall in the sun", "")
    assert {file.campaign_id for file in (photo.file, photo.small, plan.file)} == {campaign.id}
    assert first_pictures(session, [idea.id]) == {idea.id: photo}
    # Sent again, or by somebody else who knows the number: nothing changes.
    revise_idea(
        session, idea, by=charlie, title="", body="A bench", files=adding(photo, shows="A wall in the sun"), now=now
    )
    assert idea.version == 1
    off = FileChanges(removed={photo.file_id})
    revise_idea(session, idea, by=charlie, title="", body="A bench", files=off, now=now)
    assert files_of(session, [idea.id]) == {idea.id: [plan]}
    assert sorted(removed_places(session, [photo.file_id, plan.file_id])) == sorted(
        [photo.file.stored_as, photo.small.stored_as]
    )
    second, first = versions_of(session, "idea", idea.id)
    assert [one["text"] for one in first.content["fields"]] == ["bench.webp (A wall in the sun); plan.txt"]
    assert [one["text"] for one in second.content["fields"]] == ["plan.txt"]
    revise_idea(session, idea, by=charlie, title="", body="A bench", files=FileChanges(removed={plan.file_id}), now=now)
    assert versions_of(session, "idea", idea.id)[0].content["fields"] == []
    row = next(iter(TABLES[1].rows(session, campaign, Authors(campaign.id, "key", named=False))))
    assert dict(zip([column.name for column in TABLES[1].columns], row, strict=True))["files"] == 0


def test_an_idea_has_a_few_files_and_a_campaign_and_a_person_have_their_share(
    session, send, submit, make_idea, campaign, charlie, alice, bob, now
):
    many = [send(picture=False) for _ in range(MAX_FILES + 1)]
    with pytest.raises(TooManyIdeaFiles):
        submit(*many)
    session.rollback()
    plan = send(picture=False)
    plan.file.size = MAX_IDEA_BYTES + 1
    with pytest.raises(IdeaFilesTooLarge), session.begin_nested():
        submit(plan)
    plan.file.size, full = 1, send(by=bob)
    full.idea_id, full.file.size = make_idea(campaign, bob, "Full").id, MAX_CAMPAIGN_BYTES
    session.flush()
    with pytest.raises(CampaignFilesFull), session.begin_nested():
        submit(plan)
    idea = session.get(Idea, full.idea_id)
    idea.withdrawn_at = now  # it counts no more: what nobody sees takes no room from others
    session.flush()
    draft = save_draft(session, campaign, author=charlie, title="", body="A draft", files=adding(plan), now=now)
    plan.file.size, more = MAX_OWN_BYTES, send(picture=False)
    with pytest.raises(OwnFilesFull), session.begin_nested():
        submit(more)
    for_other = {"name": "Camille", "email": "", "title": "", "body": "Typed", "now": now}
    submit_for(session, campaign, **for_other, files=adding(more), by=charlie)
    assert draft.submitted_at is None
    with pytest.raises(LimitReached):  # the account is new
        [send(picture=False) for _ in range(20)]


def test_words_of_a_picture_are_looked_at_as_a_text_is(session, send, submit, charlie, now):
    photo = send()
    with pytest.raises(PersonalDataFound), session.begin_nested():
        submit(photo, files=adding(photo, shows="Call 06 12 34 56 78"))
    named = send(picture=False)
    named.file.name = "0612345678 Anne.txt"
    with pytest.raises(PersonalDataFound), session.begin_nested():
        submit(named)
    the_organisation(session).blocked_words = "turquoise"
    held = submit(photo, files=adding(photo, shows="A turquoise wall"))
    assert held.withheld is Withheld.WAITING


def test_an_anonymous_idea_takes_pictures_alone_whose_names_say_nothing(session, send, submit, campaign, charlie, now):
    campaign.allows_anonymous = True
    plan, photo, other = send(picture=False), send(), send()
    with pytest.raises(DocumentNotAnonymous), session.begin_nested():
        submit(photo, plan, is_anonymous=True)
    idea = submit(photo, is_anonymous=True)
    revise = {"by": charlie, "title": "", "body": "A bench", "now": now}
    with pytest.raises(DocumentNotAnonymous), session.begin_nested():
        revise_idea(session, idea, files=adding(plan), **revise)
    revise_idea(session, idea, files=adding(other), **revise)
    assert [one.file.name for one in files_of(session, [idea.id])[idea.id]] == ["Photo 1.webp", "Photo 2.webp"]
    texts = [one["text"] for each in versions_of(session, "idea", idea.id) for one in each.content["fields"]]
    assert texts == ["Photo 1.webp; Photo 2.webp", "Photo 1.webp"]


def test_the_same_form_with_another_file_is_not_taken_for_the_published_idea(session, send, submit, campaign, bob, now):
    photo, more, theirs = send(), send(), send(by=bob)
    idea = submit(photo, form_key="k" * 20)
    assert submit(photo, form_key="k" * 20) is idea
    with pytest.raises(SubmittedOtherwise):
        submit(photo, more, form_key="k" * 20)
    about = {
        "name": "Camille",
        "email": "",
        "title": "",
        "body": "A bench",
        "form_key": "k" * 20,
        "by": bob,
        "now": now,
    }
    typed = submit_for(session, campaign, **about)
    assert submit_for(session, campaign, **about) is typed
    for change in ({"files": adding(theirs)}, {"body": "Two benches"}):
        with pytest.raises(PublishedOtherwise):
            submit_for(session, campaign, **about | change)


def test_what_came_with_a_field_of_another_campaign_is_counted_and_a_field_has_one_file(
    session, send, submit, campaign, make_campaign, bob, now
):
    elsewhere = add_field(session, make_campaign(), kind=FieldKind.FILE, text=FieldText(label="Plan"), by=bob, now=now)
    foreign = [send(picture=False, field=elsewhere) for _ in range(MAX_FILES + 1)]
    with pytest.raises(TooManyIdeaFiles), session.begin_nested():
        submit(*foreign)
    field = add_field(session, campaign, kind=FieldKind.FILE, text=FieldText(label="Plan"), by=bob, now=now)
    _first, last = send(field=field), send(field=field)
    idea = submit(_first, last, foreign[0], values={})
    assert {(one.file_id, one.field_id) for one in files_of(session, [idea.id])[idea.id]} == {
        (last.file_id, field.id), (foreign[0].file_id, None),
    }  # fmt: skip


def test_nobody_adds_the_file_of_somebody_else_or_of_another_idea(session, send, submit, bob):
    photo, theirs = send(), send(by=bob)
    first = submit(photo)
    second = submit(photo, theirs, body="Another bench")
    assert files_of(session, [first.id, second.id]) == {first.id: [photo]}


def test_a_field_may_ask_for_a_file_and_a_newer_one_takes_its_place(session, send, submit, campaign, charlie, bob, now):
    text = FieldText(label="Plan", is_required=True)
    field = add_field(session, campaign, kind=FieldKind.FILE, text=text, by=bob, now=now)
    with pytest.raises(FieldMissing), session.begin_nested():
        submit(values={}, files=None)
    plan = send(picture=False, field=field)
    draft = save_draft(session, campaign, author=charlie, title="", body="A bench", values={}, now=now)
    assert file_counts(session, [draft.id]) == {}
    idea = submit(plan, draft=draft, values={})
    assert [(one.label, one.files) for one in filled_of(session, campaign, idea.id)] == [("Plan", (plan,))]
    with pytest.raises(FieldFilled):
        delete_field(session, field, by=bob, now=now)
    newer = send(picture=False, field=field)
    revise = {"by": charlie, "title": "", "body": "A bench", "values": {}, "now": now}
    revise_idea(session, idea, files=adding(newer), **revise)
    assert files_of(session, [idea.id]) == {idea.id: [newer]}
    with pytest.raises(FieldMissing):
        revise_idea(session, idea, files=FileChanges(removed={newer.file_id}), **revise)


def test_files_that_wait_make_room_and_end_after_a_day_and_those_of_a_deleted_draft_too(
    session, send, campaign, charlie, now
):
    old = [send(at=now - WAITS - timedelta(hours=1)) for _ in range(2)]
    files = [send() for _ in range(MAX_WAITING - 1)]
    assert len(sent_files(session, [one.file_id for one in [*old, *files]], by=charlie)) == MAX_WAITING
    # Those of the form that it comes with make no room for it.
    ids = [one.file_id for one in files]
    late = keep_waiting(session, Upload("a.txt", TEXT, b"A"), stored_as="late", beside=ids, by=charlie, now=now)
    assert len(sent_files(session, ids, by=charlie)) == len(ids)
    session.delete(late)
    session.flush()
    draft = save_draft(session, campaign, author=charlie, title="", body="A bench", files=adding(files[0]), now=now)
    session.commit()
    session.expire_all()
    assert delete_waiting_files(session, now=now) == 1
    delete_draft(session, draft, by=charlie)
    session.flush()
    assert delete_waiting_files(session, now=now) == 2  # the picture, and its small one
    left = session.scalar(select(func.count()).select_from(IdeaFile))
    assert left == MAX_WAITING - 2
    assert session.scalar(select(func.count()).where(File.purpose == Purpose.IDEA)) == 2 * left


def test_files_are_exported_with_the_account_and_leave_with_it(session, send, submit, charlie, now):
    """Also where the texts stay without their name: a photo may show who took it."""
    photo = send()
    idea = submit(photo, files=adding(photo, shows="A wall"))
    session.commit()
    assert set(added_files(session, charlie).values()) == {photo.file.stored_as, photo.small.stored_as}
    sheet = next(sheet for sheet in sheets(session, charlie) if sheet.name == "idea_files")
    assert sheet.rows[0][:4] == [idea.id, "Easier mornings", "bench.webp", "A wall"]
    erasure = ask_to_erase(session, charlie, contents=Contents.ANONYMISE, by=charlie, now=now)
    erase(session, erasure, words=Words(name="Erased", text="Deleted"), now=now)
    assert files_of(session, [idea.id]) == {}
    assert set(own_files(session, charlie)) >= {f"{1:034}", f"s{1:034}"}
    assert session.scalar(select(func.count()).select_from(IdeaFile)) == 0


def test_the_photo_of_an_idea_that_was_typed_for_another_is_theirs_once_they_claim_it(
    session, send, campaign, alice, bob, charlie, now
):
    photo = send(by=bob)
    about = {"name": "Camille", "email": "charlie@example.org", "agreed": True, "title": "", "body": "A bench"}
    idea = submit_for(session, campaign, **about, files=adding(photo), by=bob, now=now)
    assert files_of(session, [idea.id]) == {idea.id: [photo]}
    # Meanwhile it is not of who typed it: neither exported with their account nor erased with it.
    assert photo.file.stored_as not in {*added_files(session, bob).values(), *own_files(session, bob)}
    assert next(sheet for sheet in sheets(session, bob) if sheet.name == "idea_files").rows == []
    invite_authors(session, campaign, locale="en", by=alice, now=now)
    join_and_claim(session, session.scalars(select(Invitation)).one(), charlie, now=now)
    assert {file.uploaded_by_id for file in (photo.file, photo.small)} == {charlie.id}


def test_ideas_are_filtered_by_whether_they_have_a_file_in_a_field(session, send, submit, campaign, bob, now):
    plan, photo = (
        add_field(session, campaign, kind=FieldKind.FILE, text=FieldText(label=label), by=bob, now=now)
        for label in ("Plan", "Photo")
    )
    session.flush()
    bodies = ("A bench", "A tree", "A bus", "A bin")
    both, one, none, other = (submit(body=body, values={}) for body in bodies)
    given = {both: [send(field=plan), send(field=photo)], one: [send(field=plan)], other: [send()]}
    gone = send(field=plan)
    gone.file.removed_at = now
    for idea, files in (given | {none: [gone]}).items():
        for file in files:
            file.idea_id = idea.id
    session.commit()

    def listed(*filters):
        page = list_ideas(session, campaign, reader=None, filters=Filters(fields=filters))
        return {idea.body for idea in page.ideas}

    def counted(*filters):
        found = facets_of(session, campaign, reader=None, with_themes=False, filters=Filters(fields=filters)).fields
        return {facet.field.label: (facet.with_file, facet.without_file) for facet in found}

    with_plan, without = (FieldFilter(field_id=plan.id, has_file=has) for has in (True, False))
    with_photo = FieldFilter(field_id=photo.id, has_file=True)
    assert listed(with_plan) == {"A bench", "A tree"}
    assert listed(without) == {"A bus", "A bin"}, "a removed file is none"
    assert listed(without, with_photo) == set()
    assert counted() == {"Plan": (2, 2), "Photo": (1, 3)}
    assert counted(with_plan) == {"Plan": (2, 2), "Photo": (1, 1)}, "each counts within the others"
