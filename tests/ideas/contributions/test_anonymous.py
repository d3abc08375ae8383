"""Ideas that are sent without the name of their author: whoever reads, counts or logs ideas does not learn it."""

import json

import pytest
from sqlalchemy import func, select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import versions_of
from ideas.answers.debriefs.figures import contributor_ids, figures
from ideas.campaigns.health import set_allows_anonymous
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.authors.co_author import CoAuthor
from ideas.contributions.authors.inviting import accept_invitation, invite_co_author
from ideas.contributions.comment import Comment, add_comment
from ideas.contributions.draft import (
    DraftChangedMeanwhile,
    NotAnonymously,
    SubmittedWithName,
    save_draft,
    submit_idea,
)
from ideas.contributions.idea import Idea, ideas_of, restore_idea, revise_idea, withdraw_idea
from ideas.contributions.imports.undo import may_be_undone
from ideas.contributions.talk.mention import offered_names
from ideas.contributions.vote import OwnIdea, cast_vote, responses
from ideas.errors import NotAllowed
from ideas.exports.rows import Authors, ideas_rows
from ideas.moderation.acts.change import send_without
from ideas.moderation.acts.merge import AnonymousToAsk, merge_ideas, propose_merge
from ideas.moderation.acts.reveal import NotAnonymous, is_revealed, reveal_author, revealed_author, sign_idea
from ideas.moderation.acts.split import split_idea
from ideas.moderation.log import log_of
from ideas.moderation.report import OwnText, report
from ideas.moderation.review import ask_to_change, hide, review_for
from ideas.moderation.sanctions import takes_part
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rules_for
from ideas.people.sanction import Reason
from ideas.privacy.erase import Words, erase
from ideas.privacy.erasure import Contents, ask_to_erase
from ideas.recognition.facts import PointAct, Scope, facts
from ideas.recognition.points import points_of
from ideas.recognition.standing import Board, campaign_standing
from ideas.spaces.audience import Audience

KEY = "a" * 20


@pytest.fixture
def dora(make_person):
    return make_person("Dora Lind")


@pytest.fixture
def send(session, campaign, dora, now):
    """Send an anonymous idea of Dora's."""
    campaign.allows_anonymous = True

    def act(body="Two clicks, not five. Then a third one.", **facts):
        idea = submit_idea(session, campaign, author=dora, title="", body=body, now=now, is_anonymous=True, **facts)
        session.commit()
        return idea

    return act


def test_a_campaign_allows_it_or_the_text_stays_a_draft(session, campaign, alice, dora, now):
    sent = {"author": dora, "title": "", "body": "Two clicks.", "now": now, "is_anonymous": True}
    draft = save_draft(session, campaign, **sent)
    assert (draft.author, draft.is_anonymous) == (dora, True)
    with pytest.raises(NotAnonymously):
        submit_idea(session, campaign, draft=draft, **sent)
    set_allows_anonymous(session, campaign, allows_anonymous=True, by=alice, now=now)
    idea = submit_idea(session, campaign, draft=draft, **sent)
    session.flush()
    assert (idea.id, idea.author_id, idea.is_anonymous) == (draft.id, None, True)


def test_the_same_form_sent_twice_sends_one_idea(session, send):
    first = send(form_key=KEY)
    assert send(form_key=KEY) is first
    assert session.scalar(select(func.count(Idea.id))) == 1


def test_another_tab_adds_no_name_to_a_draft_and_a_published_name_is_told(session, campaign, send, dora, now):
    text = {"author": dora, "title": "", "body": "One click.", "now": now}
    draft = save_draft(session, campaign, **text, seen=0, writer=7, is_anonymous=True)
    for act in (save_draft, submit_idea):
        with pytest.raises(DraftChangedMeanwhile):
            act(session, campaign, draft=draft, **text, seen=0, writer=8)
    save_draft(session, campaign, draft=draft, **text, seen=7, writer=8)  # this form has shown the mark
    assert not draft.is_anonymous
    idea = submit_idea(session, campaign, draft=draft, **text)
    with pytest.raises(SubmittedWithName):
        submit_idea(session, campaign, draft=idea, **text, is_anonymous=True)


