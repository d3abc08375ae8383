from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ReasonNeeded, versions_of
from ideas.contributions.comment import add_comment
from ideas.contributions.idea import AnonymousAuthor, Idea, is_submitted
from ideas.contributions.imports.importing import finish_import, import_chunk, keep_upload, start_import
from ideas.contributions.imports.known import SameId, replace_texts
from ideas.contributions.imports.row import ImportRow, prepare
from ideas.contributions.imports.undo import (
    AlreadyUndone,
    Extent,
    NotImported,
    NotUndone,
    UndoingClosed,
    extent,
    may_be_undone,
    reason_of_withdrawal,
    restore_import,
    restore_imported,
    undo_import,
    withdraw_imported,
)
from ideas.contributions.vote import cast_vote
from ideas.moderation.acts.merge import merge_ideas
from ideas.themes.placement import Placement

ROWS = [ImportRow(line=line, body=f"Idea {line}", key=str(line), author_name="Awa") for line in range(2, 7)]


@pytest.fixture
def imported(session, campaign, bob, now):
    """Import these rows as Bob: the import."""

    def send(rows=ROWS, at=now, same_id=SameId.SKIP):
        upload = keep_upload(session, campaign, by=bob, filename="workshop.csv", content=b"text\nx", preview={}, now=at)
        start_import(session, campaign, upload, {"text": 0, "same_id": same_id}, now=at)
        import_chunk(session, campaign, upload.id, list(prepare(rows)), done=0, now=at)
        finish_import(session, upload, now=at)
        session.commit()
        return upload

    return send


def public(session, campaign):
    return session.scalar(select(func.count(Idea.id)).where(Idea.campaign_id == campaign.id, is_submitted()))


def ideas_of(session, upload):
    return session.scalars(select(Idea).where(Idea.import_id == upload.id).order_by(Idea.id)).all()


def acts_on(session, kind, number):
    found = select(Activity).where(Activity.object_kind == kind, Activity.object_id == number)
    return session.scalars(found.order_by(Activity.id)).all()


def test_an_import_is_undone_as_a_whole_and_touches_nothing_else(session, campaign, idea, imported, bob, now):
    other, upload = imported([ImportRow(line=2, body="From another file")]), imported()
    assert public(session, campaign) == 7
    assert undo_import(session, campaign, upload, by=bob, reason="Wrong column", now=now) == 5
    session.commit()
    assert public(session, campaign) == 2
    assert idea.is_public
    assert ideas_of(session, other)[0].is_public
    [act] = acts_on(session, "idea_import", upload.id)
    assert (act.verb, act.reason, act.after, act.actor_id) == (Verb.UNDONE, "Wrong column", {"ideas": 5}, bob.id)


def test_undoing_an_import_gives_back_the_texts_that_it_replaced(session, campaign, imported, bob, now):
    first = imported()
    other = [ImportRow(line=line, body=f"Idea {line}, better", key=str(line)) for line in range(2, 9)]
    upload = imported(other, same_id=SameId.REPLACE)
    changed = ideas_of(session, first)[0]
    replace_texts(session, [(next(prepare([ImportRow(line=2, body="Mended by hand")])), changed.id)], by=bob, now=now)
    session.commit()

    def bodies():
        session.expire_all()
        return [idea.body for idea in [*ideas_of(session, first), *ideas_of(session, upload)] if idea.is_public]

    def better(numbers):
        return [f"Idea {number}, better" for number in numbers]

    assert bodies() == ["Mended by hand", *better(range(3, 9))]
    assert extent(session, campaign, upload) == Extent(ideas=2, responded=0, answered=0, replaced=4)
    assert undo_import(session, campaign, upload, by=bob, reason="Wrong file", now=now) == 2
    session.commit()
    assert bodies() == ["Mended by hand", *(f"Idea {number}" for number in range(3, 7))]
    [act] = acts_on(session, "idea_import", upload.id)
    assert act.after == {"ideas": 2, "texts": 4}
    kept = versions_of(session, "idea", ideas_of(session, first)[1].id)
    assert [(version.content["body"], version.reason) for version in kept] == [
        ("Idea 3", "Wrong file"), ("Idea 3, better", ""), ("Idea 3", "")
    ]  # fmt: skip
    restore_import(session, campaign, upload, by=bob, now=now)
    session.commit()
    assert bodies() == ["Mended by hand", *better(range(3, 9))]
    undo_import(session, campaign, upload, by=bob, reason="Again", now=now)
    assert bodies() == ["Mended by hand", *(f"Idea {number}" for number in range(3, 7))]


