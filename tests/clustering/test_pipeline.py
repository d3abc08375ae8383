"""From texts to themes: what comes back, what holds between runs, and input that no one would wish for."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clustering.errors import UnusableVectors
from clustering.naming.labels import Labeller
from clustering.pipeline import MIN_TEXTS, STAGES, find_themes
from clustering.text.duplicates import dedupe_texts
from clustering.types import Leftover, Previous
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF


@pytest.fixture(scope="module")
def found(encoder):
    return find_themes(CAMPAIGN, encoder=encoder)


def assert_whole(found, n):
    """What must hold whatever the input."""
    ids = {theme.id for theme in found.themes}
    assert len(found.ideas) == n
    assert len(ids) == len(found.themes)
    sizes = Counter(idea.theme for idea in found.ideas)
    for idea in found.ideas:
        assert (idea.theme is None) == (idea.leftover is not None)
        assert idea.theme is None or idea.theme in ids
        assert {near.theme for near in idea.nearest} <= ids
        assert len(idea.nearest) <= 3
        assert idea.nearest == tuple(sorted(idea.nearest, key=lambda near: -near.strength))
        assert all(0 < near.strength <= 1 for near in idea.nearest)
        assert 0 <= min(idea.strength, idea.x, idea.y) <= max(idea.strength, idea.x, idea.y) <= 1
        assert idea.leftover != Leftover.AMBIGUOUS or len(idea.nearest) >= 2
    names = [theme.name.casefold() for theme in found.themes if theme.size]
    assert len(set(names)) == len(names)
    for theme in found.themes:
        assert theme.size == sizes[theme.id]
        assert 0 <= min(theme.cohesion, theme.x, theme.y) <= max(theme.cohesion, theme.x, theme.y) <= 1
        assert len(theme.exemplars) == len(set(theme.exemplars)) <= 3
        assert all(found.ideas[row].theme == theme.id for row in theme.exemplars)
        assert bool(theme.name) == bool(theme.size)
    assert [theme.size for theme in found.themes] == sorted((theme.size for theme in found.themes), reverse=True)


def test_the_campaign_becomes_its_four_themes(found):
    assert_whole(found, len(CAMPAIGN))
    assert found.model == "use-multilingual"
    assert not found.too_few
    assert len(found.themes) == 4
    for theme in found.themes:
        topics = Counter(TOPIC_OF[row] for row, idea in enumerate(found.ideas) if idea.theme == theme.id)
        assert topics.most_common(1)[0][1] >= 7
    assert set(found.seconds) == {*STAGES, "total"}


def test_a_theme_is_quoted_in_its_main_language(encoder):
    """Where members share no words; the nearest to their middle may be in another language."""
    texts = [
        "Plus aucun code à retenir",
        "Logged out again",
        "Logged out once more",
        "Ma session se ferme",
        "Tout retaper",
    ]
    unique = dedupe_texts(texts, ["fr", "en", "en", "fr", "fr"], None)
    meaning = np.eye(5, dtype=np.float32)[unique.index_of[[1, 1, 1, 1, 1]]] + 0.1 * np.eye(5, dtype=np.float32)
    labeller = Labeller(unique, meaning, np.ones(5, dtype=np.float32), "", None)
    (words,) = labeller.label([np.arange(5)])
    assert words.name.startswith("«")
    assert "ogged" not in words.name


def test_a_theme_has_a_name_in_each_language_that_several_of_its_ideas_are_written_in(encoder):
    trees = [
        "Plant more trees in our streets", "More trees in the streets", "Trees along the streets for shade",
        "Planter des arbres dans nos rues", "Plus d'arbres dans les rues", "Des arbres dans les rues pour l'ombre",
    ]  # fmt: skip
    buses = ["Des bus de nuit", "Des bus plus tard la nuit", "Un bus de nuit le samedi", "A night bus on Saturdays"]
    food = [
        "Une cantine gratuite",
        "La cantine moins chère",
        "Des repas bio à la cantine",
        "Baisser le prix de la cantine",
    ]
    for lang, other, ours, theirs in (("fr", "en", "arbres", "tree"), ("en", "fr", "tree", "arbres")):
        found = find_themes([*trees, *buses, *food], encoder=encoder, lang=lang)
        by_id = {theme.id: theme for theme in found.themes}
        streets, nights = by_id[found.ideas[0].theme], by_id[found.ideas[6].theme]
        assert ours in streets.name.casefold()
        assert theirs in dict(streets.other_names)[other].casefold()
        assert nights.other_names == ()  # one idea in English is not several


def test_a_place_that_all_ideas_name_ends_no_name(encoder):
    bicycles = [
        "Plus de pistes cyclables à Lyon", "Des pistes cyclables séparées à Lyon", "Lyon sans pistes cyclables",
        "Sécuriser les pistes cyclables de Lyon", "Des pistes cyclables continues à Lyon",
    ]  # fmt: skip
    buses = [
        "Des bus de nuit à Lyon", "Les bus à Lyon doivent circuler après minuit", "Plus de bus la nuit à Lyon",
        "Prolonger les bus à Lyon le soir", "Des bus plus fréquents la nuit dans Lyon",
    ]  # fmt: skip
    food = [
        "Baisser le prix de la cantine à Lyon", "La cantine gratuite pour les enfants à Lyon",
        "Des repas bio à la cantine dans les écoles de Lyon", "Moins de plastique à la cantine à Lyon",
    ]  # fmt: skip
    found = find_themes([*bicycles, *buses, *food], encoder=encoder, lang="fr")
    assert {"Pistes cyclables", "Bus de nuit"} <= {theme.name for theme in found.themes}


def test_same_input_same_output(found, encoder):
    again = find_themes(CAMPAIGN, encoder=encoder)
    assert (again.themes, again.ideas) == (found.themes, found.ideas)


def test_texts_in_capitals_are_in_the_same_themes(found, encoder):
    loud = np.random.default_rng(0).permutation(len(CAMPAIGN))[: round(0.3 * len(CAMPAIGN))]
    texts = [text.upper() if row in loud else text for row, text in enumerate(CAMPAIGN)]
    again = find_themes(texts, encoder=encoder)

    def ideas_by_name(run):
        names = {theme.id: theme.name for theme in run.themes}
        return [names.get(idea.theme) for idea in run.ideas]

    assert ideas_by_name(again) == ideas_by_name(found)


def test_given_vectors_are_used_as_they_are(found, encoder):
    given_vectors = find_themes(CAMPAIGN, vectors=encoder.encode(CAMPAIGN))
    assert given_vectors.model == "vectors"
    assert [idea.theme for idea in given_vectors.ideas] == [idea.theme for idea in found.ideas]


def test_progress_goes_through_the_stages_in_order(encoder):
    reported = []
    find_themes(CAMPAIGN, encoder=encoder, progress=lambda stage, fraction: reported.append((stage, fraction)))
    assert reported == sorted(reported, key=lambda item: (STAGES.index(item[0]), item[1]))
    assert {stage for stage, _ in reported} == set(STAGES)
    assert reported[-1] == ("layout", 1.0)


@pytest.mark.parametrize("stage", STAGES)
def test_progress_may_stop_it_anywhere(stage, encoder):
    class StopHere(Exception):
        pass

    def stop(now, _):
        if now == stage:
            raise StopHere

    with pytest.raises(StopHere):
        find_themes(CAMPAIGN, encoder=encoder, progress=stop)


@pytest.mark.parametrize("n", range(MIN_TEXTS))
def test_too_few_ideas_are_not_grouped(n):
    found = find_themes(CAMPAIGN[:n])
    assert_whole(found, n)
    assert found.too_few
    assert found.themes == ()
    assert {idea.leftover for idea in found.ideas} <= {Leftover.OUTLIER}


def test_too_few_ideas_stay_where_a_person_placed_them():
    previous = Previous({"0": 4}, {}, {"1": 7}, frozenset({4}), next_id=9)
    found = find_themes(CAMPAIGN[:3], previous=previous)
    assert_whole(found, 3)
    assert found.too_few
    assert [idea.theme for idea in found.ideas] == [4, 7, None]


def test_a_repeated_text_is_one_text_with_its_count(encoder):
    texts = [*CAMPAIGN, *["Gratuité des transports !"] * 20, *["gratuité des transports"] * 20]
    found = find_themes(texts, encoder=encoder)
    assert_whole(found, len(texts))
    assert len({idea.theme for idea in found.ideas[len(CAMPAIGN) :]}) == 1
    largest = found.themes[0]
    assert largest.size >= 40
    assert "transports" in largest.name.lower()
    assert len(found.themes) == 5


def test_all_rows_equal_make_one_theme(encoder):
    found = find_themes(["Plus de bus le soir"] * 30, encoder=encoder)
    assert_whole(found, 30)
    assert [(theme.size, theme.cohesion, len(theme.exemplars)) for theme in found.themes] == [(30, 1.0, 1)]


def test_empty_rows_are_kept_as_outliers(encoder):
    texts = ["", " \n", *CAMPAIGN, "😀😀", "https://example.org"]
    found = find_themes(texts, encoder=encoder)
    assert_whole(found, len(texts))
    for row in (0, 1, -2, -1):
        assert found.ideas[row].leftover == Leftover.OUTLIER
        assert found.ideas[row].nearest == ()


STRANGE = {
    "emoji only": ["😀", "👍👍", "🎉🎉🎉", "😀👍"] * 10,
    "one language unknown": [f"ខ្ញុំចង់បាន {word} ច្រើន" for word in "កខគឃងចឆជឈញដឋឌឍណតថទធន"],
    "mixed scripts": ["Bonjour мир", "你好 world", "مرحبا tous", "שלום à vous", "привет 123"] * 5,
    "right to left": [f"نريد المزيد من الحافلات {number}" for number in range(20)],
    "addresses only": [f"https://example.org/{number}" for number in range(20)],
    "numbers only": [str(number) for number in range(40)],
    "half characters and NUL": [f"idée \x00 \ud800 {text}" for text in CAMPAIGN],
    "one giant text": [*CAMPAIGN, "Des bus ! " * 500_000],
    "single letters": list("abcdefghijklmnopqrstuvwxyz"),
    "one word each": ["vélo", "bus", "train", "gare", "route", "pont", "parc", "arbre", "banc", "rue", "feu", "quai"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STRANGE)
def test_strange_texts_get_a_result(name, encoder):
    assert_whole(find_themes(STRANGE[name], encoder=encoder), len(STRANGE[name]))


@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((36, 5)),
        np.ones((36, 5)),
        np.eye(36),
        np.full((36, 1), 3.0),
        np.arange(72).reshape(36, 2),
        np.eye(36) * 1e300,
    ],
    ids=["zeros", "equal", "orthogonal", "one dimension", "integers", "huge"],
)
def test_strange_vectors_get_a_result(vectors):
    assert_whole(find_themes(CAMPAIGN, vectors=vectors), len(CAMPAIGN))


@pytest.mark.parametrize(
    ("vectors", "code"),
    [
        (np.zeros(36), "vectors_shape"),
        (np.zeros((36, 0)), "vectors_shape"),
        (np.full((36, 2), "a"), "vectors_shape"),
        (np.zeros((35, 4)), "vectors_count"),
        (np.full((36, 4), np.nan), "vectors_finite"),
        (np.full((36, 4), np.inf), "vectors_finite"),
    ],
)
def test_unusable_vectors_are_refused_with_one_sentence(vectors, code):
    with pytest.raises(UnusableVectors) as refused:
        find_themes(CAMPAIGN, vectors=vectors)
    assert refused.value.code == code


def test_lengths_and_keys_are_checked():
    with pytest.raises(ValueError, match="one key"):
        find_themes(CAMPAIGN, keys=["a"])
    with pytest.raises(ValueError, match="once"):
        find_themes(["a", "b"], keys=["k", "k"])


def test_the_question_is_left_out_of_names(encoder):
    found = find_themes(CAMPAIGN, encoder=encoder, question="Que pensez-vous du télétravail ?")
    assert not any(theme.name.casefold() == "télétravail" for theme in found.themes)


def test_a_second_run_keeps_ids_places_and_what_people_did(found, encoder):
    theme_of = {str(row): idea.theme for row, idea in enumerate(found.ideas) if idea.theme is not None}
    moved = next(row for row, idea in enumerate(found.ideas) if idea.theme == 1)
    previous = Previous(
        theme_of,
        {theme.id: (theme.x, theme.y) for theme in found.themes},
        {str(moved): 2},
        frozenset({3, 99}),
        next_id=100,
    )
    more = [*CAMPAIGN, "Une piste cyclable devant la cantine.", "Moins de bruit la nuit."]
    again = find_themes(more, encoder=encoder, previous=previous)
    assert_whole(again, len(more))
    assert again.ideas[moved].theme == 2
    assert {1, 2, 3, 4, 99} <= {theme.id for theme in again.themes}
    assert [theme.name for theme in again.themes if theme.id == 99] == [""]
    stayed = sum(again.ideas[int(key)].theme == theme for key, theme in theme_of.items())
    assert stayed >= 0.9 * len(theme_of)
    before = {theme.id: theme for theme in found.themes}
    for theme in again.themes:
        if theme.id in before:
            assert np.hypot(theme.x - before[theme.id].x, theme.y - before[theme.id].y) < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("granularity", [-2, -1, 1])
def test_later_runs_stay_as_fine_as_the_owner_chose(granularity):
    rng = np.random.default_rng(0)
    families = rng.standard_normal((4, 1, 1, 32))
    groups = families + 0.8 * rng.standard_normal((4, 3, 1, 32))
    vectors = (groups + 0.7 * rng.standard_normal((4, 3, 25, 32))).reshape(-1, 32).astype(np.float32)
    texts = [f"Proposition {row}" for row in range(len(vectors))]
    run = find_themes(texts, vectors=vectors, granularity=granularity)
    count = len(run.themes)
    for _ in range(3):
        earlier = {str(row): idea.theme for row, idea in enumerate(run.ideas) if idea.theme is not None}
        previous = Previous(earlier, {}, {}, frozenset(), next_id=100)
        run = find_themes(texts, vectors=vectors, granularity=granularity, previous=previous)
        stayed = sum(run.ideas[int(key)].theme == theme for key, theme in earlier.items())
        assert stayed >= 0.95 * len(earlier)
        assert len(run.themes) == count
        assert run.base == round(count / 1.5**granularity)


@pytest.fixture(scope="module")
def vectors(encoder):
    return encoder.encode(CAMPAIGN)


KEYS = [str(row) for row in range(len(CAMPAIGN))]
a_theme = st.integers(1, 6)


@pytest.mark.slow
@given(
    st.dictionaries(st.sampled_from(KEYS), a_theme, max_size=20),
    st.dictionaries(st.sampled_from(KEYS), a_theme, max_size=4),
    st.frozensets(a_theme, max_size=3),
    st.dictionaries(a_theme, st.tuples(st.floats(0, 1), st.floats(0, 1))),
    st.frozensets(st.sampled_from(KEYS), max_size=4),
    st.dictionaries(st.sampled_from(KEYS), st.frozensets(a_theme, min_size=1, max_size=6), max_size=4),
    st.integers(-1, 1),
    st.none() | st.integers(-1, 1),
)
@example({"0": 2}, {"14": 2, "7": 1}, frozenset(), {}, frozenset(), {}, 0, None)  # a nearness that rounds to nothing
@example({}, {"0": 1, "11": 1, "1": 1}, frozenset(), {}, frozenset(), {"10": frozenset({1})}, 0, None)  # one theme left
@settings(deadline=None, max_examples=40)
def test_what_people_did_holds_over_any_earlier_run(
    vectors, theme_of, placed, kept, positions, alone, forbidden, granularity, earlier_granularity
):
    alone -= placed.keys()
    forbidden = {key: themes - {placed.get(key)} for key, themes in forbidden.items()}
    previous = Previous(theme_of, positions, placed, kept, 7, alone, forbidden, earlier_granularity)
    found = find_themes(CAMPAIGN, vectors=vectors, previous=previous, granularity=granularity)
    assert_whole(found, len(CAMPAIGN))
    assert all(found.ideas[int(key)].theme == theme for key, theme in placed.items())
    assert all(found.ideas[int(key)].theme is None for key in alone)
    assert all(found.ideas[int(key)].theme not in themes for key, themes in forbidden.items())
    assert all(
        near.theme not in themes for key, themes in forbidden.items() for near in found.ideas[int(key)].nearest
    ), "where it may not go isn't offered either"
    assert kept <= {theme.id for theme in found.themes}


def test_a_forbidden_theme_moves_only_the_idea_that_would_go_there(found, vectors):
    row = next(row for row, idea in enumerate(found.ideas) if idea.theme == 1)
    free = [row for row, idea in enumerate(found.ideas) if idea.theme is None]
    theme_of = {str(row): idea.theme for row, idea in enumerate(found.ideas) if idea.theme is not None}
    forbidden = {str(row): frozenset({1})} | {str(row): frozenset({99}) for row in free}
    previous = Previous(theme_of, {}, {}, frozenset(), 100, forbidden=forbidden)
    again = find_themes(CAMPAIGN, vectors=vectors, previous=previous)
    assert again.ideas[row].theme != 1
    before = find_themes(CAMPAIGN, vectors=vectors, previous=Previous(theme_of, {}, {}, frozenset(), 100))
    assert [again.ideas[row].theme for row in free] == [before.ideas[row].theme for row in free]


def test_earlier_themes_of_another_granularity_give_their_ids_but_not_their_number(vectors):
    fine = find_themes(CAMPAIGN, vectors=vectors)
    theme_of = {str(row): idea.theme for row, idea in enumerate(fine.ideas) if idea.theme is not None}
    previous = Previous(theme_of, {}, {}, frozenset(), 100, granularity=0)
    coarse = find_themes(CAMPAIGN, vectors=vectors, previous=previous, granularity=-1)
    assert len(coarse.themes) == len(find_themes(CAMPAIGN, vectors=vectors, granularity=-1).themes) < len(fine.themes)
    assert {theme.id for theme in coarse.themes} & {theme.id for theme in fine.themes}


@pytest.mark.model
def test_names_of_a_language_model_are_kept_only_where_they_hold(encoder):
    class Shouting:
        def name(self, drafts):
            self.drafts = drafts
            return ["Sous-marins nucléaires", *(draft.name.upper() for draft in drafts[1:])]

    namer = Shouting()
    found = find_themes(CAMPAIGN, encoder=encoder, namer=namer, lang="fr")
    assert not any("sous-marins" in theme.name.lower() for theme in found.themes)
    assert all(theme.name.isupper() for theme in found.themes[1:])
    assert found.renamed
    assert {draft.lang for draft in namer.drafts} == {"fr"}
    assert any(draft.definition for draft in namer.drafts)
