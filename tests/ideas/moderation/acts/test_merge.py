"""Merging ideas: what the whole counts, what comes back, who may, and what is refused."""

import copy
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ReasonNeeded
from ideas.answers.debriefs.figures import figures
from ideas.answers.idea_list import list_ideas
from ideas.contributions.comment import Comment, add_comment, comment_counts
from ideas.contributions.idea import IdeaMerged, restore_idea, revise_idea, search_ideas, withdraw_idea
from ideas.contributions.imports.undo import withdraw_imported
from ideas.contributions.merged import IdeaMerge, MergeState
from ideas.contributions.vote import (
    Emotion,
    OwnIdea,
    Reaction,
    Vote,
    cast_vote,
    react,
    responses,
    supports_left,
    withdraw_vote,
)
from ideas.errors import NotAllowed
from ideas.moderation.acts.merge import (
    AlreadyMergedInto,
    AlreadyProposed,
    MergedMeanwhile,
    MergingClosed,
    NoAuthorToAsk,
    NotPublic,
    OtherCampaign,
    ProposalAnswered,
    SameIdea,
    SeparatedMeanwhile,
    accept_merge,
    decline_merge,
    leave_merge,
    merge_ideas,
    merges_on,
    propose_merge,
    separate,
)
from ideas.moderation.review import hide, review_for
from ideas.people.sanction import Reason
from ideas.search import read_query
from ideas.themes.card import theme_cards
from ideas.themes.passage import Passage
from tests.threads import shown_on

SAME = "They say the same."


@pytest.fixture
def merge(session, alice, now):
    def do(idea, into, **facts):
        made = merge_ideas(session, idea, **{"into": into, "by": alice, "reason": SAME, "now": now} | facts)
        session.commit()
        return made

    return do


@pytest.fixture
def dana(make_person):
    return make_person("Dana")


@pytest.fixture
def pair(make_idea, campaign, charlie, dana):
    """Charlie's idea, and Dana's that says the same."""
    return make_idea(campaign, charlie, "One click to confirm."), make_idea(campaign, dana, "Confirm with a click.")


def test_a_merged_idea_counts_once_with_its_supporters_comments_and_people(
    session, campaign, make_person, make_theme, pair, merge, now
):
    kept, other = pair
    one, two, three = make_person("One"), make_person("Two"), make_person("Three")
    theme, elsewhere = make_theme(campaign, ideas=[kept]), make_theme(campaign, "Elsewhere", ideas=[other])
    for person, idea in ((one, kept), (one, other), (two, other), (three, kept)):
        cast_vote(session, idea, by=person, now=now)
    react(session, kept, by=one, emotion=Emotion.JOY, now=now)
    react(session, other, by=one, emotion=Emotion.ANGER, now=now)
    react(session, other, by=two, emotion=Emotion.HOPE, now=now)
    add_comment(session, other, author=two, body="Gladly", now=now)
    session.commit()
    people = figures(session, campaign).people
    merge(other, kept)

    whole = responses(session, [kept], reader=two)[kept.id]
    assert (whole.votes, whole.supported, whole.emotion) == (3, True, Emotion.HOPE)
    assert whole.emotions == {Emotion.JOY: 1, Emotion.HOPE: 1}
    assert [comment.body for comment in shown_on(session, kept)] == ["Gladly"]
    assert comment_counts(session, [kept]) == {kept.id: 1}
    counted = figures(session, campaign)
    assert (counted.ideas, counted.votes, counted.comments, counted.people) == (1, 3, 1, people)
    cards = {card.theme.id: card for card in theme_cards(session, campaign)}
    assert (cards[theme.id].size, cards[theme.id].people, cards[theme.id].support) == (1, 2, 3)
    assert cards[theme.id].emotions == {Emotion.JOY: 1, Emotion.HOPE: 1}
    assert cards[elsewhere.id].size == 0
    assert [idea.id for idea in list_ideas(session, campaign, reader=None).ideas] == [kept.id]
    assert search_ideas(session, campaign, read_query("click")).rows == [kept]
    [part] = merges_on(session, kept, reader=None).parts
    assert (part.idea, part.merge.reason) == (other, SAME)

    separate(session, part.merge, by=kept.author, now=now)
    assert {found.votes for found in responses(session, pair, reader=None).values()} == {2}
    assert [card.size for card in theme_cards(session, campaign)] == [1, 1]


