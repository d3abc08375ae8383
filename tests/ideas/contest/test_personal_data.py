"""What a juror wrote and gave, as their export and an erasure have it."""

from sqlalchemy import select

from ideas.activity.activity import Activity, first_broken
from ideas.activity.version import Version
from ideas.contest.changes import changes_of
from ideas.contest.judging import Judgement, declare_conflict, judgements_on
from ideas.privacy.erase import Words, erase
from ideas.privacy.erasure import Contents, ask_to_erase
from ideas.privacy.export import sheets

WORDS = Words(name="Former member", text="Erased.")


def test_an_erasure_takes_the_words_of_a_juror_out_of_every_table(session, begun, entries, jury, score, now):
    june, jack = jury
    for juror in jury:
        for entry in entries[:2]:
            score(juror, entry, 8, 4)
    over = begun.scores_due_at
    declare_conflict(session, begun, entries[0], interest="Rosa is my sister.", by=june, now=over)
    score(june, entries[1], 6, 6, at=over, change_reason="Rosa told me the price.")
    score(jack, entries[1], 6, 6, at=over, change_reason="June is right.")
    [change] = changes_of(session, judgements_on(session, entries[0]))
    assert change.reason == "Rosa is my sister."
    session.commit()
    assert not session.scalars(select(Version.id).where(Version.reason.contains("sister"))).all()
    assert not session.scalars(select(Activity.id).where(Activity.reason.contains("sister"))).all()
    erasure = ask_to_erase(session, june, contents=Contents.ANONYMISE, by=june, now=now)
    erase(session, erasure, words=WORDS, now=now)
    session.commit()
    session.expire_all()
    assert set(session.scalars(select(Judgement.interest))) == {""}
    for kept in (Version, Activity):
        reasons = session.scalars(select(kept.reason).where(kept.object_kind == "judgement", kept.reason != "")).all()
        assert reasons == ["June is right."]
    assert first_broken(session) is None


def test_the_name_of_an_author_is_erased_from_what_jurors_wrote(session, begun, entries, jury, score, charlie, now):
    charlie.name = "Charlie Winter"
    score(jury[0], entries[0], 8, 4)
    over = begun.scores_due_at
    score(jury[0], entries[0], 6, 6, at=over, change_reason="Charlie Winter said so.")
    session.commit()
    erase(session, ask_to_erase(session, charlie, contents=Contents.ANONYMISE, by=charlie, now=now), words=WORDS,
          now=now)  # fmt: skip
    session.commit()
    session.expire_all()
    for kept in (Version, Activity):
        reasons = session.scalars(select(kept.reason).where(kept.object_kind == "judgement", kept.reason != "")).all()
        assert reasons == ["Former member said so."]


def test_an_export_has_the_scores_that_the_person_gave(session, closed_campaign, begun, entries, jury, score):
    score(jury[0], entries[0], 8, 4)
    score(jury[1], entries[0], 1, 1)
    session.flush()
    [sheet] = [one for one in sheets(session, jury[0]) if one.name == "scores"]
    assert [row[1:] for row in sheet.rows] == [
        [closed_campaign.title, entries[0].id, name, value] for name, value in (("Useful", 8), ("New", 4))
    ]
