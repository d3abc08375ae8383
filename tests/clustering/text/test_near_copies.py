"""Lightly edited copies of one text count as one text; different asks never do, however alike their words."""

import random
from collections import Counter

import numpy as np
import pytest

from clustering.pipeline import find_themes
from clustering.text.duplicates import dedupe_texts
from clustering.text.near_copies import find_near_copies
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF
from tests.effort import effort
from tests.petitions import BUS, LIBRARY, PETITIONS, QUARRY, copies

SHARES = (0.1, 0.3, 0.6)


def joined(*texts: str, lang: str = "fr") -> bool:
    same_as = find_near_copies(texts, [lang] * len(texts), np.ones(len(texts), dtype=np.intp))
    return len(set(same_as.tolist())) == 1


def largest(texts: list[str]) -> int:
    """Returns how many of the texts count as the text that most of them copy."""
    return int(dedupe_texts(texts, None, None).weights.max())


@pytest.mark.parametrize(("petition", "lang"), PETITIONS)
def test_the_copies_of_a_petition_are_one_text(petition, lang):
    assert largest([*CAMPAIGN, *copies(petition, 120, lang)]) >= 0.9 * 120


def test_two_petitions_stay_two_where_some_people_send_both():
    first, second = copies(LIBRARY, 30), copies(QUARRY, 30)
    texts = [*first, *second, *(f"{one} {other}" for one, other in zip(first[:8], second[:8], strict=True))]
    index_of = dedupe_texts(texts, None, None).index_of.tolist()
    assert not set(index_of[:30]) & set(index_of[30:60])


def test_every_copy_names_the_text_that_stands_for_it():
    texts = [*CAMPAIGN, *copies(LIBRARY, 60)]
    unique = dedupe_texts(texts, None, None)
    named = Counter(unique.same_as(row) for row in range(len(texts)))
    first, count = max(((row, count) for row, count in named.items() if row is not None), key=lambda pair: pair[1])
    assert count >= 55
    assert unique.same_as(first) is None
    assert all(unique.same_as(row) is None for row in range(len(CAMPAIGN)))


def test_the_order_of_the_rows_changes_no_copy():
    texts = [*CAMPAIGN, *copies(LIBRARY, 60), *copies(BUS, 30, "en")]
    one, other = dedupe_texts(texts, None, None), dedupe_texts(texts[::-1], None, None)
    assert one.gists == other.gists
    assert one.index_of.tolist() == other.index_of[::-1].tolist()


def test_a_typing_error_or_a_sentence_more_makes_no_other_text():
    text = (
        "Il faudrait un abri couvert et un banc à l'arrêt de bus de la place du marché, où l'on attend sous la pluie."
    )
    assert joined(text, text.replace("couvert", "couvet"))
    assert joined(text, f"{text} Ma voisine le dit depuis des années.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Je voudrais plus de bancs dans le parc de la mairie", "Je voudrais plus de lampes dans le parc de la mairie"),
        (
            "Je souhaite que la mairie ouvre une ludothèque dans les anciens bureaux de la poste, rue des Acacias.",
            "Je souhaite que la mairie ouvre une crèche dans les anciens bureaux de la poste, rue des Acacias.",
        ),
        (
            "Nous demandons la fermeture de la rue des Acacias aux voitures le matin, devant l'école et le lycée.",
            "Nous ne demandons pas la fermeture de la rue des Acacias aux voitures le matin, devant l'école.",
        ),
        (
            "Baisser la vitesse à 30 km/h dans le centre, sur les boulevards et devant toutes les écoles maternelles.",
            "Baisser la vitesse à 50 km/h dans le centre, sur les boulevards et devant toutes les écoles maternelles.",
        ),
        (
            "Le budget du conseil de quartier devrait d'abord aller à la plantation d'arbres devant les écoles.",
            "Le budget du conseil de quartier devrait d'abord aller à la réparation des jeux devant les écoles.",
        ),
    ],
)
def test_another_ask_in_the_same_words_is_another_text(one, other):
    assert not joined(one, other)


