"""Who is told of what, and what a person's own list holds."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.answers.action import commit_to
from ideas.answers.debriefs.debrief import write_debrief
from ideas.campaigns.people.team import Role, add_to_team, remove_from_team
from ideas.contributions.comment import Comment, add_comment, revise_comment
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.contributions.withheld import ObjectKind, Withheld, review_of
from ideas.moderation.acts.change import send_changed
from ideas.moderation.acts.reword import reword
from ideas.moderation.review import ask_to_change, restore
from ideas.organisation.organisation import the_organisation
from ideas.outreach.detail import details
from ideas.outreach.notice import NoticeKind, mark_read, notice_page, told_of, write_notices
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rule_for
from ideas.people.person import Person
from ideas.people.platform_role import PlatformRole, grant, revoke
from ideas.people.sanction import Reason
from ideas.spaces.audience import Audience
from ideas.themes.edits.edit import merge_themes
from ideas.themes.edits.move import move_ideas
from ideas.themes.passage import add_passages
from ideas.themes.placement import Placement
from ideas.themes.stored import PassageRow
from ideas.work.job import JobKind, enqueue


@pytest.fixture
def debriefed(make_campaign, now):
    return make_campaign(closes_at=now - timedelta(days=1), debriefed_at=now - timedelta(hours=1))


@pytest.fixture
def told(session):
    """The kind of notice that an act makes, and the names of those who are told."""

    def of(activity):
        rule = rule_for(activity)
        if rule is None:
            return None, []
        people = recipients(session, activity, rule)
        return rule.kind, sorted(session.get(Person, person_id).name for person_id in people)

    return of


@pytest.fixture
def crowd(session, debriefed, make_idea, make_person, charlie, now):
    """In the debriefed campaign: Charlie wrote, Dora commented, Emil supported, Fay reacted; Gus wrote elsewhere."""
    idea = make_idea(debriefed, charlie, "One click.")
    dora, emil, fay = make_person("Dora"), make_person("Emil"), make_person("Fay")
    session.add(Comment(idea_id=idea.id, author_id=dora.id, body="Yes.", created_at=now))
    session.add(Vote(idea_id=idea.id, person_id=emil.id, created_at=now))
    session.add(Reaction(idea_id=idea.id, person_id=fay.id, emotion=Emotion.HOPE, created_at=now))
    make_idea(debriefed, make_person("Gus"), "A slide.")
    session.commit()
    return idea


@pytest.fixture
def decision(crowd, debriefed, make_theme, give_answer):
    return give_answer(make_theme(debriefed, ideas=[crowd]))


def test_everyone_who_took_part_is_told_of_the_debrief_but_its_team(
    session, debriefed, crowd, act, told, make_idea, make_person, alice, bob, now
):
    for person in (alice, bob):
        make_idea(debriefed, person, "Mine too.")
    moderator = make_person("Mo")
    add_to_team(session, debriefed, moderator, role=Role.MODERATOR, by=alice, now=now)
    session.add(Vote(idea_id=crowd.id, person_id=moderator.id, created_at=now))
    make_idea(debriefed, make_person("Left"), "Withdrawn.", withdrawn_at=now)
    make_idea(debriefed, None, "Imported.", author_name="Mrs Ozan")
    debrief = write_debrief(session, debriefed, body="Done.", by=alice, now=now)
    activity = act(Verb.PUBLISHED, debrief, by=bob, campaign_id=debriefed.id)
    assert told(activity) == (
        NoticeKind.DEBRIEF_PUBLISHED, ["Charlie", "Dora", "Emil", "Fay", "Gus"]
    )  # fmt: skip


def test_those_concerned_by_a_theme_are_told_when_its_answer_changes(debriefed, decision, act, told, alice):
    activity = act(Verb.CHANGED, decision, by=alice, campaign_id=debriefed.id, reason="Cheaper now.")
    assert told(activity) == (NoticeKind.ANSWER_CHANGED, ["Charlie", "Dora", "Emil", "Fay"])


def test_whoever_has_an_idea_that_counts_in_the_theme_is_told_once(
    session, debriefed, decision, make_idea, make_theme, make_person, act, told, alice, charlie
):
    """Charlie has two more such ideas, Hal has one; that of Gus is about something else."""
    by_passage = [make_idea(debriefed, person, "Two asks.") for person in (charlie, charlie, make_person("Hal"))]
    other = make_theme(debriefed, "Slides", ideas=by_passage)
    rows = [PassageRow(other.id, 0, 3, 0.5, 1), PassageRow(decision.theme_id, 4, 8, 0.5, 1)]
    add_passages(session, {idea.id: rows for idea in by_passage})
    activity = act(Verb.CHANGED, decision, by=alice, campaign_id=debriefed.id, reason="Cheaper now.")
    assert told(activity) == (NoticeKind.ANSWER_CHANGED, ["Charlie", "Dora", "Emil", "Fay", "Hal"])


def test_they_are_told_of_a_first_answer_that_comes_after_the_debrief(debriefed, decision, act, told, alice):
    activity = act(Verb.CREATED, decision, by=alice, campaign_id=debriefed.id)
    assert told(activity) == (NoticeKind.ANSWER_CHANGED, ["Charlie", "Dora", "Emil", "Fay"])


@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        (Verb.COMPLETED, NoticeKind.ACTION_DONE),
        (Verb.ABANDONED, NoticeKind.ACTION_ABANDONED),
        (Verb.CHANGED, NoticeKind.ACTION_CHANGED),
        (Verb.RESTARTED, NoticeKind.ACTION_CHANGED),
    ],
)
def test_the_same_people_are_told_when_an_action_ends_or_changes(
    session, debriefed, decision, act, told, alice, bob, now, verb, kind
):
    action = commit_to(session, decision, title="Ship it", impact="", owner=bob, due_on=now.date(), by=bob, now=now)
    assert told(act(verb, action, by=alice, campaign_id=debriefed.id)) == (kind, ["Charlie", "Dora", "Emil", "Fay"])


def test_nobody_is_told_of_answers_and_actions_before_the_debrief(
    session, debriefed, decision, act, told, alice, bob, now
):
    action = commit_to(session, decision, title="Ship it", impact="", owner=bob, due_on=now.date(), by=bob, now=now)
    early = {"by": alice, "campaign_id": debriefed.id, "now": debriefed.debriefed_at}
    for verb, of in ((Verb.CHANGED, decision), (Verb.COMPLETED, action)):
        assert told(act(verb, of, **early))[1] == []
    debriefed.debriefed_at = None
    assert told(act(Verb.CHANGED, decision, by=alice, campaign_id=debriefed.id))[1] == []


def test_what_is_done_of_a_merged_theme_is_told_to_those_whose_ideas_went_on(
    session, debriefed, decision, crowd, make_theme, act, told, latest, alice, bob, now
):
    action = commit_to(session, decision, title="Ship it", impact="", owner=bob, due_on=now.date(), by=bob, now=now)
    into, last = make_theme(debriefed, "Time", bodies=[]), make_theme(debriefed, "Days", bodies=[])
    for target, gone in ((into, decision.theme), (last, into)):
        merge_themes(session, target, others=[gone], reason="The same.", by=alice, now=now)
    for verb, of in ((Verb.COMPLETED, action), (Verb.ABANDONED, action), (Verb.CHANGED, decision)):
        assert told(act(verb, of, by=alice, campaign_id=debriefed.id))[1] == ["Charlie", "Dora", "Emil", "Fay"]


def test_nobody_is_told_of_their_own_act(debriefed, decision, act, told, charlie):
    assert told(act(Verb.CHANGED, decision, by=charlie, campaign_id=debriefed.id))[1] == ["Dora", "Emil", "Fay"]


@pytest.mark.parametrize("verb", [Verb.EXTENDED, Verb.CLOSED])
def test_everyone_who_took_part_is_told_when_a_date_is_put_off_or_the_campaign_closes_early(
    debriefed, crowd, act, told, alice, verb
):
    activity = act(verb, debriefed, by=alice, campaign_id=debriefed.id)
    assert told(activity) == (NoticeKind.PROMISE_CHANGED, ["Charlie", "Dora", "Emil", "Fay", "Gus"])


def test_nobody_is_told_of_dates_before_the_announcement(session, draft_campaign, make_idea, act, told, alice, charlie):
    make_idea(draft_campaign, charlie, "Early.")
    assert told(act(Verb.EXTENDED, draft_campaign, by=alice, campaign_id=draft_campaign.id))[1] == []


def test_authors_are_told_when_their_ideas_move_after_the_debrief(
    session, debriefed, decision, crowd, make_idea, make_theme, act, told, make_person, latest, alice, now
):
    edit = move_ideas(
        session, debriefed, idea_ids=[crowd.id], to=make_theme(debriefed, "Time"), reason="Misread.", by=alice, now=now
    )
    assert told(latest()) == (NoticeKind.IDEA_MOVED, ["Charlie"])
    other = make_idea(debriefed, make_person("Hal"), "Slides.")
    # More ideas than PostgreSQL takes values in one statement.
    moved = {"ideas": [crowd.id, other.id, *range(1_000_000, 1_070_000)], "theme_id": decision.theme_id}
    activity = act(Verb.MOVED, edit, by=alice, campaign_id=debriefed.id, after=moved)
    assert told(activity) == (NoticeKind.IDEA_MOVED, ["Charlie", "Hal"])


def test_a_person_is_told_of_a_role_that_begins_changes_and_ends(session, campaign, latest, told, alice, charlie, now):
    for role in (Role.JURY, Role.OBSERVER):
        add_to_team(session, campaign, charlie, role=role, by=alice, now=now)
        assert told(latest()) == (NoticeKind.ROLE_CHANGED, ["Charlie"])
    remove_from_team(session, campaign, charlie, by=alice, now=now)
    assert told(latest()) == (NoticeKind.ROLE_CHANGED, ["Charlie"])


def test_a_person_is_told_of_a_role_on_the_platform(session, latest, told, alice, charlie, now):
    for change in (grant, revoke):
        change(session, charlie, PlatformRole.CAMPAIGN_AUTHOR, by=alice, now=now)
        assert told(latest()) == (NoticeKind.ROLE_CHANGED, ["Charlie"])


def test_a_failed_job_is_told_to_those_who_manage_the_campaign(session, campaign, act, told, now):
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now)
    assert told(act(Verb.FAILED, job, campaign_id=campaign.id)) == (NoticeKind.JOB_FAILED, ["Alice", "Bob"])


def test_a_failed_job_of_no_campaign_is_told_to_administrators(session, campaign, act, told, make_person, now):
    make_person("Ada", is_admin=True)
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now)
    assert told(act(Verb.FAILED, job)) == (NoticeKind.JOB_FAILED, ["Ada"])


@pytest.mark.parametrize(("kind", "verb"), [("theme_run", Verb.GROUPED), ("proposal", Verb.CREATED)])
def test_the_end_of_a_grouping_is_told_to_those_who_manage_the_campaign(session, campaign, told, now, kind, verb):
    activity = Activity(object_kind=kind, object_id=1, verb=verb, campaign_id=campaign.id, at=now)
    assert told(activity) == (NoticeKind.IDEAS_GROUPED, ["Alice", "Bob"])


def test_who_chose_the_number_of_themes_is_not_told_of_that_grouping(campaign, told, alice, now):
    activity = Activity(
        object_kind="theme_run", object_id=1, verb=Verb.GROUPED, campaign_id=campaign.id, actor_id=alice.id, at=now
    )
    assert told(activity) == (NoticeKind.IDEAS_GROUPED, ["Bob"])


def test_other_acts_are_told_to_nobody(campaign, act, told, alice):
    assert told(act(Verb.CREATED, campaign, by=alice, campaign_id=campaign.id)) == (None, [])


# One person's list ----------------------------------------------------------------------------------------------------


@pytest.fixture
def notify(session, act, debriefed, alice, now):
    """Write a notice of a changed date for each of these people."""

    def write(*people, of=debriefed, verb=Verb.EXTENDED, kind=NoticeKind.PROMISE_CHANGED, at=now, **facts):
        activity = act(verb, of, by=alice, campaign_id=debriefed.id, **facts)
        written = write_notices(session, activity, kind, [person.id for person in people], now=at)
        session.commit()
        return activity, written

    return write


def test_a_person_reads_their_own_notices_newest_first(session, notify, charlie, bob, now):
    notify(charlie, bob)
    second, written = notify(charlie)
    assert told_of(session, second.id) == {charlie.id}
    page = notice_page(session, charlie, number=1, now=now)
    assert (page.total, page.unread, page.newest) == (2, 2, written[charlie.id])
    assert [notice.activity_id for notice in page.notices] == [second.id, second.id - 1]
    assert notice_page(session, charlie, number=99, now=now, size=1).number == 2


def test_a_notice_that_is_due_later_is_not_shown_yet(session, notify, charlie, now):
    notify(charlie, at=now + timedelta(hours=1))
    assert notice_page(session, charlie, number=1, now=now).total == 0
    assert notice_page(session, charlie, number=1, now=now + timedelta(hours=1)).total == 1


def test_marking_as_read_concerns_ones_own_notices_as_shown(session, notify, charlie, bob, now):
    _, first = notify(charlie, bob)
    _, second = notify(charlie)
    notify(charlie)
    mark_read(session, charlie, now=now, only=first[bob.id])
    assert notice_page(session, bob, number=1, now=now).unread == 1
    mark_read(session, charlie, now=now, only=first[charlie.id])
    assert notice_page(session, charlie, number=1, now=now).unread == 2
    mark_read(session, charlie, now=now, until=second[charlie.id])
    assert notice_page(session, charlie, number=1, now=now).unread == 1
    assert notice_page(session, bob, number=1, now=now).unread == 1


def test_details_take_the_same_number_of_queries_for_many_notices(
    session, debriefed, decision, crowd, notify, count_queries, charlie, bob, alice, now
):
    action = commit_to(session, decision, title="Ship it", impact="", owner=bob, due_on=now.date(), by=bob, now=now)
    placement = session.get_one(Placement, crowd.id)

    def write_some():
        notify(charlie, of=decision, verb=Verb.CHANGED, kind=NoticeKind.ANSWER_CHANGED, reason="Cheaper.")
        notify(charlie, of=action, verb=Verb.COMPLETED, kind=NoticeKind.ACTION_DONE)
        moved = {"ideas": [crowd.id], "theme_id": decision.theme_id}
        notify(charlie, of=placement, verb=Verb.MOVED, kind=NoticeKind.IDEA_MOVED, after=moved)

    def read():
        session.expire_all()
        page = notice_page(session, charlie, number=1, now=now)
        return details(session, page.notices)

    write_some()
    few = count_queries(read)
    for _ in range(5):
        write_some()
    assert count_queries(read) == few
    moved, done, changed = read()[:3]
    assert (moved.theme, moved.ideas) == ("Fewer clicks", [crowd.id])
    assert done.action == "Ship it"
    assert (changed.theme, changed.reason, changed.campaign) == ("Fewer clicks", "Cheaper.", debriefed.title)


def test_a_comment_tells_each_person_once_by_what_concerns_them_most(
    session, idea, latest, told_each, alice, bob, charlie, make_person, now
):
    dora = make_person("Dora")
    question = add_comment(session, idea, author=dora, body="When?", is_question=True, now=now)
    asked = {NoticeKind.QUESTION_ASKED: ["Alice", "Bob"], NoticeKind.IDEA_COMMENTED: ["Charlie"]}
    assert told_each(latest()) == asked
    add_comment(session, idea, author=alice, body="In spring.", reply_to=question, now=now)
    answered = latest()
    assert told_each(answered) == {NoticeKind.COMMENT_REPLY: ["Dora"], NoticeKind.IDEA_COMMENTED: ["Charlie"]}
    add_comment(session, idea, author=dora, body="Thank you!", reply_to=question, now=now)
    assert told_each(latest()) == {NoticeKind.IDEA_COMMENTED: ["Charlie"]}
    thanks = add_comment(session, idea, author=bob, body="@Dora and @Charlie: welcome.", reply_to=question, now=now)
    assert told_each(latest()) == {NoticeKind.MENTIONED: ["Charlie", "Dora"]}
    revise_comment(session, thanks, by=bob, body="@Dora and @Alice: welcome.", now=now)
    assert told_each(latest()) == {NoticeKind.MENTIONED: ["Alice"]}
    write_notices(session, answered, NoticeKind.COMMENT_REPLY, [dora.id], now=now)
    [shown] = details(session, notice_page(session, dora, number=1, now=now).notices)
    assert (shown.comment.writer, shown.comment.quote, shown.comment.is_answer) == ("Alice", "In spring.", True)


def test_a_notice_says_what_its_own_comment_says_to_those_who_see_the_campaign(
    session, idea, campaign, latest, alice, bob, charlie, make_person, now
):
    """Of a review and a comment with the same number, each notice says its own; to who left the campaign, nothing."""
    the_organisation(session).blocked_words = "drat"
    dora = make_person("Dora")
    first = add_comment(session, idea, author=bob, body="@Dora: soon.", now=now)
    added = latest()
    held = add_comment(session, idea, author=charlie, body="@Dora: drat.", now=now)
    review = review_of(session, ObjectKind.COMMENT, held.id, campaign.id)
    review.id = first.id
    session.flush()
    restore(session, review, by=alice, now=now)
    for activity in (latest(), added):
        write_notices(session, activity, NoticeKind.MENTIONED, [dora.id], now=now)
    session.commit()

    def said():
        session.expire_all()
        shown = details(session, notice_page(session, dora, number=1, now=now).notices)
        return [(one.comment.writer, one.comment.quote, one.campaign) for one in shown]

    title = campaign.title
    assert said() == [("Bob", "@Dora: soon.", title), ("Charlie", "@Dora: drat.", title)]
    campaign.audience = Audience.SPACES
    session.commit()
    assert said() == [("", "", ""), ("", "", "")]


def test_a_comment_that_waits_for_a_moderator_is_told_once_it_is_public(
    session, idea, latest, told_each, alice, bob, make_person, now
):
    """However it becomes public: it is approved, or given other words, or its author changes it; and then no more."""
    the_organisation(session).blocked_words = "drat"
    dora = make_person("Dora")
    told = {NoticeKind.QUESTION_ASKED: ["Alice"], NoticeKind.IDEA_COMMENTED: ["Charlie"]}
    facts = {"by": bob, "now": now}

    def ask():
        question = add_comment(session, idea, author=dora, body="Drat, when?", is_question=True, now=now)
        assert told_each(latest()) == {NoticeKind.MODERATION_WAITING: ["Alice", "Bob"]}
        added = select(Activity).where(Activity.object_kind == "comment").order_by(Activity.id.desc()).limit(1)
        assert told_each(session.scalars(added).one()) == {}
        return question, review_of(session, ObjectKind.COMMENT, question.id, idea.campaign_id)

    question, review = ask()
    restore(session, review, **facts)
    approved = latest()
    assert told_each(approved) == {NoticeKind.TEXT_MODERATED: ["Dora"], **told}
    write_notices(session, approved, NoticeKind.QUESTION_ASKED, [alice.id], now=now)
    assert told_each(approved)[NoticeKind.IDEA_COMMENTED] == ["Charlie"]  # of one act, kind by kind
    for hidden in (Withheld.WAITING, Withheld.HIDDEN):
        question.withheld = hidden
        restore(session, review, **facts)
        assert told_each(latest()) == {NoticeKind.TEXT_MODERATED: ["Dora"]}

    _question, review = ask()
    reword(session, review, body="When?", reason=Reason.WRONG, **facts)
    assert told_each(latest()) == {NoticeKind.TEXT_MODERATED: ["Dora"], **told}

    question, review = ask()
    ask_to_change(session, review, reason=Reason.WRONG, span="Drat", **facts)
    assert told_each(latest()) == {NoticeKind.TEXT_MODERATED: ["Dora"]}
    send_changed(session, question, body="When, @Bob?", by=dora, now=now)
    told = {NoticeKind.MENTIONED: ["Bob"], NoticeKind.QUESTION_ASKED: ["Alice"], NoticeKind.IDEA_COMMENTED: ["Charlie"]}
    assert told_each(latest()) == told
