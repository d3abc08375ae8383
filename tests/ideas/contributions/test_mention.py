import pytest
from sqlalchemy import select

from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.contributions.comment import add_comment, revise_comment
from ideas.contributions.talk.mention import Mention, names_in, offered_names
from ideas.people.person import Person
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import SpaceRole


@pytest.fixture
def named(session, idea, charlie, now):
    """Who is named in a comment of Charlie's, with the name as it stands there."""

    def write(body):
        comment = add_comment(session, idea, author=charlie, body=body, now=now)
        rows = session.execute(select(Person.email, Mention.name).join(Mention, Mention.person_id == Person.id).where(
            Mention.comment_id == comment.id)).all()  # fmt: skip
        return {email.split("@")[0]: name for email, name in rows}

    return write


@pytest.fixture
def crowd(make_person):
    return {name: make_person(name) for name in ("Rose Ndiaye", "Rose", "Élodie Petit-Roy", "Jean de La Tour")}


def test_a_name_after_an_at_sign_is_a_mention_and_any_other_word_stays_text(named, crowd):
    assert named("@Rose Ndiaye, and @rose: look!") == {"rose.ndiaye": "Rose Ndiaye", "rose": "rose"}
    assert named("Ask @Jean de La Tour.\n@Élodie Petit-Roy?") == {
        "jean.de.la.tour": "Jean de La Tour", "élodie.petit-roy": "Élodie Petit-Roy",
    }  # fmt: skip
    assert named("@Nobody, me@Rose, rose@Rose and @@Rose") == {}
    assert named("@Charlie himself") == {}


def test_of_two_people_with_one_name_only_who_takes_part_on_the_idea_is_named(session, named, idea, make_person, now):
    first, _second = make_person("Sam Roy", email="one@example.org"), make_person("Sam Roy", email="two@example.org")
    assert named("@Sam Roy?") == {}
    add_comment(session, idea, author=first, body="Here.", now=now)
    assert named("@Sam Roy?") == {"one": "Sam Roy"}


def test_names_are_offered_by_any_of_their_words_and_never_by_an_address(
    session, campaign, crowd, charlie, make_person
):
    make_person("Zoe", email="roselyne@example.org")
    make_person("Rosa Unconfirmed", verified_at=None)

    def offered(typed):
        return list(offered_names(session, campaign, typed, by=charlie))

    assert offered("ro") == ["Rose", "Rose Ndiaye", "Élodie Petit-Roy"]
    assert offered("elodie pet") == ["Élodie Petit-Roy"]
    assert offered("rose nd") == ["Rose Ndiaye"]
    assert offered("roy") == offered("petit-r") == ["Élodie Petit-Roy"]
    for number in range(41):
        make_person(f"Ann {number}", email=f"{number}@compagnie.example")
    make_person("Jo Compère")
    make_person("Zoé Œuvrard")
    assert offered("comp") == offered("compè") == ["Jo Compère"]
    assert offered("zoe o") == offered("zoé œuv") == offered("oeu") == ["Zoé Œuvrard"]
    assert offered("roselyne") == offered("r") == offered("char") == offered("") == []


def test_in_a_campaign_of_a_space_only_who_shows_themself_there_is_named(
    session, campaign, idea, named, alice, charlie, crowd, now
):
    """Whoever could list all others would learn who is in the space."""
    space = create_space(session, text=SpaceText("Board"), by=alice, now=now)
    for person in (charlie, crowd["Rose"], crowd["Rose Ndiaye"]):
        add_person(session, space, person, role=SpaceRole.MEMBER, by=alice, now=now)
    choice = AudienceChoice(Stage(Audience.SPACES, spaces=[space.id]))
    choose_audience(session, campaign, choice=choice, by=alice, change_reason="Start small", now=now)
    assert named("@Rose Ndiaye, @Élodie Petit-Roy and @Alice") == {"alice": "Alice"}
    add_comment(session, idea, author=crowd["Rose Ndiaye"], body="Here.", now=now)
    assert offered_names(session, campaign, "ro", by=charlie) == ["Rose Ndiaye"]
    assert named("@Rose Ndiaye") == {"rose.ndiaye": "Rose Ndiaye"}


def test_an_edit_changes_who_is_named_and_tells_who_is_new(session, idea, crowd, charlie, bob, now):
    comment = add_comment(session, idea, author=charlie, body="@Rose @Bob", now=now)
    revise_comment(session, comment, by=charlie, body="@Bob @Rose Ndiaye", now=now)
    assert names_in(session, [comment.id]) == {comment.id: ["Rose Ndiaye", "Bob"]}
    [act] = [pending.facts for pending in session.info["pending activities"] if pending.facts["verb"] == "changed"]
    assert act["after"] == {"mentioned": [crowd["Rose Ndiaye"].id]}
