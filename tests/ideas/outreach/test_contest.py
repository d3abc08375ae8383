"""The jury is told when to score, and each entrant once what became of their ideas."""

from datetime import timedelta

from ideas.campaigns.people.team import Role, add_to_team
from ideas.contest.contest import ContestText, set_up_contest
from ideas.contest.entry import begin_scoring
from ideas.contest.reminder import watch_scorings
from ideas.contest.result import announce_winners
from ideas.outreach.detail import details
from ideas.outreach.notice import Notice, NoticeKind, write_notices


def test_jury_and_entrants_are_told(
    session, closed_campaign, make_idea, make_person, told_each, latest, alice, charlie, now
):
    june, dora, emil = make_person("June"), make_person("Dora"), make_person("Emil")
    add_to_team(session, closed_campaign, june, role=Role.JURY, by=alice, now=now)
    bench, tree = make_idea(closed_campaign, charlie, "A bench"), make_idea(closed_campaign, dora, "A tree")
    make_idea(closed_campaign, emil, "A bus", merged_into=tree)
    make_idea(closed_campaign, make_person("Fred"), "A draft", submitted_at=None)
    due = now + timedelta(days=9)
    text = ContestText(criteria=[("Useful", 1)], scores_due_at=due)
    contest = set_up_contest(session, closed_campaign, text=text, by=alice, now=now)
    begin_scoring(session, contest, by=alice, now=now)
    assert told_each(latest()) == {NoticeKind.JURY_WORK: ["June"]}
    watch_scorings(session, now=due - timedelta(days=1))
    assert told_each(latest()) == {NoticeKind.JURY_WORK: ["June"]}
    watch_scorings(session, now=due)
    assert told_each(latest()) == {NoticeKind.JURY_WORK: ["Alice", "Bob", "June"]}

    def announce(winner, **facts):
        reasons = {winner.id: "It helps."}
        announce_winners(session, contest, reasons=reasons, words_to_others="Thank you.", by=alice, now=due, **facts)
        return latest()

    announced = announce(bench)
    assert told_each(announced) == {NoticeKind.CONTEST_RESULT: ["Charlie", "Dora", "Emil"]}
    assert told(session, announced, charlie, now) == ("A bench", "It helps.")
    assert told(session, announced, emil, now) == ("", "Thank you.")
    corrected = announce(tree, change_reason="We read the wrong line.")
    assert told_each(corrected) == {NoticeKind.CONTEST_RESULT: ["Charlie", "Dora", "Emil"]}
    assert told(session, corrected, emil, now) == ("A tree", "It helps.")  # a part of what won
    assert told(session, corrected, charlie, now) == ("", "Thank you.")


def told(session, activity, person, now):
    [number] = write_notices(session, activity, NoticeKind.CONTEST_RESULT, [person.id], now=now).values()
    [detail] = details(session, [session.get(Notice, number)])
    return detail.contest.won, detail.reason
