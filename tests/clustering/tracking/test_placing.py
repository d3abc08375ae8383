"""A new idea goes where ideas like it are, and nowhere when there are none."""

import numpy as np
import pytest

from clustering.errors import UnusableVectors
from clustering.pipeline import find_themes
from clustering.text.near_copies import KnownTexts, find_near_copies
from clustering.tracking.placing import NewIdea, Placer
from clustering.types import Leftover, Previous
from clustering.vectors.encoders import embed_ideas
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF, TOPICS
from tests.effort import effort
from tests.petitions import PERSONAL, PETITIONS, copies

THEME_OF = {topic: number for number, topic in enumerate(TOPICS, start=10)}
NEW = {
    "Une piste cyclable protégée devant le collège.": "vélo",
    "Plus de légumes de saison dans les repas de la cantine.": "cantine",
    "Annuler un rendez-vous chez le médecin par SMS.": "rendez-vous",
    "Un jour de télétravail de plus par semaine.": "télétravail",
}


@pytest.fixture(scope="module")
def vectors(encoder):
    return embed_ideas(encoder, CAMPAIGN)


@pytest.fixture(scope="module")
def placer(vectors):
    return Placer(vectors, CAMPAIGN, [THEME_OF[topic] for topic in TOPIC_OF])


def place(placer, encoder, text, forbidden=frozenset()):
    return placer.place(embed_ideas(encoder, [text])[0], NewIdea(text, forbidden=forbidden))


@pytest.mark.parametrize(("text", "topic"), NEW.items())
def test_a_new_idea_goes_to_the_theme_of_ideas_like_it(placer, encoder, text, topic):
    found = place(placer, encoder, text)
    assert found.theme == THEME_OF[topic]
    assert found.leftover is None
    assert found.nearest[0].theme == found.theme
    assert found.nearest[0].strength == found.strength >= 0.5
    assert [near.strength for near in found.nearest] == sorted((near.strength for near in found.nearest), reverse=True)
    assert found.neighbours
    assert {TOPIC_OF[row] for row in found.neighbours} == {topic}


def test_an_idea_like_no_other_is_an_outlier(placer, encoder):
    found = place(placer, encoder, "Le volcan islandais projette des cendres.")
    assert found.theme is None
    assert found.leftover is Leftover.OUTLIER


@pytest.mark.parametrize("text", ["", "https://a.example/b", "👍👍", "\0\ud800"])
def test_an_idea_without_words_is_an_outlier(placer, encoder, text):
    found = place(placer, encoder, text)
    assert (found.theme, found.leftover, found.nearest, found.strength) == (None, Leftover.OUTLIER, (), 0.0)


def test_an_ambiguous_idea_goes_to_neither_theme():
    """The second theme is the first one mirrored, and the idea lies on the mirror; a third is not far."""
    first = np.eye(1, 8, dtype=np.float32) + np.random.default_rng(0).standard_normal((5, 8)).astype(np.float32) * 0.2
    second = first[:, [1, 0, *range(2, 8)]]
    third = np.eye(1, 8, 7, dtype=np.float32) + 0.3 * (first + second)
    placer = Placer(np.vstack([first, second, third]), [f"q{row}" for row in range(15)], [1] * 5 + [2] * 5 + [3] * 5)
    found = placer.place(first[0] + second[0], NewIdea("a bench"))
    assert (found.theme, found.leftover) == (None, Leftover.AMBIGUOUS)
    assert {near.theme for near in found.nearest[:2]} == {1, 2}
    assert placer.place(second[0], NewIdea("a bench")).theme == 2


def test_an_idea_with_the_same_words_goes_to_the_same_theme(vectors):
    """Whatever is around it: a person may have put it elsewhere than its like."""
    labels = [THEME_OF[topic] for topic in TOPIC_OF]
    labels[0] = 99
    again = CAMPAIGN[0].upper().replace(".", " !")
    found = Placer(vectors, CAMPAIGN, labels).place(vectors[0], NewIdea(again))
    assert (found.theme, found.neighbours[0]) == (99, 0)
    forbidden = Placer(vectors, CAMPAIGN, labels).place(vectors[0], NewIdea(again, forbidden=frozenset({99})))
    assert forbidden.theme == THEME_OF[TOPIC_OF[0]]
    assert 0 not in forbidden.neighbours