def test_an_idea_that_its_author_claimed_stays_and_is_not_imported_twice(
    session, campaign, imported, bob, charlie, alice, now
):
    upload = imported()
    named, hidden, merged, kept, _ = ideas_of(session, upload)
    named.author, merged.author = charlie, alice
    hidden.is_anonymous = True
    hidden.anonymous_author = AnonymousAuthor(person_id=charlie.id)
    session.flush()
    merge_ideas(session, merged, into=kept, by=bob, reason="The same", now=now)
    session.commit()
    assert extent(session, campaign, upload) == Extent(ideas=2, responded=0, answered=0, replaced=0, claimed=3)
    assert undo_import(session, campaign, upload, by=bob, reason="Wrong column", now=now) == 2
    session.commit()
    assert {idea.id for idea in ideas_of(session, upload) if idea.is_public} == {named.id, hidden.id, merged.id}
    assert (merged.merged_into_id, kept.is_public) == (None, False)
    again = imported()
    assert (again.report["known"], again.report["added"]) == (3, 2)
    assert restore_import(session, campaign, upload, by=bob, now=now) == 2


def test_the_same_file_can_be_imported_again_after_it_was_undone(session, campaign, imported, bob, now):
    upload = imported()
    assert imported().report["known"] == 5
    undo_import(session, campaign, upload, by=bob, reason="Wrong column", now=now)
    session.commit()
    assert imported().report["added"] == 5
    assert public(session, campaign) == 5


def test_an_undone_import_comes_back_with_its_comments_and_votes(session, campaign, imported, alice, bob, charlie, now):
    upload = imported()
    first, second, *_ = ideas_of(session, upload)
    comment = add_comment(session, first, author=charlie, body="Yes", now=now)
    cast_vote(session, first, by=charlie, now=now)
    withdraw_imported(session, second, by=bob, reason="Names someone", now=now - timedelta(minutes=1))
    undo_import(session, campaign, upload, by=bob, reason="Wrong column", now=now)
    session.commit()
    assert (public(session, campaign), comment.withdrawn_at) == (0, None)
    assert restore_import(session, campaign, upload, by=alice, now=now) == 4
    session.commit()
    assert first.is_public
    assert not second.is_public  # it was withdrawn by itself
    assert [act.verb for act in acts_on(session, "idea_import", upload.id)] == [Verb.UNDONE, Verb.RESTORED]


def test_what_undoing_concerns_is_counted_in_one_query(
    session, campaign, imported, make_theme, give_answer, charlie, now, count_queries
):
    upload = imported()
    first, second, *_ = ideas_of(session, upload)
    add_comment(session, first, author=charlie, body="Yes", now=now)
    cast_vote(session, first, by=charlie, now=now)
    theme = make_theme(campaign, bodies=["Another"])
    session.add(Placement(idea_id=second.id, campaign_id=campaign.id, theme_id=theme.id))
    give_answer(theme)
    session.commit()
    assert extent(session, campaign, upload) == Extent(ideas=5, responded=1, answered=1, replaced=0)
    assert count_queries(lambda: extent(session, campaign, upload)) == 1


def test_undoing_needs_a_reason_and_happens_once(session, campaign, imported, bob, now):
    upload = imported()
    with pytest.raises(ReasonNeeded):
        undo_import(session, campaign, upload, by=bob, reason=" ", now=now)
    with pytest.raises(NotUndone):
        restore_import(session, campaign, upload, by=bob, now=now)
    undo_import(session, campaign, upload, by=bob, reason="Wrong", now=now)
    with pytest.raises(AlreadyUndone):
        undo_import(session, campaign, upload, by=bob, reason="Wrong", now=now)


def test_a_file_that_is_not_imported_yet_can_not_be_undone(session, campaign, bob, now):
    upload = keep_upload(session, campaign, by=bob, filename="f.csv", content=b"x", preview={}, now=now)
    with pytest.raises(AlreadyUndone):
        undo_import(session, campaign, upload, by=bob, reason="Wrong", now=now)


def test_nothing_is_undone_once_the_debrief_is_public(session, campaign, imported, bob, now):
    upload = imported()
    campaign.closes_at, campaign.debriefed_at = now, now
    session.commit()
    idea = ideas_of(session, upload)[0]
    assert not may_be_undone(idea)
    with pytest.raises(UndoingClosed):
        undo_import(session, campaign, upload, by=bob, reason="Wrong", now=now)
    with pytest.raises(UndoingClosed):
        withdraw_imported(session, idea, by=bob, reason="Wrong", now=now)


def test_one_imported_idea_is_withdrawn_with_a_reason_and_published_again(session, imported, bob, now):
    idea = ideas_of(session, imported())[0]
    with pytest.raises(ReasonNeeded):
        withdraw_imported(session, idea, by=bob, reason="", now=now)
    withdraw_imported(session, idea, by=bob, reason="Names a patient", now=now)
    withdraw_imported(session, idea, by=bob, reason="Again", now=now)
    session.commit()
    assert not idea.is_public
    assert reason_of_withdrawal(session, idea) == "Names a patient"
    restore_imported(session, idea, by=bob, now=now)
    session.commit()
    assert idea.is_public
    assert reason_of_withdrawal(session, idea) == ""
    assert [act.verb for act in acts_on(session, "idea", idea.id)] == [Verb.WITHDRAWN, Verb.RESTORED]


def test_the_idea_of_a_person_is_withdrawn_by_that_person_alone(session, idea, bob, now):
    assert not may_be_undone(idea)
    with pytest.raises(NotImported):
        withdraw_imported(session, idea, by=bob, reason="Off topic", now=now)