def test_a_theme_in_which_the_kept_idea_counts_by_a_passage_has_what_is_merged_into_it(
    session, campaign, make_person, make_theme, pair, merge, now
):
    kept, other = pair
    one = make_person("One")
    make_theme(campaign, ideas=[kept])
    guest_of = make_theme(campaign, "Guests", bodies=["Else"], author=make_person("Eve"))
    session.add(Passage(idea_id=kept.id, theme_id=guest_of.id, start=0, end=3, strength=1, version=kept.version))
    cast_vote(session, other, by=one, now=now)
    react(session, other, by=one, emotion=Emotion.HOPE, now=now)
    merge(other, kept)
    card = next(card for card in theme_cards(session, campaign) if card.theme.id == guest_of.id)
    assert (card.size, card.main, card.people, card.support, card.emotions) == (2, 1, 3, 1, {Emotion.HOPE: 1})


def test_what_is_given_to_a_merged_idea_goes_to_the_kept_one_and_no_author_supports_it(
    session, charlie, dana, make_person, pair, merge, now
):
    kept, other = pair
    merge(other, kept)
    eve = make_person("Eve")
    cast_vote(session, other, by=eve, now=now)
    cast_vote(session, kept, by=eve, now=now)
    add_comment(session, other, author=eve, body="Yes", now=now)
    assert [vote.idea_id for vote in session.scalars(select(Vote))] == [kept.id]
    assert [comment.idea_id for comment in session.scalars(select(Comment))] == [kept.id]
    for author in (charlie, dana):
        with pytest.raises(OwnIdea):
            cast_vote(session, kept, by=author, now=now)
        assert responses(session, [kept], reader=author)[kept.id].own
    with pytest.raises(IdeaMerged):
        revise_idea(session, other, by=dana, title="", body="Something else.", now=now)


def test_support_for_what_became_partly_ones_own_idea_is_taken_back(session, campaign, dana, pair, merge, now):
    kept, other = pair
    campaign.supports_each = 1
    cast_vote(session, kept, by=dana, now=now)
    merge(other, kept)
    assert supports_left(session, campaign, dana) == 0
    withdraw_vote(session, kept, by=dana, now=now)
    assert supports_left(session, campaign, dana) == 1


def test_ideas_merged_one_after_the_other_count_in_the_last_and_come_back_as_they_were(
    session, campaign, make_idea, bob, charlie, alice, merge, now
):
    first, second, third = (make_idea(campaign, person, person.name) for person in (bob, charlie, alice))
    merge(first, second)
    upper = merge(second, third)
    assert [idea.merged_into_id for idea in (first, second, third)] == [third.id, third.id, None]
    separate(session, upper, by=bob, now=now)
    assert [idea.merged_into_id for idea in (first, second, third)] == [second.id, None, None]
    assert not merges_on(session, third, reader=None).parts


def test_each_refusal_has_its_sentence(
    session, campaign, make_campaign, make_idea, alice, charlie, dana, pair, merge, now
):
    kept, other = pair
    facts = {"by": alice, "now": now}
    with pytest.raises(SameIdea):
        merge_ideas(session, kept, into=kept, reason=SAME, **facts)
    with pytest.raises(OtherCampaign):
        merge_ideas(session, kept, into=make_idea(make_campaign(), charlie, "There"), reason=SAME, **facts)
    with pytest.raises(ReasonNeeded):
        merge_ideas(session, other, into=kept, reason=" ", **facts)
    withdrawn = make_idea(campaign, charlie, "Gone", withdrawn_at=now)
    for one, into in ((withdrawn, kept), (kept, withdrawn)):
        with pytest.raises(NotPublic):
            merge_ideas(session, one, into=into, reason=SAME, **facts)
    third = make_idea(campaign, charlie, "Third")
    merged = merge(other, kept)
    with pytest.raises(AlreadyMergedInto, match=f"idea {kept.id}"):
        merge_ideas(session, third, into=other, reason=SAME, **facts)
    with pytest.raises(MergedMeanwhile, match="Alice has already merged"):
        merge_ideas(session, other, into=third, reason=SAME, **facts)
    with pytest.raises(NotAllowed):  # a moderator's merge is not the authors' to end
        leave_merge(session, merged, by=dana, now=now)
    separate(session, merged, by=alice, now=now)
    with pytest.raises(SeparatedMeanwhile, match="Alice"):
        separate(session, merged, by=alice, now=now)
    campaign.debriefed_at = now
    session.commit()
    with pytest.raises(MergingClosed):
        merge_ideas(session, other, into=kept, reason=SAME, **facts)