def test_an_edited_idea_draws_nothing_to_its_old_theme(vectors):
    labels = [99, *(THEME_OF[topic] for topic in TOPIC_OF[1:])]
    placer = Placer(vectors, CAMPAIGN, labels)
    found = placer.place(vectors[0], NewIdea(CAMPAIGN[0]), without=frozenset({0}))
    assert found.theme == THEME_OF[TOPIC_OF[0]]
    assert 0 not in found.neighbours
    twice = Placer(vectors[[0, *range(len(vectors))]], [CAMPAIGN[0], *CAMPAIGN], [99, *labels])
    still = twice.place(vectors[0], NewIdea(CAMPAIGN[0]), without=frozenset({0}))
    assert (still.theme, still.neighbours[0]) == (99, 1), "another one says so"
    silent = twice.place(vectors[0], NewIdea(CAMPAIGN[0]), without=frozenset(range(len(vectors) + 1)))
    assert (silent.theme, silent.neighbours) == (None, ())


def test_themes_that_people_changed_count(vectors, encoder):
    merged = {"vélo": 1, "cantine": 1, "rendez-vous": 2, "télétravail": None}
    labels = [merged[topic] for topic in TOPIC_OF]
    told_later = Placer(vectors, CAMPAIGN, [THEME_OF[topic] for topic in TOPIC_OF])
    told_later.label(labels)
    for placer in (Placer(vectors, CAMPAIGN, labels), told_later):
        places = {topic: place(placer, encoder, text) for text, topic in NEW.items()}
        assert {topic: found.theme for topic, found in places.items()} == merged
        assert places["télétravail"].leftover is not None


def test_an_idea_never_goes_where_it_is_forbidden(placer, encoder):
    for text, topic in NEW.items():
        found = place(placer, encoder, text, frozenset({THEME_OF[topic]}))
        assert found.theme != THEME_OF[topic]
        assert THEME_OF[topic] not in {near.theme for near in found.nearest}
        assert topic not in {TOPIC_OF[neighbour] for neighbour in found.neighbours}
        everywhere = place(placer, encoder, text, frozenset(THEME_OF.values()))
        assert (everywhere.theme, everywhere.neighbours) == (None, ())


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_ideas_are_no_error(vectors, count):
    for labels in ([None] * count, [7] * count):
        found = Placer(vectors[:count], CAMPAIGN[:count], labels).place(vectors[5], NewIdea(CAMPAIGN[5]))
        assert (found.theme is None) == (found.leftover is not None)


def test_ideas_all_equal_are_no_error(vectors):
    placer = Placer(np.repeat(vectors[:1], 30, axis=0), CAMPAIGN[:1] * 30, [1] * 20 + [None] * 10)
    found = placer.place(vectors[0], NewIdea(CAMPAIGN[0]))
    assert found.theme == 1
    assert 0 <= found.strength <= 1
    assert found.neighbours == (0,)
    assert placer.place(vectors[1], NewIdea(CAMPAIGN[1])).neighbours in ((), (0,))


def test_equal_vectors_of_different_texts_are_no_error(vectors):
    placer = Placer(np.repeat(vectors[:1], 30, axis=0), [f"q{row}" for row in range(30)], [1] * 30)
    assert placer.place(vectors[0], NewIdea("q0")).theme == 1
    assert placer.place(vectors[0], NewIdea("other")).strength <= 1


def test_same_ideas_same_place(placer, vectors):
    again = Placer(vectors, CAMPAIGN, [THEME_OF[topic] for topic in TOPIC_OF])
    said = list(zip(vectors, CAMPAIGN, strict=True))
    assert [again.place(row, NewIdea(text)) for row, text in said] == [
        placer.place(row, NewIdea(text)) for row, text in said
    ]


@pytest.mark.parametrize("bad", [np.full((1, 512), np.nan), np.ones((1, 3)), np.full((1, 512), -np.inf)])
def test_an_unusable_vector_is_refused_with_one_plain_sentence(placer, bad):
    with pytest.raises(UnusableVectors):
        placer.place(bad[0], NewIdea("x"))
    with pytest.raises(UnusableVectors):
        Placer(bad, ["x"], [1]).place(np.ones(512), NewIdea("x"))


def test_each_vector_has_a_text_and_a_label(vectors):
    with pytest.raises(ValueError, match="one text"):
        Placer(vectors, ["x"], [1] * len(vectors))
    with pytest.raises(ValueError, match="one theme"):
        Placer(vectors, CAMPAIGN, [1])