def test_a_form_that_people_fill_in_is_no_copy():
    places = ("Lannion", "Guingamp", "Paimpol", "Tréguier", "Perros", "Morlaix", "Rostrenen", "Loudéac", "Dinan")
    things = ("ludothèque", "crèche", "piscine", "laverie", "boulangerie", "cantine", "forge", "épicerie", "piste")
    towns = [
        f"Je souhaite une ligne de bus entre la gare et {place}, car les lycéens dépendent de leurs parents et de la "
        "voiture chaque matin de la semaine."
        for place in places
    ]
    sites = [
        f"Je souhaite que la mairie ouvre une {thing} dans les anciens bureaux de la poste, rue des Acacias, car le "
        "quartier manque de lieux ouverts le soir."
        for thing in things
    ]
    assert largest(towns) == largest(sites) == 1


@pytest.mark.parametrize("each", [1, 5, 10])
def test_a_form_is_no_copy_however_many_fill_in_the_same(each):
    chance = random.Random(each)  # noqa: S311 - no secret
    things = ("ludothèque", "crèche", "piscine", "laverie", "boulangerie", "cantine", "forge", "épicerie")
    texts = [
        f"Je {chance.choice(('souhaite', 'voudrais'))} que la mairie ouvre une {thing} dans les anciens bureaux de la "
        "poste, rue des Acacias, car le quartier manque de lieux ouverts le soir."
        for thing in things * each
    ]
    unique = dedupe_texts(texts, None, None)
    assert all(len({things[row % 8] for row in np.flatnonzero(unique.index_of == text)}) == 1 for text in range(8))


def test_a_text_that_asks_for_more_is_no_copy():
    ask = "Il faudrait un abri couvert et un banc à l'arrêt de bus de la place du marché, où l'on attend sous la pluie."
    more = "Et les menus de la cantine devraient être affichés une semaine avant, avec les allergènes et les prix."
    assert not joined(ask, f"{ask} {more}")


def test_the_copies_of_a_petition_without_spaces_are_one_text():
    petition = "私たちは市立図書館の分館を今の場所に残し、建物の売却計画を中止するよう求めます。"
    other = "駅前の駐輪場を屋根付きにして、夜間も利用できるように照明を増やしてほしいです。"
    assert joined(petition, f"{petition}お願いします。", lang="ja")
    assert not joined(petition, other, lang="ja")


def test_copies_form_no_chain():
    words = copies(LIBRARY, 1)[0].split()
    others = [word for text in CAMPAIGN[::4] for word in text.split()][: len(words)]
    chain = [" ".join([*others[:step], *words[step:]]) for step in range(0, len(words) + 1, 2)]
    unique = dedupe_texts(chain, ["fr"] * len(chain), None)
    assert unique.index_of[0] != unique.index_of[-1]


@pytest.mark.slow
@pytest.mark.parametrize("share", SHARES)
def test_themes_are_the_same_at_any_share_of_copies(share, encoder):
    count = round(share * len(CAMPAIGN) / (1 - share))
    texts = [*CAMPAIGN, *copies(LIBRARY, count, seed=count)]
    found = find_themes(texts, encoder=encoder)
    for topic in set(TOPIC_OF):
        members = {row for row, other in enumerate(TOPIC_OF) if other == topic}
        themes = Counter(found.ideas[row].theme for row in members)
        theme, inside = themes.most_common(1)[0]
        assert theme is not None
        size = sum(idea.theme == theme for idea in found.ideas)
        assert inside >= 0.6 * len(members), topic
        assert inside >= 0.6 * size, topic
    for idea in found.ideas:
        if idea.same_as is not None:
            assert idea.theme == found.ideas[idea.same_as].theme
    for theme in found.themes:
        inside = [row for row, idea in enumerate(found.ideas) if idea.theme == theme.id]
        assert theme.copies == sum(found.ideas[row].same_as is not None for row in inside)


@pytest.mark.slow
def test_five_thousand_copies_take_seconds():
    chance = random.Random(1)  # noqa: S311 - no secret
    words = sorted({word for text in CAMPAIGN for word in text.split()})
    texts = []
    for text in copies(LIBRARY, 5_000):
        edited = text.split()
        for _ in range(chance.randrange(3)):
            edited[chance.randrange(len(edited))] = chance.choice(words)
        texts.append(" ".join(edited))
    with effort() as cost:
        same_as = find_near_copies(texts, ["fr"] * len(texts), np.ones(len(texts), dtype=np.intp))
    assert cost.seconds < 15
    assert np.bincount(same_as).max() > 0.8 * len(texts)
