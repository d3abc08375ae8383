from clustering.types import ThemeWarning
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.themes.card import theme_cards, themes_containing
from ideas.themes.edits.edit import merge_themes, split_theme
from ideas.themes.edits.move import move_ideas


def test_a_card_counts_each_supporter_of_a_theme_once(session, campaign, themes, ideas, alice, bob, now):
    session.add_all(Vote(idea_id=idea.id, person_id=alice.id, created_at=now) for idea in ideas[:3])
    session.add(Vote(idea_id=ideas[0].id, person_id=bob.id, created_at=now))
    session.add(Reaction(idea_id=ideas[0].id, person_id=bob.id, emotion=Emotion.HOPE, created_at=now))
    session.flush()
    card = theme_cards(session, campaign)[0]
    assert (card.theme, card.size, card.people, card.support) == (themes[0], 3, 1, 2)
    assert card.emotions == {Emotion.HOPE: 1}
    assert theme_cards(session, campaign, only=themes[0])[0] == card


def test_a_card_lists_emotions_in_the_order_of_the_enum(session, campaign, ideas, themes, alice, bob, now):
    felt = [(ideas[0], alice, Emotion.WORRY), (ideas[1], alice, Emotion.WORRY), (ideas[0], bob, Emotion.JOY)]
    session.add_all(
        Reaction(idea_id=idea.id, person_id=person.id, emotion=emotion, created_at=now)
        for idea, person, emotion in felt
    )
    session.flush()
    assert list(theme_cards(session, campaign)[0].emotions.items()) == [(Emotion.JOY, 1), (Emotion.WORRY, 2)]


def test_verbatims_are_the_typical_ideas_that_are_still_in_the_theme(session, campaign, themes, ideas, alice, now):
    buses, _bicycles, fares = themes
    buses.exemplars = [ideas[2].id, ideas[0].id]
    assert [one.id for one in theme_cards(session, campaign)[0].verbatims] == [ideas[2].id, ideas[0].id, ideas[1].id]
    move_ideas(session, campaign, idea_ids=[ideas[2].id], to=fares, by=alice, now=now)
    assert [one.id for one in theme_cards(session, campaign, only=buses)[0].verbatims] == [ideas[0].id, ideas[1].id]


def test_a_theme_is_too_small_to_conclude_from_by_its_size_of_today(session, campaign, themes, ideas, alice, now):
    buses, bicycles, _fares = themes

    def shown_warnings():
        return {card.theme.name: card.warnings for card in theme_cards(session, campaign)}

    buses.warnings, bicycles.warnings = (ThemeWarning.SMALL, ThemeWarning.LOOSE), ()
    assert shown_warnings() == {
        "Buses": [ThemeWarning.SMALL, ThemeWarning.LOOSE],
        "Bicycles": [ThemeWarning.SMALL],
        "Fares": [ThemeWarning.SMALL],
    }
    move_ideas(session, campaign, idea_ids=[ideas[1].id, ideas[2].id], to=None, by=alice, now=now)
    assert shown_warnings()["Buses"] == [ThemeWarning.SMALL], "one idea alone has nothing to be close to"
    merge_themes(session, buses, others=[bicycles], by=alice, now=now)
    assert shown_warnings()["Buses"] == [ThemeWarning.SMALL], "how close these are is not known"
    move_ideas(session, campaign, idea_ids=[ideas[1].id, ideas[2].id], to=buses, by=alice, now=now)
    assert shown_warnings()["Buses"] == []
    split_theme(session, buses, idea_ids=[ideas[0].id, ideas[3].id], name="Trams", by=alice, now=now)
    assert (shown_warnings()["Trams"], shown_warnings()["Buses"]) == ([ThemeWarning.SMALL], [ThemeWarning.SMALL])


def test_names_that_a_file_gives_are_no_people(session, campaign, themes, ideas):
    for idea, name in zip(ideas[:3], ["Paul", "Paul", "Inès"], strict=True):
        idea.author, idea.author_name = None, name
    session.flush()
    assert theme_cards(session, campaign, only=themes[0])[0].people == 0


def test_themes_are_found_by_the_words_of_their_name_phrases_or_ideas(session, campaign, themes):
    buses, bicycles, fares = themes
    assert themes_containing(session, campaign, "bUSes") == {buses.id}
    assert themes_containing(session, campaign, "phrase 3") == {fares.id}
    assert themes_containing(session, campaign, "idea 4") == {bicycles.id}
    assert themes_containing(session, campaign, "100%") == set()