@pytest.mark.slow
def test_among_many_ideas_a_place_is_found_at_once():
    many = np.random.default_rng(0).standard_normal((50_000, 64)).astype(np.float32)
    placer = Placer(many, [f"q{row} w{row % 999}" for row in range(len(many))], [row % 300 for row in range(len(many))])
    took = []
    for row in range(3):
        with effort() as cost:
            placer.place(many[row], NewIdea(f"w{row}"))
        took.append(cost.seconds)
    assert min(took) < 0.05


# Several asks, and copies ---------------------------------------------------------------------------------------------

FILLER = "Ce serait simple à mettre en place."
SEVERAL = {
    "Une piste cyclable protégée devant le lycée. Des légumes bio dans les repas de la cantine.": ("vélo", "cantine"),
    f"Deux jours de télétravail de plus. {FILLER}": ("télétravail",),
    "Prendre rendez-vous chez le médecin par internet.\nDes repas végétariens à la cantine.\nÉclairer les pistes "
    "cyclables.": ("rendez-vous", "cantine", "vélo"),
    "Des repas de saison à la cantine. Merci d’avance, bonne journée !": ("cantine",),
}
PETITION = (
    "Nous demandons le maintien de la bibliothèque des Tilleuls dans ses murs et l’abandon de la vente du bâtiment à "
    "un promoteur, qui priverait 1200 enfants du seul lieu de lecture du quartier."
)


@pytest.fixture(scope="module")
def with_several(encoder, vectors):
    """The campaign, a filler after some ideas, with an idea that asks for two things in it."""
    texts = [f"{text.rstrip('.')}. {FILLER}" if row % 7 == 0 else text for row, text in enumerate(CAMPAIGN)]
    both = f"{TOPICS['vélo'][2]} {TOPICS['télétravail'][1]}"
    labels = [THEME_OF[topic] for topic in (*TOPIC_OF, "vélo")]
    return Placer(embed_ideas(encoder, [*texts, both]), [*texts, both], labels, encoder=encoder)


@pytest.mark.parametrize(("text", "topics"), SEVERAL.items())
def test_a_new_idea_counts_in_each_theme_that_it_asks_for(with_several, encoder, text, topics):
    found = with_several.place(embed_ideas(encoder, [text])[0], NewIdea(text))
    assert {one.theme for one in found.passages} == {THEME_OF[topic] for topic in topics}
    assert found.theme in {one.theme for one in found.passages}
    for one in found.passages:
        stretch = text[one.start : one.end]
        assert stretch == stretch.strip()
        assert stretch in text
    if len(topics) > 1:
        assert [one.theme for one in found.passages] == [THEME_OF[topic] for topic in topics], (
            "in the order of the text"
        )


def test_people_decide_about_passages_too(with_several, encoder):
    text = next(iter(SEVERAL))
    vector = embed_ideas(encoder, [text])[0]
    bicycles, canteen, far = (THEME_OF[topic] for topic in ("vélo", "cantine", "télétravail"))
    without = with_several.place(vector, NewIdea(text, forbidden=frozenset({bicycles})))
    assert {one.theme for one in without.passages} == {without.theme} == {canteen}
    moved = with_several.place(vector, NewIdea(text, placed=far))
    assert (moved.theme, moved.leftover) == (far, None)
    assert {one.theme for one in moved.passages} == {far, bicycles, canteen}
    whole = next(one for one in moved.passages if one.theme == far)
    assert (whole.start, whole.end) == (0, len(text))
    gone = with_several.place(vector, NewIdea(text, placed=999))
    assert gone.theme in {bicycles, canteen}


def test_an_idea_that_says_the_same_as_another_one_counts_as_that_one_does(encoder):
    """It does not vote on itself: its second ask goes where that of the other one goes."""
    both = f"{TOPICS['vélo'][2]} {TOPICS['télétravail'][1]}"
    texts = [*CAMPAIGN, both]
    labels = [THEME_OF[topic] for topic in (*TOPIC_OF, "vélo")]
    placer = Placer(embed_ideas(encoder, texts), texts, labels, encoder=encoder)
    found = placer.place(embed_ideas(encoder, [both.upper()])[0], NewIdea(both.upper()))
    assert found.same_as == len(CAMPAIGN)
    assert [one.theme for one in found.passages] == [THEME_OF["vélo"], THEME_OF["télétravail"]]


