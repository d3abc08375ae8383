from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from ideas.activity.activity import Activity
from ideas.answers.action import actions_on
from ideas.answers.actions import evidence_change
from ideas.answers.actions.evidence_change import (
    EvidenceFilesFull,
    EvidenceFilesTooLarge,
    EvidenceSentOtherwise,
    NotPublishedYet,
    TakenOffAlready,
    TakeOffReasonNeeded,
    TooManyEvidenceFiles,
    TooMuchEvidence,
    add_evidence,
    is_sent,
    take_off,
)
from ideas.answers.delivered import EventKind, PromiseKind, promises_of
from ideas.campaigns.promise import NotAVideoLink
from ideas.contributions.files.change import MAX_FILES, MAX_IDEA_BYTES, FileChanges
from ideas.contributions.files.idea_file import WAITS, IdeaFile, delete_waiting_files, keep_waiting
from ideas.errors import EmptyText
from ideas.exports.rows import Authors
from ideas.exports.tables import TABLES
from ideas.files import File, Purpose, Upload
from ideas.media_type import WEBP

DAY = timedelta(days=1)


@pytest.fixture
def send(session, bob, now):
    names = iter(range(1, 100))

    def act(by=bob, content=b"RIFF"):
        name = f"{next(names):034}"
        small = {"small": Upload("van.webp", WEBP, b"small"), "small_as": f"s{name}"}
        return keep_waiting(session, Upload("van.webp", WEBP, content), stored_as=name, **small, by=by, now=now)

    return act


def adding(*files):
    return FileChanges({one.file_id for one in files}, alternatives={one.file_id: "A van" for one in files})


def test_evidence_is_added_once_published_with_its_files_and_never_erased(
    session, closed_campaign, action, publish, send, bob, charlie, now
):
    def add(body="The van drives.", by=bob, at=now + DAY, **facts):
        return add_evidence(session, action, body=body, by=by, now=at, **facts)

    with pytest.raises(NotPublishedYet):
        add()
    publish()
    for wrong, error in (({"body": " "}, EmptyText), ({"link": "http://example.org"}, NotAVideoLink)):
        with pytest.raises(error):
            add(**wrong)
    photo, second, theirs = send(), send(), send(by=charlie)
    numbers = {photo.file_id, photo.small_id, second.file_id, second.small_id}
    evidence = add(link="https://example.org/van", files=adding(photo, second, theirs))
    # The files wait no more: what deletes those that wait leaves them.
    delete_waiting_files(session, now=now + 2 * WAITS)
    session.commit()
    assert session.scalar(select(func.count()).select_from(IdeaFile)) == 0
    found = session.scalars(select(File).where(File.id.in_(numbers))).all()
    assert {(file.purpose, file.campaign_id, file.removed_at) for file in found} == {
        (Purpose.EVIDENCE, closed_campaign.id, None)
    }
    assert len(found) == len(numbers)
    [shown] = actions_on(session, action.decision)
    assert [(one.body, one.added_by, one.created_at) for one in shown.evidence] == [("The van drives.", bob, now + DAY)]
    assert [one.alternative for one in evidence.shown_files] == ["A van", "A van"]
    # One file is taken off: its bytes go, its reason stays. Then all of it.
    first = evidence.shown_files[0]
    with pytest.raises(TakeOffReasonNeeded):
        take_off(session, evidence, file_id=first.file_id, reason=" ", by=bob, now=now)
    places = take_off(session, evidence, file_id=first.file_id, reason="A patient is on it.", by=bob, now=now + 2 * DAY)
    assert (len(places), len(evidence.shown_files)) == (2, 1)
    assert [one.removed_reason for one in evidence.removed_files] == ["A patient is on it."]
    with pytest.raises(TakenOffAlready):
        take_off(session, evidence, file_id=first.file_id, reason="Again.", by=bob, now=now)
    assert take_off(session, evidence, reason="Another van.", by=bob, now=now + 3 * DAY) == []
    with pytest.raises(TakenOffAlready):
        take_off(session, evidence, reason="Again.", by=bob, now=now)
    # Another moderator took the last file off while this one's page was open.
    [last] = evidence.shown_files
    elsewhere = update(File).where(File.id == last.file_id).values(removed_at=now)
    session.execute(elsewhere.execution_options(synchronize_session=False))
    with pytest.raises(TakenOffAlready):
        take_off(session, evidence, file_id=last.file_id, reason="A face.", by=bob, now=now)
    session.commit()
    assert (evidence.body, evidence.removed_by_id) == ("The van drives.", bob.id)
    promises = promises_of(session, [closed_campaign], now=now + 5 * DAY)
    [promise] = [each for each in promises if each.kind is PromiseKind.ACTION]
    assert [(event.kind, event.about, event.reason) for event in promise.events[1:]] == [
        (EventKind.EVIDENCE, "", ""),
        (EventKind.EVIDENCE_REMOVED, "", "Another van."),
    ]
    table = next(table for table in TABLES if table.name == "evidence")
    [row] = table.rows(session, closed_campaign, Authors(closed_campaign.id, "secret", named=True))
    said = dict(zip([column.name for column in table.columns], row, strict=True))
    assert (said["text"], said["files"], said["author_name"], said["removed_reason"]) == ("", 0, "Bob", "Another van.")
    acts = select(Activity.verb, Activity.reason).where(Activity.object_kind == "evidence").order_by(Activity.id)
    assert session.execute(acts).all() == [
        ("added", ""), ("removed", "A patient is on it."), ("removed", "Another van."),
    ]  # fmt: skip


def test_a_form_that_is_sent_twice_adds_its_evidence_once(session, action, publish, send, bob, now):
    publish()
    sent = {"body": "The van drives.", "link": "https://example.org/van", "form_key": "k" * 20, "by": bob}

    def add(*files, **facts):
        return add_evidence(session, action, **sent | facts, files=adding(*files), now=now)

    photo = send()
    evidence = add(photo)
    assert add(photo) is add(send()) is evidence  # also where the browser sent the photo again
    assert [is_sent(session, action, **sent | other) for other in ({}, {"body": "No."})] == [True, False]
    for files, facts in (((), {"body": "It runs."}), ((send(content=b"another"),), {})):  # it must not be lost
        with pytest.raises(EvidenceSentOtherwise):
            add(*files, **facts)
    assert add(form_key="another") is not evidence


def test_evidence_and_its_files_have_limits_of_their_own(session, action, publish, send, bob, now, monkeypatch):
    publish()

    def add(*files, body="Done."):
        return add_evidence(session, action, body=body, files=adding(*files), by=bob, now=now)

    with pytest.raises(TooManyEvidenceFiles):
        add(*(send() for _ in range(MAX_FILES + 1)))
    large = send()
    large.file.size = MAX_IDEA_BYTES + 1
    with pytest.raises(EvidenceFilesTooLarge):
        add(large)
    monkeypatch.setattr(evidence_change, "MAX_CAMPAIGN_EVIDENCE_BYTES", 3)
    with pytest.raises(EvidenceFilesFull):
        add(send())
    monkeypatch.setattr(evidence_change, "MAX_EVIDENCE", 1)
    add()
    with pytest.raises(TooMuchEvidence):
        add(body="More.")
