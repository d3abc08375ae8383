"""Ideas that ask for several things count in each of their themes."""

from collections import Counter

import pytest

from clustering.pipeline import find_themes
from clustering.types import Previous

ASKS = {
    "bus": (
        "Plus de bus le soir",
        "Des bus toutes les dix minutes le soir",
        "Un bus le soir jusqu’à minuit",
        "Que le bus circule aussi le soir",
        "Davantage de bus en soirée",
        "Il faut des bus plus fréquents le soir",
        "Ajouter des bus après vingt heures le soir",
        "Des bus du soir plus nombreux",
    ),
    "arbres": (
        "Planter des arbres dans la cour de l’école",
        "Des arbres et de l’ombre dans la cour",
        "Planter plus d’arbres dans les cours d’école",
        "Une cour d’école avec des arbres",
        "Remplacer le bitume de la cour par des arbres",
        "Que chaque cour ait des arbres",
        "De l’ombre sous des arbres dans la cour",
        "Des arbres fruitiers plantés dans la cour",
    ),
    "cantine": (
        "Un plat végétarien chaque jour à la cantine",
        "Des légumes bio à la cantine",
        "Une cantine avec un menu végétarien",
        "Servir des repas végétariens à la cantine",
        "Des menus sans viande à la cantine",
        "Plus de légumes dans les repas de la cantine",
        "Manger végétarien à la cantine le midi",
        "La cantine devrait servir des légumes frais",
    ),
}
FILLER = "Ce serait simple à mettre en place."
SEVERAL = (
    "Il manque des bus le soir. Il manque aussi des arbres dans la cour de l’école.",
    "Des repas végétariens pour tous à la cantine. Des bus plus tard le soir.",
    "Des arbres à l’ombre desquels jouer dans la cour. Un menu de légumes à la cantine. Un bus de plus le soir.",
)


@pytest.fixture(scope="module")
def texts():
    """Eight ideas of each need, a third of them with a sentence that asks for nothing, and three of several needs."""
    singles = [f"{text}. {FILLER}" if row % 3 == 0 else text for need in ASKS.values() for row, text in enumerate(need)]
    return [*singles, *SEVERAL]


@pytest.fixture(scope="module")
def found(texts):
    return find_themes(texts, seed=0)


@pytest.fixture(scope="module")
def theme_of(found):
    """The theme of each need."""
    names = [need for need in ASKS for _ in range(8)]
    return {
        need: Counter(idea.theme for idea, name in zip(found.ideas, names, strict=False) if name == need).most_common(
            1
        )[0][0]
        for need in ASKS
    }


def test_an_idea_counts_in_each_theme_that_it_asks_for(texts, found, theme_of):
    asked = [{passage.theme for passage in idea.passages} for idea in found.ideas[-3:]]
    assert asked[0] == {theme_of["bus"], theme_of["arbres"]}
    assert asked[1] == {theme_of["cantine"], theme_of["bus"]}
    assert asked[2] == {theme_of["arbres"], theme_of["cantine"], theme_of["bus"]}
    for text, idea in zip(texts, found.ideas, strict=True):
        assert idea.theme in {passage.theme for passage in idea.passages} or idea.theme is None
        for passage in idea.passages:
            assert text[passage.start : passage.end].strip()
            assert 0 <= passage.strength <= 1


def test_a_passage_that_an_idea_says_alone_counts_there_even_if_most_have_another_theme():
    """All ideas of several needs are near to each other, and to the bus by their whole texts."""
    bus, trees, canteen = (ASKS[need] for need in ASKS)
    several = [f"{one}. Et puis {other[0].lower()}{other[1:]}." for one, other in zip(bus, canteen, strict=True)]
    found = find_themes([*bus, *trees, *canteen, *several])
    of_canteen = {idea.theme for idea in found.ideas[16:24]}
    asked = [any(passage.theme in of_canteen for passage in idea.passages) for idea in found.ideas[24:]]
    assert sum(asked) >= 7


