from ideas.outreach.notice import BY_MAIL, NoticeKind
from ideas.outreach.preference import (
    NoticePreference,
    choose_mail,
    kinds_by_mail,
    switch_mail,
    wants_mail,
    without_mail,
)


def test_everything_comes_by_mail_until_a_person_chooses(session, charlie):
    assert kinds_by_mail(session, charlie) == list(BY_MAIL)
    assert not wants_mail(session, charlie, NoticeKind.BADGE_REACHED)  # told in the product alone
    assert all(wants_mail(session, charlie, kind) for kind in BY_MAIL)


def test_a_person_chooses_by_kind(session, charlie, bob):
    choose_mail(session, charlie, wanted=[NoticeKind.DEBRIEF_PUBLISHED])
    session.flush()
    assert kinds_by_mail(session, charlie) == [NoticeKind.DEBRIEF_PUBLISHED]
    assert without_mail(session, NoticeKind.ACTION_DONE, [charlie.id, bob.id]) == {charlie.id}
    choose_mail(session, charlie, wanted=[*NoticeKind])
    session.flush()
    assert kinds_by_mail(session, charlie) == list(BY_MAIL)
    assert without_mail(session, NoticeKind.ACTION_DONE, [charlie.id, bob.id]) == set()


def test_switching_off_twice_changes_nothing(session, charlie):
    for _ in range(2):
        switch_mail(session, charlie, NoticeKind.ACTION_DONE, on=False)
        session.commit()
    assert not wants_mail(session, charlie, NoticeKind.ACTION_DONE)
    assert wants_mail(session, charlie, NoticeKind.ACTION_ABANDONED)


def test_who_stopped_all_mail_gets_none_of_a_kind_that_is_new(session, charlie, bob):
    choose_mail(session, charlie, wanted=())
    new = session.get_one(NoticePreference, (charlie.id, NoticeKind.CLARIFICATION))
    session.delete(new)  # as of a kind that came after that
    session.commit()
    assert kinds_by_mail(session, charlie) == []
    assert not wants_mail(session, charlie, NoticeKind.CLARIFICATION)
    assert without_mail(session, NoticeKind.CLARIFICATION, [charlie.id, bob.id]) == {charlie.id}
    choose_mail(session, charlie, wanted=[NoticeKind.ACTION_DONE])
    session.commit()
    assert kinds_by_mail(session, charlie) == [NoticeKind.ACTION_DONE]
    assert without_mail(session, NoticeKind.ACTION_DONE, [charlie.id, bob.id]) == set()


def test_who_switches_off_each_kind_wants_none_of_those_to_come(session, charlie):
    for kind in BY_MAIL:
        assert not charlie.wants_no_mail
        switch_mail(session, charlie, kind, on=False)
    assert charlie.wants_no_mail
    choose_mail(session, charlie, wanted=BY_MAIL[-1:])
    assert kinds_by_mail(session, charlie) == [BY_MAIL[-1]]
