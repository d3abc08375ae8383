from datetime import timedelta

import pytest

from ideas.contest.unusual import unusual_support
from ideas.contributions.vote import Vote


@pytest.fixture
def support(session, now):
    def give(person, idea, *, minutes=0):
        session.add(Vote(idea_id=idea.id, person_id=person.id, created_at=now + timedelta(minutes=minutes)))
        session.flush()

    return give


def test_new_accounts_that_do_nothing_else_and_bursts_are_shown_with_the_facts(
    session, campaign, make_idea, make_person, support, charlie, now
):
    bench, tree = make_idea(campaign, charlie, "A bench"), make_idea(campaign, charlie, "A tree")
    new = [make_person(f"New {number}") for number in range(6)]
    for number, person in enumerate(new):
        person.created_at = now - timedelta(days=2)
        support(person, bench, minutes=2 * number)
    old = make_person("Old")
    old.created_at = now - timedelta(days=99)
    support(old, bench)
    support(new[0], tree)  # does something else
    make_idea(campaign, new[1], "An idea of theirs")
    found = unusual_support(session, campaign)
    [flag] = found.lone
    assert (flag.idea, flag.votes, [one.person_id for one in flag.supporters]) == (
        bench,
        7,
        [one.id for one in new[2:]],
    )
    [burst] = found.bursts
    assert (burst.idea, len(burst.supporters), burst.span) == (bench, 6, timedelta(minutes=10))
    assert old.id not in found.people
    kept = make_idea(campaign, charlie, "Benches, and shade")
    bench.merged_into_id = kept.id
    support(new[5], kept, minutes=60)
    found = unusual_support(session, campaign)
    assert [(flag.idea, flag.votes, len(flag.supporters)) for flag in found.bursts] == [(kept, 7, 6)], "merged since"
    assert [flag.idea for flag in found.lone] == [kept]
    for person in new:
        person.created_at = now - timedelta(days=8)
    session.flush()
    found = unusual_support(session, campaign)
    assert (found.lone, found.bursts) == ([], [])


def test_rings_support_only_one_another(session, campaign, make_idea, make_person, support, charlie):
    ring = [make_person(name) for name in ("Ana", "Ben", "Cleo")]
    ideas = {person: make_idea(campaign, person, f"Of {person.name}") for person in ring}
    for giver in ring:
        for author in ring:
            if giver is not author:
                support(giver, ideas[author])
    dora, emil = make_person("Dora"), make_person("Emil")
    theirs = {person: make_idea(campaign, person, f"Of {person.name}") for person in (dora, emil)}
    support(dora, theirs[emil])
    support(emil, theirs[dora])  # two supports are no pattern
    support(charlie, ideas[ring[0]])  # from outside: their support stays in the ring
    [found] = unusual_support(session, campaign).rings
    assert (found.people, found.supports) == (sorted(one.id for one in ring), 6)
    ideas[ring[1]].merged_into_id = make_idea(campaign, charlie, "All of it").id
    session.flush()
    assert unusual_support(session, campaign).rings[0].supports == 6, "merged since"
    support(ring[0], theirs[dora])
    assert unusual_support(session, campaign).rings == []


def test_authors_of_anonymous_ideas_are_in_no_ring(session, campaign, make_idea, make_person, support):
    ana, ben = make_person("Ana"), make_person("Ben")
    of_ana = [make_idea(campaign, ana, f"Idea {number}") for number in range(2)]
    of_ben = [make_idea(campaign, None, f"Hidden {number}", is_anonymous=True) for number in range(2)]
    for one, other in zip(of_ana, of_ben, strict=True):
        support(ben, one)
        support(ana, other)
    assert unusual_support(session, campaign).rings == []