def test_a_passage_is_where_the_text_says_so(texts, found, theme_of):
    [passage] = [passage for passage in found.ideas[-2].passages if passage.theme == theme_of["bus"]]
    assert texts[-2][passage.start : passage.end] == "Des bus plus tard le soir."


def test_a_sentence_that_ideas_of_all_themes_write_goes_nowhere(texts, found):
    for text, idea in zip(texts[:24], found.ideas, strict=False):
        assert len(idea.passages) <= 1
        assert FILLER not in [text[passage.start : passage.end] for passage in idea.passages]


def test_a_theme_counts_the_ideas_that_have_a_passage_there(found):
    for theme in found.themes:
        assert theme.counted == sum(theme.id in {passage.theme for passage in idea.passages} for idea in found.ideas)
        assert theme.counted >= theme.size
    assert sum(theme.counted for theme in found.themes) > sum(theme.size for theme in found.themes)


@pytest.mark.slow
def test_the_order_of_the_ideas_decides_nothing(texts, found):
    turned = find_themes(texts[::-1], seed=0)
    names = {theme.id: theme.name for theme in found.themes}
    turned_names = {theme.id: theme.name for theme in turned.themes}
    assert [sorted(names[passage.theme] for passage in idea.passages) for idea in found.ideas] == [
        sorted(turned_names[passage.theme] for passage in idea.passages) for idea in turned.ideas[::-1]
    ]


def _edited(found, theme_of, **edits) -> Previous:
    keys = [str(row) for row in range(len(found.ideas))]
    return Previous(
        theme_of={key: idea.theme for key, idea in zip(keys, found.ideas, strict=True) if idea.theme is not None},
        positions={},
        placed=edits.get("placed", {}),
        kept=frozenset(theme_of.values()),
        next_id=100,
        outliers=edits.get("outliers", frozenset()),
        forbidden=edits.get("forbidden", {}),
    )


@pytest.mark.slow
def test_no_passage_counts_where_a_person_excluded_the_idea(texts, found, theme_of):
    last = str(len(texts) - 1)
    forbidden = _edited(found, theme_of, forbidden={last: frozenset({theme_of["bus"]})})
    idea = find_themes(texts, previous=forbidden, seed=0).ideas[-1]
    assert theme_of["bus"] not in {passage.theme for passage in idea.passages}
    assert theme_of["cantine"] in {passage.theme for passage in idea.passages}
    taken_out = _edited(found, theme_of, outliers=frozenset({last}))
    idea = find_themes(texts, previous=taken_out, seed=0).ideas[-1]
    assert (idea.theme, idea.passages) == (None, ())


@pytest.mark.slow
def test_the_main_theme_that_a_person_chose_stays(texts, found, theme_of):
    chosen = _edited(found, theme_of, placed={"0": theme_of["cantine"], str(len(texts) - 3): theme_of["cantine"]})
    ideas = find_themes(texts, previous=chosen, seed=0).ideas
    assert ideas[0].theme == ideas[-3].theme == theme_of["cantine"]
    assert {passage.theme for passage in ideas[-3].passages} >= {theme_of["cantine"], theme_of["bus"]}
    whole = next(passage for passage in ideas[0].passages if passage.theme == theme_of["cantine"])
    assert (whole.start, whole.end) == (0, len(texts[0]))


@pytest.mark.slow
def test_ideas_that_are_copies_but_for_their_spaces_have_passages_of_their_own(texts, theme_of):
    spaced = "  " + SEVERAL[1].replace(". ", ".\n\n")
    ideas = find_themes([*texts, spaced], seed=0).ideas
    assert len(ideas[-1].passages) == len(ideas[-3].passages) == 2
    stretches = [spaced[passage.start : passage.end] for passage in ideas[-1].passages]
    assert stretches == ["Des repas végétariens pour tous à la cantine.", "Des bus plus tard le soir."]