def test_the_author_keeps_every_right_and_no_row_but_one_names_them(session, send, dora, charlie, alice, bob, now):
    idea = send()
    for person in (charlie, alice):
        with pytest.raises(NotAllowed):
            revise_idea(session, idea, by=person, title="", body="Mine.", now=now)
    revise_idea(session, idea, by=dora, title="", body="One click.", now=now)
    withdraw_idea(session, idea, by=dora, now=now)
    restore_idea(session, idea, by=dora, now=now)
    assert ideas_of(session, dora) == [idea]
    assert not may_be_undone(idea)
    with pytest.raises(OwnIdea):
        cast_vote(session, idea, by=dora, now=now)
    assert responses(session, [idea], reader=dora)[idea.id].own
    with pytest.raises(OwnText):
        report(session, idea.campaign, idea, reason=Reason.INSULT, note="", by=dora, now=now)
    made = report(session, idea.campaign, idea, reason=Reason.INSULT, note="", by=charlie, now=now)
    session.commit()
    assert made.review.author_id is None
    assert {version.by_id for version in versions_of(session, "idea", idea.id)} == {None}
    acts = session.scalars(select(Activity).where(Activity.object_kind == "idea")).all()
    assert [act.verb for act in acts] == [Verb.SUBMITTED, Verb.CHANGED, Verb.WITHDRAWN, Verb.RESTORED]
    assert {act.actor_id for act in acts} == {None}
    assert session.scalars(select(AnonymousAuthor.person_id)).all() == [dora.id]


def test_neither_exports_nor_figures_nor_names_after_an_at_tell_the_author(
    session, send, campaign, dora, charlie, alice
):
    send()
    rows = [list(row) for row in ideas_rows(session, campaign, Authors(campaign.id, "key", named=True))]
    written = json.dumps(rows, default=str)
    assert "Dora" not in written
    assert Authors(campaign.id, "key", named=True).code(dora.id) not in written
    assert contributor_ids(session, campaign.id) == [dora.id]
    assert figures(session, campaign).without_author == 0
    campaign.audience = Audience.INVITED
    session.flush()
    assert offered_names(session, campaign, "Dora", by=alice) == []


def test_the_author_is_told_and_has_points_that_nobody_else_sees(session, send, campaign, dora, bob, charlie, now):
    idea = send()
    cast_vote(session, idea, by=charlie, now=now)
    add_comment(session, idea, author=bob, body="Gladly", now=now)
    session.commit()
    act = session.scalars(select(Activity).where(Activity.object_kind == "comment")).one()
    told = {person: rule.kind for rule in rules_for(act) for person in recipients(session, act, rule)}
    assert told[dora.id] == "idea_commented"
    assert [(line.act, line.number) for line in points_of(session, dora)[0].lines] == [
        ("idea", 1),
        ("support_received", 1),
    ]
    standing = campaign_standing(session, campaign, board=Board.ACTIVITY, since=None, now=now, reader=dora)
    assert "Dora" not in str(standing)
    assert points_of(session, charlie)[0].points == 1
    hide(session, review_for(session, campaign, idea, by=bob, now=now), reason=Reason.INSULT, by=bob, now=now)
    session.commit()
    act = session.scalars(select(Activity).where(Activity.verb == Verb.HIDDEN)).one()
    assert recipients(session, act, rules_for(act)[0]) == [dora.id]


def test_a_moderator_reads_the_name_by_a_logged_act_with_a_reason(session, send, campaign, dora, bob, alice, now):
    idea = send()
    assert revealed_author(session, idea, to=bob) is None
    assert not takes_part(session, campaign, dora, reader=bob)
    reveal_author(session, idea, by=bob, reason="A threat against a colleague.", now=now)
    session.commit()
    assert revealed_author(session, idea, to=bob) == dora
    assert revealed_author(session, idea, to=alice) is None
    assert is_revealed(session, campaign, dora, to=bob)
    assert takes_part(session, campaign, dora, reader=bob)
    assert not takes_part(session, campaign, dora, reader=alice)
    row = log_of(session, campaign)[-1]
    assert (row.verb, row.by_id, row.object_id, row.note) == (
        Verb.REVEALED,
        bob.id,
        idea.id,
        "A threat against a colleague.",
    )
    part = split_idea(session, idea, part="Then a third one.", by=bob, reason="Two asks.", now=now)
    assert (part.author, part.is_anonymous, part.anonymous_author.person_id) == (None, True, dora.id)


