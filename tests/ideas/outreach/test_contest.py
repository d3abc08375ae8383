"""The jury is told when to score, and each entrant once what became of their ideas."""

from datetime import timedelta

from ideas.activity.activity import Verb
from ideas.answers.debriefs.debrief import Debrief
from ideas.answers.debriefs.receipt import acts_by_theme
from ideas.campaigns.people.team import Role, add_to_team
from ideas.contest.contest import ContestText, set_up_contest
from ideas.contest.entry import begin_scoring
from ideas.contest.pairs import Choice, Compared, Comparison, Pair
from ideas.contest.public_vote.ballot import Ballot
from ideas.contest.public_vote.public_vote import PublicVote
from ideas.contest.reminder import watch_scorings
from ideas.contest.result import announce_winners
from ideas.outreach.detail import details
from ideas.outreach.notice import Notice, NoticeKind, write_notices
from ideas.outreach.outbox import Why, outbox_of


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


def test_who_only_voted_or_compared_is_told_of_the_debrief_and_its_answers_and_not_the_team(
    session, closed_campaign, make_idea, make_person, told_each, act, alice, bob, charlie, now
):
    vera, paul, skip = make_person("Vera"), make_person("Paul"), make_person("Skip")
    idea = make_idea(closed_campaign, charlie, "A bench")
    days = {"opens_at": now, "closes_at": now + timedelta(days=1)}
    session.add_all(
        [
            PublicVote(campaign_id=closed_campaign.id, choices=1, entries=[idea.id], **days),
            Comparison(campaign_id=closed_campaign.id, compared=Compared.IDEAS, opened_at=now),
        ]
    )
    session.flush()
    session.add_all(
        Ballot(campaign_id=closed_campaign.id, person_id=one.id, idea_id=idea.id, cast_at=now) for one in (vera, bob)
    )
    for person, chosen in ((paul, Choice.FIRST), (skip, Choice.SKIPPED)):
        pair = {"first_id": 1, "second_id": 2, "low_id": 1, "high_id": 2, "shown_at": now}
        session.add(Pair(campaign_id=closed_campaign.id, person_id=person.id, chosen=chosen, **pair))
    debrief = Debrief(campaign=closed_campaign, body="Thanks.", updated_at=now)
    session.add(debrief)
    session.flush()
    listed = {one.name: one.why for one in outbox_of(session, closed_campaign, by=alice, now=now).recipients}
    assert listed == {"Charlie": Why.WROTE, "Vera": Why.VOTED, "Paul": Why.VOTED}
    published = act(Verb.PUBLISHED, debrief, by=alice, campaign_id=closed_campaign.id)
    assert told_each(published) == {NoticeKind.DEBRIEF_PUBLISHED: ["Charlie", "Paul", "Vera"]}
    closed_campaign.debriefed_at = now
    [group] = acts_by_theme(session, closed_campaign, vera)
    assert [(one.idea, one.voted) for one in group.acts] == [(idea, True)]