def test_an_author_proposes_and_the_other_agrees_or_refuses(session, make_idea, campaign, charlie, dana, pair, now):
    kept, other = pair
    propose = {"into": kept, "by": dana, "reason": SAME, "now": now}
    with pytest.raises(NotAllowed):
        propose_merge(session, other, **propose | {"by": charlie})
    with pytest.raises(NoAuthorToAsk):
        propose_merge(session, other, **propose | {"into": make_idea(campaign, None, "Imported")})
    made = propose_merge(session, other, **propose)
    with pytest.raises(AlreadyProposed):
        propose_merge(session, other, **propose)
    assert other.merged_into_id is None
    for reader, shown in ((charlie, 1), (dana, 1), (None, 0)):
        assert len(merges_on(session, kept, reader=reader).proposals) == shown
    with pytest.raises(NotAllowed):
        accept_merge(session, made, by=dana, now=now)
    decline_merge(session, made, by=charlie, now=now)
    with pytest.raises(ProposalAnswered):
        accept_merge(session, made, by=charlie, now=now)
    again = propose_merge(session, other, **propose)
    accept_merge(session, again, by=charlie, now=now)
    assert other.merged_into_id == kept.id
    leave_merge(session, again, by=dana, now=now)
    assert other.merged_into_id is None
    session.commit()
    of_merges = select(Activity.verb).where(Activity.object_kind == "idea_merge").order_by(Activity.id)
    assert session.scalars(of_merges).all() == [
        Verb.REQUESTED, Verb.DECLINED, Verb.REQUESTED, Verb.MERGED, Verb.UNDONE,
    ]  # fmt: skip


def test_what_stops_being_public_leaves_its_merges(
    session, campaign, make_idea, alice, charlie, dana, pair, merge, now
):
    kept, other = pair
    imported = make_idea(campaign, None, "From a file")
    merge(other, kept)
    merge(imported, kept)
    withdraw_idea(session, other, by=dana, now=now)
    assert (other.merged_into_id, other.withdrawn_at, imported.merged_into_id) == (None, now, kept.id)
    restore_idea(session, other, by=dana, now=now)
    assert other.is_public
    merge(other, kept)
    withdraw_imported(session, imported, by=alice, reason="Not ours", now=now)
    assert imported.merged_into_id is None
    review = review_for(session, campaign, kept, by=alice, now=now)
    hide(session, review, reason=Reason.INSULT, by=alice, now=now)
    assert (kept.is_public, other.is_public) == (False, True)
    assert session.scalars(select(IdeaMerge.state)).all() == [MergeState.UNDONE] * 3


# Any order of acts --------------------------------------------------------------------------------------------------

PEOPLE = 3
IDEAS = 3
ideas_, people_ = st.integers(0, IDEAS - 1), st.integers(0, PEOPLE - 1)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), ideas_, ideas_),
        st.tuples(st.just("separate"), ideas_),
        st.tuples(st.sampled_from(["vote", "unvote", "comment", "joy", "hope"]), people_, ideas_),
        st.tuples(st.sampled_from(["withdraw", "restore"]), ideas_),
    ),
    max_size=14,
)


class Model:
    """What the rows must be: nothing moves, and an act on a merged idea is an act on the kept one."""

    def __init__(self):
        self.parent = {}
        self.withdrawn = set()
        self.votes = {number: set() for number in range(IDEAS)}
        self.felt = {number: {} for number in range(IDEAS)}
        self.comments = dict.fromkeys(range(IDEAS), 0)

    def root(self, number):
        while number in self.parent:
            number = self.parent[number]
        return number

    def parts(self, root):
        return [root, *(number for number in range(IDEAS) if number != root and self.root(number) == root)]

    def do(self, act, *named):
        if act == "merge":
            idea, into = named
            gone = self.withdrawn & {idea, into}
            if idea != into and not gone and idea not in self.parent and into not in self.parent:
                self.parent[idea] = into
        elif act == "separate":
            self.parent.pop(named[0], None)
        elif act == "withdraw":
            self.withdrawn.add(named[0])
            self.parent.pop(named[0], None)
            self.parent = {idea: into for idea, into in self.parent.items() if into != named[0]}
        elif act == "restore":
            self.withdrawn.discard(named[0])
        else:
            self._respond(act, *named)

    def _respond(self, act, person, idea):
        root = self.root(idea)
        if root in self.withdrawn:
            return
        parts = self.parts(root)
        if act == "vote" and not any(person in self.votes[part] for part in parts):
            self.votes[root].add(person)
        elif act == "unvote":
            for part in parts:
                self.votes[part].discard(person)
        elif act == "comment":
            self.comments[root] += 1
        elif act in {"joy", "hope"}:
            given = next((self.felt[part][person] for part in parts if person in self.felt[part]), None)
            if given == act:
                for part in parts:
                    self.felt[part].pop(person, None)
            else:
                self.felt[root][person] = act

    def rows(self):
        return copy.deepcopy((self.votes, self.felt, self.comments, self.withdrawn))


