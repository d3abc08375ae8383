"""A level follows from what a person did, and what it gives holds while they have it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.version import ChangedMeanwhile
from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.campaigns.promise import AlreadyAnnounced
from ideas.contributions.authors.inviting import accept_invitation, invite_co_author
from ideas.contributions.comment import add_comment
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import Idea
from ideas.contributions.vote import NoSupportLeft, cast_vote, supports_left
from ideas.moderation.review import hide, restore, review_for
from ideas.organisation.organisation import the_organisation
from ideas.people.person import Motivation
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.personal_data.personal_data import keeping
from ideas.recognition.early_brief import early_briefs, show_early
from ideas.recognition.facts import PointAct
from ideas.recognition.level import (
    Level,
    LevelOutOfRange,
    LevelRule,
    LevelsOutOfOrder,
    is_trusted,
    level_of,
    level_rules,
    more_supports,
    set_levels,
)
from ideas.recognition.settings import set_motivation
from ideas.spaces.audience import Audience

RULES = {
    Level.REGULAR: LevelRule(20, supports=1, reads_early=True),
    Level.TRUSTED: LevelRule(30, supports=2, reads_early=True, is_not_held=True),
}


@pytest.fixture
def rules(session, alice, now):
    """One more idea to support for regular members, two for trusted ones, whose texts are not held."""
    set_levels(session, RULES, by=alice, now=now)
    the_organisation(session).blocked_words = "miracle"
    session.commit()


@pytest.fixture
def writer(campaign, make_person, make_ideas, now, session):
    """Rose, here for two months, with three ideas."""
    person = make_person("Rose")
    person.created_at = now - timedelta(days=60)
    make_ideas(campaign, person, [{"body": f"Idea {place}"} for place in range(3)])
    return person


def test_a_level_follows_from_acts_in_all_campaigns_whatever_a_campaign_gives(
    session, campaign, make_campaign, make_ideas, writer, alice, bob, charlie, now, rules
):
    assert level_of(session, charlie, now=now).level is Level.MEMBER
    assert level_of(session, charlie, now=now).next == (Level.REGULAR, 20)
    set_motivation(session, campaign, values={PointAct.IDEA: 1000}, has_standings=True, by=alice, now=now,
                   change_reason="A prize")  # fmt: skip
    ideas = make_ideas(campaign, charlie, [{"body": "One"}])
    assert level_of(session, charlie, now=now).level is Level.MEMBER, "a campaign that gives more makes nobody regular"
    make_ideas(make_campaign(), charlie, [{"body": "Two"}])
    assert level_of(session, charlie, now=now).level is Level.REGULAR
    ideas[0].withdrawn_at = now
    session.flush()
    assert level_of(session, charlie, now=now).level is Level.MEMBER
    assert level_of(session, bob, now=now).points == 0, "the team takes no part"
    trusted = level_of(session, writer, now=now)
    assert (trusted.level, trusted.points, trusted.next, trusted.rule) == (
        Level.TRUSTED,
        30,
        None,
        RULES[trusted.level],
    )
    writer.motivation = Motivation.OFF
    assert level_of(session, writer, now=now) is None
    assert not is_trusted(session, writer, now=now)
    assert more_supports(session, campaign, writer, now=now) == 0


def test_trust_needs_time_and_no_broken_rule(session, campaign, writer, alice, make_person, now, rules):
    def kept_back():
        found = level_of(session, writer, now=now)
        assert found.level is (Level.REGULAR if found.kept_back else Level.TRUSTED)
        return found.kept_back

    assert not kept_back()
    writer.created_at = now - timedelta(days=29)
    assert kept_back()
    writer.created_at = now - timedelta(days=31)
    ideas = session.scalars(select(Idea).where(Idea.author_id == writer.id).order_by(Idea.id)).all()
    review = review_for(session, campaign, ideas[0], by=alice, now=now)
    hide(session, review, reason=Reason.INSULT, note="", by=alice, now=now)
    for number in range(5):  # which make up for the points of the hidden idea
        add_comment(session, ideas[1], author=writer, body=f"And {number}", now=now)
    assert kept_back()
    restore(session, review, by=alice, now=now)
    assert not kept_back()
    admin = make_person("Ada", is_admin=True)
    warning = give_sanction(session, writer, SanctionKind.WARNING, reason=Reason.INSULT, quote="", words="", by=admin,
                            now=now)  # fmt: skip
    session.flush()
    assert kept_back()
    warning.lifted_at = now
    session.flush()
    assert not kept_back()


def test_a_hidden_idea_of_others_does_not_keep_trust_back(
    session, campaign, writer, alice, bob, charlie, make_ideas, now, rules
):
    """Nor one that others wrote together."""
    [idea] = make_ideas(campaign, bob, [{"body": "Hidden"}])
    invite_co_author(session, idea, named=charlie.email, by=bob, now=now)
    accept_invitation(session, idea, by=charlie, now=now)
    session.flush()
    hide(session, review_for(session, campaign, idea, by=alice, now=now), reason=Reason.INSULT, note="", by=alice,
         now=now)  # fmt: skip
    session.flush()
    assert not level_of(session, writer, now=now).kept_back


def test_what_a_level_gives_holds_in_the_acts_themselves(
    session, campaign, writer, bob, charlie, make_ideas, now, rules
):
    """Support beyond the limit, and texts that no blocked word holds; personal data are held from everyone."""
    campaign.supports_each = 1
    session.commit()
    others = make_ideas(campaign, bob, [{"body": f"Other {number}"} for number in range(4)])
    more = more_supports(session, campaign, writer, now=now)
    assert more == 2
    for idea in others[:3]:
        cast_vote(session, idea, by=writer, now=now, more=more)
    assert supports_left(session, campaign, writer, more=more) == 0
    with pytest.raises(NoSupportLeft):
        cast_vote(session, others[3], by=writer, now=now, more=more)
    cast_vote(session, others[0], by=charlie, now=now, more=more_supports(session, campaign, charlie, now=now))
    assert supports_left(session, campaign, charlie) == 0

    def held(author, body):
        trusted = is_trusted(session, author, now=now)
        idea = submit_idea(session, campaign, author=author, title="", body=body, now=now, is_trusted=trusted,
                           kept=keeping(["", body], health=False))  # fmt: skip
        comment = add_comment(session, others[3], author=author, body=body, now=now, is_trusted=trusted,
                              kept=keeping([body], health=False))  # fmt: skip
        assert (idea.withheld is None) == (comment.withheld is None)
        return idea.withheld is not None

    assert held(charlie, "A miracle, please")
    assert not held(writer, "A miracle, please")
    campaign.is_strict = True
    session.commit()
    assert held(writer, "Write to rose.ndiaye@example.com")


def test_levels_are_set_within_bounds_and_in_order(session, alice, now, rules):
    seen = the_organisation(session).version
    for wrong in (LevelRule(0), LevelRule(20, supports=21)):
        with pytest.raises(LevelOutOfRange):
            set_levels(session, RULES | {Level.REGULAR: wrong}, by=alice, now=now)
    with pytest.raises(LevelsOutOfOrder):
        set_levels(session, RULES | {Level.REGULAR: LevelRule(30)}, by=alice, now=now)
    set_levels(session, RULES | {Level.REGULAR: LevelRule(25)}, by=alice, now=now, seen=seen)
    assert level_rules(the_organisation(session))[Level.REGULAR] == LevelRule(25)
    with pytest.raises(ChangedMeanwhile):
        set_levels(session, RULES, by=alice, now=now, seen=seen)


def test_a_brief_is_shown_early_to_a_level_within_the_audience(
    session, campaign, draft_campaign, writer, alice, charlie, now, rules
):
    assert early_briefs(session, writer, now=now) == []
    show_early(session, draft_campaign, is_shown=True, by=alice, now=now)
    assert early_briefs(session, writer, now=now) == [draft_campaign]
    assert early_briefs(session, charlie, now=now) == []
    choose_audience(session, draft_campaign, choice=AudienceChoice(Stage(Audience.INVITED)), by=alice, now=now)
    assert early_briefs(session, writer, now=now) == [], "whoever will not find the campaign reads nothing of it"
    with pytest.raises(AlreadyAnnounced):
        show_early(session, campaign, is_shown=True, by=alice, now=now)