def test_an_erasure_takes_the_text_or_only_the_row_that_names_the_author(session, send, idea, dora, charlie, now):
    hidden = send("I am Dora and I work at night.")
    invite_co_author(session, idea, named=dora.email, by=charlie, now=now)
    accept_invitation(session, idea, by=dora, now=now)
    case = report(session, hidden.campaign, hidden, reason=Reason.INSULT, note="", by=charlie, now=now).review
    asked = ask_to_erase(session, dora, contents=Contents.DELETE, by=dora, now=now)
    session.commit()
    erase(session, asked, words=Words(name="Former member", text="Erased."), now=now)
    session.commit()
    assert (hidden.body, idea.body, case.text) == ("Erased.", "One click to confirm.", "")
    assert session.scalars(select(AnonymousAuthor)).all() == []
    assert session.scalars(select(CoAuthor)).all() == []


def test_an_erasure_that_keeps_texts_takes_the_name_out_of_anonymous_ones(session, send, dora, bob, charlie, now):
    hidden = send("Dora Lind, at night.")
    add_comment(session, hidden, author=bob, body="I know Dora Lind.", now=now)
    case = report(session, hidden.campaign, hidden, reason=Reason.INSULT, note="", by=charlie, now=now).review
    asked = ask_to_erase(session, dora, contents=Contents.ANONYMISE, by=dora, now=now)
    session.commit()
    erase(session, asked, words=Words(name="Former member", text="Erased."), now=now)
    session.commit()
    said = [hidden.body, *session.scalars(select(Comment.body)), case.text]
    assert said == ["Former member, at night.", "I know Former member.", ""]
    assert session.scalars(select(AnonymousAuthor)).all() == []


def test_a_change_that_a_moderator_asked_for_is_logged_as_anonymous(session, send, campaign, dora, bob, now):
    idea = send()
    review = review_for(session, campaign, idea, by=bob, now=now)
    ask_to_change(session, review, reason=Reason.WRONG, span="Then a third one.", by=bob, now=now)
    send_without(session, idea, by=dora, now=now)
    session.commit()
    found = select(Activity).where(Activity.object_kind == "idea", Activity.verb == Verb.CHANGED)
    act = session.scalars(found).one()
    assert (act.actor_id, act.after) == (None, {"is_anonymous": True})


def test_a_merge_changes_no_standing_of_the_author_and_their_own_page_counts_once(
    session, send, idea, campaign, dora, alice, now
):
    """A point that went with the merge would tell whose idea it is."""

    def given(*, unsigned=False):
        scope = Scope(campaign.id, people=dora.id, unsigned=unsigned)
        rows = session.execute(facts(scope, [PointAct.IDEA, PointAct.SUPPORT_GIVEN, PointAct.SUPPORT_RECEIVED]))
        return sorted((row.act, row.number) for row in rows)

    cast_vote(session, idea, by=dora, now=now)
    hidden, second = send(), send("The same, in other words.")
    assert given() == [("support_given", 1)]
    assert given(unsigned=True) == [("idea", 1), ("idea", 1), ("support_given", 1)]
    for part in (hidden, second):
        merge_ideas(session, part, into=idea, by=alice, reason="The same.", now=now)
    session.commit()
    assert given() == [("support_given", 1)]
    assert given(unsigned=True) == [("idea", 1)]


def test_an_author_may_show_their_name_and_nobody_else_may(session, send, campaign, idea, dora, charlie, now):
    hidden = send()
    with pytest.raises(AnonymousToAsk):
        propose_merge(session, idea, into=hidden, by=charlie, reason="The same.", now=now)
    with pytest.raises(NotAnonymous):
        sign_idea(session, hidden, by=charlie, now=now)
    case = report(session, campaign, hidden, reason=Reason.INSULT, note="", by=charlie, now=now).review
    sign_idea(session, hidden, by=dora, now=now)
    session.commit()
    assert case.author == dora
    assert (hidden.author, hidden.is_anonymous, hidden.anonymous_author) == (dora, False, None)
    assert session.scalars(select(AnonymousAuthor)).all() == []