@pytest.fixture
def world(campaign, make_ideas, make_person):
    authors = [make_person(f"Author {number}") for number in range(IDEAS)]
    people = [make_person(f"Reader {number}") for number in range(PEOPLE)]
    return campaign, authors, people


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(acts=ACTS)
def test_after_separating_everything_is_as_without_merges_but_for_the_later_acts(
    session, connection, world, make_idea, alice, now, acts
):
    """Also between the acts: counts are those of the whole, each person once."""
    before = connection.begin_nested()
    campaign, authors, people = world
    ideas = [make_idea(campaign, author, f"Idea of {author.name}") for author in authors]
    model = Model()
    for number, act in enumerate(acts):
        _do(session, ideas, authors, people, act, by=alice, now=now + timedelta(seconds=number))
        model.do(*act)
        _check_counts(session, campaign, ideas, model)
    for one in session.scalars(select(IdeaMerge).where(IdeaMerge.state == MergeState.MERGED)).all():
        separate(session, one, by=alice, now=now)
    assert _rows(session, ideas, people) == model.rows()
    assert all(idea.merged_into_id is None for idea in ideas)
    session.rollback()
    before.rollback()
    session.expire_all()


def _do(session, ideas, authors, people, act, *, by, now):
    verb, *named = act
    try:
        if verb == "merge":
            merge_ideas(session, ideas[named[0]], into=ideas[named[1]], by=by, reason=SAME, now=now)
        elif verb == "separate":
            asked = select(IdeaMerge).where(IdeaMerge.idea_id == ideas[named[0]].id)
            merge = session.scalar(asked.where(IdeaMerge.state == MergeState.MERGED))
            if merge is not None:
                separate(session, merge, by=by, now=now)
        elif verb in {"withdraw", "restore"}:
            act_on = withdraw_idea if verb == "withdraw" else restore_idea
            act_on(session, ideas[named[0]], by=authors[named[0]], now=now)
        else:
            _respond(session, verb, people[named[0]], ideas[named[1]], now)
    except (SameIdea, NotPublic, MergedMeanwhile, AlreadyMergedInto, NotAllowed):
        pass


def _respond(session, verb, person, idea, now):
    if verb == "vote":
        cast_vote(session, idea, by=person, now=now)
    elif verb == "unvote":
        withdraw_vote(session, idea, by=person, now=now)
    elif verb == "comment":
        add_comment(session, idea, author=person, body="Yes", now=now)
    else:
        react(session, idea, by=person, emotion=Emotion(verb), now=now)


def _rows(session, ideas, people):
    number = {idea.id: place for place, idea in enumerate(ideas)}
    who = {person.id: place for place, person in enumerate(people)}
    votes = {place: set() for place in number.values()}
    felt = {place: {} for place in number.values()}
    comments = dict.fromkeys(number.values(), 0)
    for vote in session.scalars(select(Vote)):
        votes[number[vote.idea_id]].add(who[vote.person_id])
    for reaction in session.scalars(select(Reaction)):
        felt[number[reaction.idea_id]][who[reaction.person_id]] = reaction.emotion.value
    for comment in session.scalars(select(Comment)):
        comments[number[comment.idea_id]] += 1
    return votes, felt, comments, {number[idea.id] for idea in ideas if idea.withdrawn_at is not None}


def _check_counts(session, campaign, ideas, model):
    roots = [number for number in range(IDEAS) if model.root(number) == number]
    assert [idea.merged_into_id is None for idea in ideas] == [number in roots for number in range(IDEAS)]
    public = [number for number in roots if number not in model.withdrawn]
    votes = {root: set().union(*(model.votes[part] for part in model.parts(root))) for root in roots}
    found = responses(session, [ideas[root] for root in roots], reader=None)
    comments = comment_counts(session, [ideas[root] for root in roots])
    for root in roots:
        assert found[ideas[root].id].votes == len(votes[root])
        felt = {}
        for part in model.parts(root):
            felt = model.felt[part] | felt
        counted = {emotion.value: count for emotion, count in found[ideas[root].id].emotions.items()}
        assert counted == {name: list(felt.values()).count(name) for name in set(felt.values())}
        assert comments.get(ideas[root].id, 0) == sum(model.comments[part] for part in model.parts(root))
    counted = figures(session, campaign)
    assert counted.ideas == len(public)
    assert counted.votes == sum(len(votes[root]) for root in public)
    assert counted.comments == sum(model.comments[part] for root in public for part in model.parts(root))
