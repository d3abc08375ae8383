import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.activity.version import Version
from ideas.answers.action import MAX_TITLE_LENGTH, abandon_action, commit_to
from ideas.answers.actions.evidence import Evidence, EvidenceFile
from ideas.answers.actions.milestone import Milestone
from ideas.answers.debriefs.debrief import write_debrief
from ideas.answers.debriefs.quotes import Unquotable, withheld_texts, without_withheld
from ideas.answers.template import add_template
from ideas.contributions.comment import add_comment
from ideas.contributions.talk.clarification import answer_clarification, ask_author, take_off
from ideas.files import File, Purpose
from ideas.moderation.acts.reword import reword
from ideas.moderation.review import hide, restore, review_for
from ideas.people.sanction import Reason
from ideas.privacy.quotations import erase_quotations

HIDDEN = [Unquotable("fewerclicksoneclicktoconfirmtheappointment")]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("Before\n\n> One click to confirm…\n\nAfter", "Before\n\n> *gone*\n\nAfter"),
        ("> One *click*\n> to confirm the\n> appointment", "> *gone*\n"),
        ("She said «\u202fone click to confirm\u202f» and left.", "She said [gone] and left."),
        ("“One click to confirm”", "[gone]"),
        ("> Fewer clicks. One click to confirm the appointment. Really.", "> *gone*\n"),
        ("> One click", "> One click"),
        ("> Something else entirely", "> Something else entirely"),
        ("One click to confirm the appointment, they asked.", "One click to confirm the appointment, they asked."),
    ],
)
def test_a_quotation_of_a_hidden_text_is_replaced(body, shown):
    assert without_withheld(body, HIDDEN, instead="gone") == shown


def test_nothing_changes_where_nothing_is_hidden():
    assert without_withheld("> One click to confirm", [], instead="gone") == "> One click to confirm"


def test_hidden_ideas_and_comments_are_compared_and_restored_ones_are_not(session, campaign, idea, alice, bob, now):
    comment = add_comment(session, idea, author=alice, body="This is a long comment", now=now)
    for row in (idea, comment):
        hide(
            session,
            review_for(session, campaign, row, by=bob if row is comment else alice, now=now),
            reason=Reason.INSULT,
            by=bob,
            now=now,
        )
    both = {Unquotable("fewerclicksoneclicktoconfirm"), Unquotable("thisisalongcomment")}
    assert set(withheld_texts(session, campaign)) == both
    restore(session, review_for(session, campaign, idea, by=bob, now=now), by=bob, now=now)
    assert withheld_texts(session, campaign) == [Unquotable("thisisalongcomment")]


def test_an_answer_that_moderators_took_off_the_page_is_quoted_no_more_and_erased(
    session, campaign, idea, alice, bob, charlie, now
):
    asked = ask_author(session, idea, question="Which door?", by=alice, now=now)
    answer_clarification(session, asked, answer="The door of room twelve", shown=True, by=charlie, now=now)
    assert withheld_texts(session, campaign) == []
    take_off(session, asked, reason="It names a room.", by=bob, now=now)
    [withheld] = withheld_texts(session, campaign)
    assert withheld.text == "thedoorofroomtwelve"
    debrief = write_debrief(session, campaign, body="“The door of room twelve”", by=alice, now=now)
    erase_quotations(session, [], [], [asked], instead="erased")
    assert debrief.body == "[erased]"


def test_what_answers_and_actions_quote_of_a_person_is_erased_with_their_texts(
    session, closed_campaign, make_idea, make_theme, give_answer, alice, bob, charlie, now
):
    idea = make_idea(closed_campaign, charlie, "Sunday buses to the lake, please.")
    quote = "“Sunday buses to the lake, please.”"
    decision = give_answer(make_theme(closed_campaign, ideas=[idea]))
    decision.community_impact = quote
    decision.published_at = now
    facts = {"impact": quote, "owner": bob, "due_on": now.date(), "by": bob, "now": now}
    action = commit_to(session, decision, title=f"Run {quote}", **facts)
    abandon_action(session, action, reason=f"No driver for {quote}", by=bob, now=now)
    long = "x" * (MAX_TITLE_LENGTH - len(quote)) + quote
    other = commit_to(session, decision, title=long, **facts)
    other.published_at = now
    milestone = Milestone(action=other, title=f"Order {quote}", due_on=now.date(), created_at=now)
    evidence = Evidence(action_id=other.id, body=f"Done: {quote}", added_by_id=bob.id, created_at=now)
    session.add_all([milestone, evidence])
    session.flush()
    facts = {"name": "v.webp", "media_type": "image/webp", "size": 1, "digest": "", "uploaded_by_id": bob.id}
    file = File(purpose=Purpose.EVIDENCE, stored_as="v", created_at=now, **facts)
    photo = EvidenceFile(file=file, evidence_id=evidence.id, alternative=f"A bus: {quote}", removed_reason=quote)
    session.add(photo)
    words = {"name": quote, "body": f"As {quote}", "by": bob, "now": now}
    kept = [add_template(session, of, **words) for of in (closed_campaign, None)]
    session.commit()
    redacted = erase_quotations(session, [idea], [], instead="the text of a former member, erased at their request")
    session.flush()
    session.expire_all()
    log = session.scalars(select(Activity).where(Activity.object_kind != "idea")).all()
    assert {act.id for act in log if act.is_redacted} == redacted
    assert {act.object_kind for act in log if act.is_redacted} == {"action", "answer_template"}
    assert not [act for act in log if "Sunday" in f"{act.reason} {act.before} {act.after}"]
    assert not [one for one in kept if "Sunday" in one.name + one.body]
    assert "Sunday" not in photo.alternative + photo.removed_reason
    said = [decision.community_impact, action.title, action.impact, action.abandoned_reason, other.title]
    said += [milestone.title, evidence.body]
    for version in session.scalars(select(Version).where(Version.object_kind == "action")):
        said += [version.reason, *map(str, version.content.values())]
    assert not [words for words in said if "Sunday" in words]
    assert "erased" in action.title
    assert len(other.title) == MAX_TITLE_LENGTH


def test_words_that_moderators_took_out_are_not_quoted_and_those_that_stay_are(
    session, campaign, idea, alice, bob, make_idea, charlie, now
):
    named = make_idea(campaign, charlie, "The lifts stop at night. Mrs Durand of room twelve fell in the stairs.")
    comment = add_comment(session, idea, author=alice, body="Only idiots would do this at night", now=now)
    for row, body in ((named, "The lifts stop at night. Somebody fell."), (comment, "Not at night, I think")):
        reword(
            session,
            review_for(session, campaign, row, by=bob, now=now),
            body=body,
            reason=Reason.INSULT,
            by=bob,
            now=now,
        )
    session.commit()
    debrief = "> Mrs Durand of room twelve fell\n\n“The lifts stop at night” and “only idiots would do this”"
    assert without_withheld(debrief, withheld_texts(session, campaign), instead="gone") == (
        "> *gone*\n\n“The lifts stop at night” and [gone]"
    )
