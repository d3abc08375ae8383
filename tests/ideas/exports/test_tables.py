"""The tables of an export agree with the pages, and name nobody who should not be named."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from clustering.types import Leftover
from ideas.answers.action import commit_to
from ideas.answers.debriefs.figures import figures
from ideas.answers.decision import DecisionStatus, decide
from ideas.contributions.comment import Comment, comment_counts
from ideas.contributions.idea import Idea, submitted_ideas
from ideas.contributions.merged import IdeaMerge, MergeState
from ideas.contributions.vote import Emotion, Reaction, Vote, responses
from ideas.contributions.withheld import Withheld
from ideas.desk.reading import read_idea
from ideas.exports.polis import PolisFiles
from ideas.exports.rows import Authors
from ideas.exports.tables import TABLES
from ideas.moderation.report import report
from ideas.moderation.review import hide
from ideas.people.sanction import Reason
from ideas.themes.card import theme_cards, theme_members
from ideas.themes.checks.check import Belongs, check_idea
from ideas.themes.checks.sample import cards_of, draw_sample
from ideas.themes.passage import add_passages
from ideas.themes.placement import Placement
from ideas.themes.stored import PassageRow
from ideas.themes.theme import Theme


@pytest.fixture
def filled(session, closed_campaign, make_idea, make_theme, make_person, alice, bob, charlie, now):
    """A closed campaign with two themes, a merged idea, one withdrawn, one hidden; support, reactions and answers."""
    zoe = make_person("Zoé Lambert")
    texts = ("A bus on Sunday", "Sunday buses, please", "A bench by the lift", "Lower steps", "=SUM(A1)", "Gone")
    ideas = [make_idea(closed_campaign, charlie, text) for text in texts]
    ideas.append(make_idea(closed_campaign, None, "From a file", author_name="Ines M."))
    make_theme(closed_campaign, "Buses", ideas=ideas[:2])
    benches = make_theme(closed_campaign, "Benches", ideas=ideas[2:4])
    ideas[1].merged_into_id, ideas[1].merged_at = ideas[0].id, now
    session.add(
        IdeaMerge(
            campaign_id=closed_campaign.id,
            idea_id=ideas[1].id,
            into_id=ideas[0].id,
            state=MergeState.MERGED,
            reason="They say the same.",
            made_by_id=alice.id,
            made_at=now,
        )
    )
    ideas[3].withheld, ideas[5].withdrawn_at = Withheld.HIDDEN, now
    for idea, person in ((0, zoe), (1, zoe), (1, bob), (2, zoe)):
        session.add(Vote(idea_id=ideas[idea].id, person_id=person.id, created_at=now))
    for idea, person, emotion in ((0, zoe, Emotion.JOY), (1, bob, Emotion.HOPE), (2, bob, Emotion.JOY)):
        session.add(Reaction(idea_id=ideas[idea].id, person_id=person.id, emotion=emotion, created_at=now))
    for idea in (0, 1, 2):
        session.add(Comment(idea=ideas[idea], author=zoe, body="Yes", created_at=now))
    session.add(Comment(idea=ideas[2], author=zoe, body="No", created_at=now, withdrawn_at=now))
    session.flush()
    facts = {"status": DecisionStatus.PLANNED, "reason": "Two benches.", "respondent": alice, "decided_on": now.date()}
    decision = decide(session, benches, **facts, by=alice, now=now)
    commit_to(session, decision, title="Buy benches", impact="", owner=alice, due_on=now.date(), by=alice, now=now)
    session.flush()
    return closed_campaign


@pytest.fixture
def tables(session, filled):
    def read(*, named=False):
        authors = Authors(filled.id, "secret", named=named)
        found = {}
        for table in TABLES:
            names = [column.name for column in table.columns]
            found[table.name] = [dict(zip(names, row, strict=True)) for row in table.rows(session, filled, authors)]
        return found

    return read


def test_the_tables_agree_with_the_pages(session, filled, tables, bob, now):
    read_idea(session, session.scalars(submitted_ideas(filled)).all()[-1], by=bob, now=now)
    found = tables()
    counted = session.scalars(submitted_ideas(filled)).all()
    shown, commented = responses(session, counted, reader=None), comment_counts(session, counted)
    rows = {row["idea_id"]: row for row in found["ideas"]}
    for idea in counted:
        row = rows[idea.id]
        assert (row["state"], row["supports"], row["comments"]) == (
            "published",
            shown[idea.id].votes,
            commented.get(idea.id, 0),
        )
        assert {name: row[name] for name in Emotion if row[name]} == shown[idea.id].emotions
    assert sorted(row["state"] for row in rows.values()) == ["hidden", "merged", *["published"] * 4, "withdrawn"]
    [campaign] = found["campaign"]
    pages = figures(session, filled)
    totals = ("ideas", "people", "without_author", "votes", "comments", "themes", "decided", "read")
    assert {name: campaign[name] for name in totals} == {name: getattr(pages, name) for name in totals}
    assert (campaign["people"], campaign["without_author"], campaign["read"]) == (2, 1, 1)
    assert campaign["ideas"] == sum(row["state"] == "published" for row in rows.values())
    assert campaign["votes"] == sum(row["supports"] for row in rows.values() if row["state"] == "published")
    for card, row in zip(theme_cards(session, filled), found["themes"], strict=True):
        inside = {row["idea_id"] for row in found["membership"] if row["theme_id"] == card.theme.id}
        assert (row["theme_id"], row["ideas"], row["supports"]) == (card.theme.id, card.size, card.support)
        assert inside == {placement.idea_id for placement in theme_members(session, card.theme)}
    assert [row["reason"] for row in found["decisions"]] == ["Two benches."]
    assert [(row["title"], row["theme_id"]) for row in found["actions"]] == [
        ("Buy benches", found["decisions"][0]["theme_id"])
    ]


def test_an_idea_of_two_themes_counts_in_both_with_its_passages(session, filled, tables):
    buses, benches = session.scalars(select(Theme).order_by(Theme.id))
    both, bench = session.scalars(select(Idea).where(Idea.body.in_(("A bus on Sunday", "A bench by the lift"))))
    both.title, buses.definition = "Two asks", "A bus on Sunday"
    spans = [PassageRow(buses.id, 10, 15, 0.8, both.version), PassageRow(benches.id, 19, 25, 0.6, both.version)]
    add_passages(session, {both.id: spans})
    alone = session.scalars(select(Idea).where(Idea.body == "=SUM(A1)")).one()
    session.add(Placement(idea_id=alone.id, campaign_id=filled.id, leftover=Leftover.NOTHING))
    session.flush()
    found = tables()
    assert [(row["theme_id"], row["start"], row["end"], row["words"]) for row in found["passages"]] == [
        (buses.id, 10, 15, "A bus"), (benches.id, 19, 25, "Sunday"),
    ]  # fmt: skip
    assert [(row["theme_id"], row["idea_id"], row["main"]) for row in found["membership"]] == [
        (buses.id, both.id, True), (benches.id, both.id, False), (benches.id, bench.id, True),
    ]  # fmt: skip
    sizes = {row["theme_id"]: (row["ideas"], row["main"], row["also_in_others"]) for row in found["themes"]}
    assert sizes == {buses.id: (1, 1, 1), benches.id: (2, 1, 1)}
    assert [row["copies"] for row in found["themes"]] == [0, 0]
    session.execute(update(Placement).where(Placement.idea_id == bench.id).values(same_as=both.id))
    copies = {row["theme_id"]: row["copies"] for row in tables()["themes"]}
    assert copies == {buses.id: 0, benches.id: 1}, "where both count"
    assert {row["theme_id"]: row["definition"] for row in found["themes"]}[buses.id] == "A bus on Sunday"
    left = {row["idea_id"]: (row["theme_id"], row["leftover"]) for row in found["ideas"]}
    assert (left[alone.id], left[both.id]) == ((None, Leftover.NOTHING), (buses.id, None))


def test_the_method_says_how_the_themes_were_made_and_how_often_people_agreed(session, campaign, themes, bob, now):
    table = next(table for table in TABLES if table.name == "method")
    names = [column.name for column in table.columns]

    def read(of):
        found = table.rows(session, of, Authors(of.id, "secret", named=False))
        return [dict(zip(names, row, strict=True)) for row in found]

    [row] = read(campaign)
    assert (row["model"], row["grouped_at"], row["checked"], row["agreement_right"]) == ("test", now, 0, None)
    known = {theme.id: theme for theme in themes}
    for place, card in enumerate(cards_of(session, draw_sample(session, campaign))):
        said = Belongs.NO if place == 0 else Belongs.YES
        idea = session.get_one(Idea, card.idea_id)
        check_idea(session, campaign, idea, theme=known[card.theme_id], belongs=said, by=bob, now=now)
    [row] = read(campaign)
    assert (row["checked"], row["agreement_checked"], row["agreement_right"]) == (9, 9, 8)
    assert (row["reviewers"], row["namer"]) == (1, None)
    assert 0.5 < row["agreement_low"] < 8 / 9 < row["agreement_high"] < 1


def test_the_table_of_moderation_says_what_was_done_in_order_and_never_who_reported(
    session, filled, tables, alice, bob, charlie, now
):
    idea = session.scalars(select(Idea).where(Idea.body == "A bench by the lift")).one()
    reported = report(session, filled, idea, reason=Reason.OTHER, note="Not true.", by=bob, now=now)
    later = now + timedelta(minutes=5)
    hide(session, reported.review, reason=Reason.ADVERTISING, by=alice, now=later, note="Sorry.")
    session.commit()
    rows = tables()["moderation"]
    assert [(row["at"], row["act"], row["object"], row["object_id"]) for row in rows] == [
        (now, "reported", "idea", idea.id),
        (later, "hidden", "idea", idea.id),
    ]
    code = Authors(filled.id, "secret", named=False).code(alice.id)
    assert [row["by"] for row in rows] == ["", code]
    assert [row["reason"] for row in rows] == ["other", "advertising"]
    assert rows[1]["note"] == "Sorry."
    assert not {bob.name, alice.name} & {str(value) for row in rows for value in row.values()}


def test_pseudonyms_are_stable_and_names_come_only_where_asked_for(session, filled, tables):
    plain, named = tables(), tables(named=True)
    authors = {row["author"] for row in plain["ideas"]}
    assert len(authors) == 2
    assert all(author.startswith("p-") for author in authors)
    assert authors == {row["author"] for row in named["ideas"]}
    assert not any(row["author_name"] for name in ("ideas", "comments") for row in plain[name])
    assert {row["author_name"] for row in named["ideas"]} == {"Charlie", "Ines M."}
    voters = {row["voter"] for name in ("votes", "reactions") for row in plain[name]}
    assert len(voters) == 2
    assert not voters & {row["author"] for name in ("ideas", "comments") for row in named[name]}, "nor found by a text"
    elsewhere = Authors(filled.id + 1, "secret", named=False)
    charlie = session.scalar(select(Idea.author_id).where(Idea.author_id.is_not(None)).limit(1))
    assert elsewhere.code(charlie) not in authors, "campaigns can't be compared by pseudonym"


def test_the_files_of_polis_hold_what_counts(session, filled):
    files = PolisFiles(session, filled)
    comments, votes = list(files.comments()), list(files.votes())
    shown = responses(session, session.scalars(submitted_ideas(filled)).all(), reader=None)
    assert {row[2]: row[4] for row in comments} == {number: response.votes for number, response in shown.items()}
    assert len(votes) == sum(response.votes for response in shown.values())
    rows = list(files.participants())
    columns = files.participants_columns()
    assert all(len(row) == len(columns) for row in rows)
    assert sum(row[3] for row in rows) == len(votes)
    assert dict(files.summary("http://localhost/campaigns/1"))["comments"] == len(comments)