def test_a_petition_that_begins_between_two_runs_is_one_idea(encoder):
    texts, labels = list(CAMPAIGN), [THEME_OF[topic] for topic in TOPIC_OF]
    same_as = [None] * len(texts)
    for new in (PETITION, f"Madame la Maire, {PETITION}", f"{PETITION} Mes enfants y ont appris à lire."):
        placer = Placer(embed_ideas(encoder, texts), texts, labels, same_as=same_as, encoder=encoder)
        found = placer.place(embed_ideas(encoder, [new])[0], NewIdea(new))
        texts.append(new)
        labels.append(found.theme)
        same_as.append(found.same_as)
    assert same_as[len(CAMPAIGN) :] == [None, len(CAMPAIGN), len(CAMPAIGN)]
    assert len(set(labels[len(CAMPAIGN) :])) == 1


def test_a_copy_is_the_same_as_the_idea_that_stands_for_all(encoder):
    texts = [*CAMPAIGN, PETITION, *(f"{PETITION} {own}" for own in PERSONAL["fr"][:4])]
    same_as = [None] * (len(CAMPAIGN) + 1) + [len(CAMPAIGN)] * 4
    labels = [*(THEME_OF[topic] for topic in TOPIC_OF), *[99] * 5]
    placer = Placer(embed_ideas(encoder, texts), texts, labels, same_as=same_as, encoder=encoder)
    new = f"Madame la Maire, {PETITION} Mes enfants y ont appris à lire."
    vector = embed_ideas(encoder, [new])[0]
    found = placer.place(vector, NewIdea(new))
    assert (found.theme, found.same_as) == (99, len(CAMPAIGN)), "whatever somebody adds to it"
    assert placer.place(vector, NewIdea(new), frozenset({len(CAMPAIGN)})).same_as == len(CAMPAIGN) + 1, "the next one"
    assert placer.place(vector, NewIdea(new), frozenset(range(len(CAMPAIGN), len(texts)))).same_as is None
    other = PETITION.replace("bibliothèque des Tilleuls", "piscine des Érables").replace("lecture", "baignade")
    assert placer.place(embed_ideas(encoder, [other])[0], NewIdea(other)).same_as is None
    for text in NEW:
        assert place(placer, encoder, text).same_as is None


@pytest.mark.slow
@pytest.mark.parametrize(("text", "lang"), PETITIONS)
def test_copies_that_come_later_are_those_that_a_run_finds(text, lang):
    texts = copies(text, 60, lang)
    langs = [lang] * len(texts)
    rows = np.arange(len(texts))
    everyone = find_near_copies(texts, langs, np.ones_like(rows))
    before = rows[: len(texts) // 2]
    earlier = find_near_copies(texts[: len(before)], langs[: len(before)], np.ones_like(before))
    known = KnownTexts(texts[: len(before)], langs[: len(before)], earlier)
    among = np.ones(len(before), dtype=np.bool_)
    folded = {row for row in rows[len(before) :] if known.centre_of_copy(texts[row], lang, among) is not None}
    as_a_run = {row for row in rows[len(before) :] if (everyone == everyone[row]).sum() > 1}
    assert len(as_a_run - folded) <= 0.1 * len(before)


@pytest.mark.slow
def test_placing_finds_the_passages_that_a_run_finds(encoder):
    """Of an idea that comes later, in themes that don't change by it."""
    asks = [text for topic in TOPICS.values() for text in topic]
    several = [f"{one} {other}" for one, other in zip(asks[:14:2], asks[14::2], strict=False)]
    texts = [*CAMPAIGN, *several]
    fixed = {str(row): THEME_OF[topic] for row, topic in enumerate(TOPIC_OF)}
    known = Previous(fixed, {}, fixed, frozenset(THEME_OF.values()), next_id=100)
    for left in range(0, len(several), 2):
        row = len(CAMPAIGN) + left
        others = [text for at, text in enumerate(texts) if at != row]
        before = find_themes(others, previous=known, encoder=encoder)
        after = find_themes(texts, previous=known, encoder=encoder)
        placer = Placer(embed_ideas(encoder, others), others, [one.theme for one in before.ideas], encoder=encoder)
        found = placer.place(embed_ideas(encoder, [texts[row]])[0], NewIdea(texts[row]))
        ran = after.ideas[row]
        assert found.theme == ran.theme
        assert [(one.theme, one.start, one.end) for one in found.passages] == [
            (one.theme, one.start, one.end) for one in ran.passages
        ]
