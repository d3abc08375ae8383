"""Names of themes and families."""

import re

import numpy as np
import pytest

from clustering.naming.exemplars import quotations
from clustering.naming.ranking import Names
from clustering.phrases.lexicon import Lexicon
from clustering.text.cleaning import gist, strip_accents
from clustering.text.tagging import TaggedTokens
from clustering.text.tokens import question_lemmas
from clustering.text.word_lists import stop_words
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF, TOPICS
from tests.effort import effort


def french(texts, **options):
    return Lexicon(texts, ["fr"] * len(texts), [1] * len(texts), **options)


def rows_of(topic):
    return np.array([row for row, other in enumerate(TOPIC_OF) if other == topic])


GROUPS = [rows_of(topic) for topic in TOPICS]


def fallback(at):
    return [f"fallback {at}"]


def names(lexicon, groups, vectors=None, encoder=None, **options):
    given = Names(lexicon, vectors, encoder).name_groups(groups, fallback, **options)
    return [label.name for label in given]


@pytest.fixture(scope="module")
def vectors(encoder):
    return encoder.encode(CAMPAIGN)


def test_themes_are_named_after_their_subjects(vectors, encoder):
    lexicon = french(CAMPAIGN)
    for found in (names(lexicon, GROUPS), names(lexicon, GROUPS, vectors), names(lexicon, GROUPS, vectors, encoder)):
        name_of = dict(zip(TOPICS, (name.lower() for name in found), strict=True))
        assert "pistes cyclables" in name_of["vélo"]
        assert "cantine" in name_of["cantine"]
        assert "rendez-vous" in name_of["rendez-vous"] or "médecin" in name_of["rendez-vous"]
        assert "télétravail" in name_of["télétravail"]


def test_names_follow_the_rules(vectors, encoder):
    lexicon = french(CAMPAIGN)
    halves = [half for group in GROUPS for half in (group[::2], group[1::2])]
    given = Names(lexicon, vectors, encoder)
    labels = [*given.name_groups(GROUPS, fallback), *given.name_groups(halves, fallback)]
    small = stop_words("fr")
    for label in labels:
        words = re.findall(r"\w+", strip_accents(label.name.lower()))
        assert 2 <= len(label.name.split()) <= 7
        assert label.name[0].isupper()
        assert not {words[0], words[-1]} & small
        assert 1 <= len(label.phrases) <= 6
    assert len({label.name.casefold() for label in labels}) == len(labels)


def test_the_same_members_have_the_same_name(vectors):
    given = Names(french(CAMPAIGN), vectors)
    first = given.name_groups(GROUPS, fallback)
    again = given.name_groups([group[::-1] for group in GROUPS], fallback)
    assert [label.name for label in again] == [label.name for label in first]


def test_a_second_run_gives_the_same_names(vectors, encoder):
    assert names(french(CAMPAIGN), GROUPS, vectors, encoder) == names(french(CAMPAIGN), GROUPS, vectors, encoder)


def test_words_of_the_question_alone_are_no_name(vectors):
    aside = question_lemmas("Que faire du télétravail ?", ["fr", None])
    assert "teletravail" in aside
    found = names(french(CAMPAIGN, set_aside=aside), [rows_of("télétravail")], vectors)
    assert found[0].casefold() != "télétravail"


def test_a_theme_is_named_in_the_language_of_most_of_its_ideas():
    texts = ["Free public transport for all", "Free public transport please", "Transports publics gratuits"]
    lexicon = Lexicon([*texts, *CAMPAIGN], ["en", "en", "fr"] + ["fr"] * len(CAMPAIGN), [1] * (3 + len(CAMPAIGN)))
    assert names(lexicon, [np.arange(3)]) == ["Free public transport"]


@pytest.mark.slow
def test_a_theme_in_many_languages_is_named_in_one_of_them():
    said = {
        "fr": ["Le pont des piétons est fermé", "Réparer le pont des piétons", "Voir plus haut", "Pas moi", "Rien"],
        "en": ["Mend the footbridge", "See above", "Not me", "Nothing to say", "The footbridge is closed"],
        "de": ["Die Brücke ist zu", "Siehe oben", "Ich nicht", "Nichts", "Die Brücke bitte öffnen"],
        "it": ["Il ponte chiuso", "Vedi sopra", "Io no", "Niente", "Riparare il ponte"],
        "es": ["El puente cerrado", "Ver arriba", "Yo no", "Nada", "Reparar el puente"],
        "nl": ["De brug is dicht", "Zie boven", "Ik niet", "Niets", "De brug herstellen"],
    }
    texts, langs = [text for five in said.values() for text in five], [lang for lang in said for _ in range(5)]
    lexicon = Lexicon([*texts, *CAMPAIGN], [*langs, *["fr"] * len(CAMPAIGN)], [1] * (len(texts) + len(CAMPAIGN)))
    assert names(lexicon, [np.arange(len(texts))]) == ["Pont des piétons"]


def test_a_name_is_no_clause_cut_short():
    texts = [
        "Le vélo et la marche doivent être encouragés",
        "Favoriser le vélo et la marche",
        "Les transports en commun sont trop chers",
        "Les transports en commun sont en retard le matin",
        "Supprimer les lignes et fermer la gare",
        "Fermer la gare",
    ] * 3
    lexicon = french([*texts, *CAMPAIGN])
    found = names(lexicon, [np.arange(row, 18, 6) for row in range(6)])
    assert not any(re.search(r"\b(sont|doivent|être)\b", name) for name in found)
    assert not any(name.startswith(("Lignes et fermer", "Commun")) for name in found)
    assert "la marche" not in " ".join(name for name in found if name.startswith("Vélo"))


def test_a_negated_phrase_is_no_name():
    texts = ["Ne jamais fermer la gare", "Sans fermer la gare", "Ne pas fermer la gare", "gare"] * 2
    found = names(french([*texts, *CAMPAIGN]), [np.arange(8)])
    assert found[0].casefold() != "fermer la gare"


def test_a_title_is_preferred_to_part_of_a_sentence(vectors, encoder):
    texts = [
        "Jardinier des toits. Je cultiverais des tomates sur les toits des bureaux avec les jardiniers du quartier.",
        "Cultiver les toits, avec des ruches et un jardinier pour les bureaux.",
        "Un jardinier pour les toits de la ville, voilà un métier.",
        "Des jardins sur les toits : je serais jardinier là-haut.",
    ]
    lexicon = french([*texts, *CAMPAIGN])
    assert names(lexicon, [np.arange(4)], np.concatenate([encoder.encode(texts), vectors]), encoder) == [
        "Jardinier des toits"
    ]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Améliorer le vélo et la marche", "Améliorer le vélo et la marche"),
        ("Pour le vélo et la marche", "Vélo et marche"),
        ("Prix du vélo et du bus", "Prix du vélo et du bus"),
        ("Parler du vélo et du bus", "Vélo et bus"),
    ],
)
def test_an_article_is_dropped_on_both_sides_or_on_none(said, name):
    assert names(french([said] * 4 + CAMPAIGN), [np.arange(4)]) == [name]


def test_a_day_or_an_hour_is_no_name():
    texts = ["Lundi matin", "Le lundi matin, le pont", "Lundi matin le pont est fermé", "Lundi matin"] * 2
    assert "pont" in names(french([*texts, *CAMPAIGN]), [np.arange(8)])[0].casefold()


FAMILY = ["Le pont est trop étroit", "Élargir le pont"], ["Le pont est sombre", "Éclairer le pont"]


def family(*themes):
    """The name of a family of themes, given by their texts, each repeated four times."""
    texts = [text for theme in themes for text in theme * 4]
    ends = np.cumsum([len(theme) * 4 for theme in themes])
    groups = np.split(np.arange(len(texts)), ends[:-1])
    given = Names(french([*texts, *CAMPAIGN]))
    labels = given.name_groups(groups, fallback)
    name = given.name_families([groups], [labels])[0]
    return name, [label.name for label in labels]


def test_a_family_is_named_by_a_phrase_that_its_themes_share():
    assert family(*FAMILY)[0] == "Pont"


def test_a_family_without_a_shared_phrase_is_named_after_its_two_largest_themes():
    name, themes = family(
        ["La piscine couverte", "Ouvrir la piscine"] * 2, ["Le marché bio", "Déplacer le marché"], ["Bancs"]
    )
    assert name == " · ".join(themes[:2])


def test_a_family_of_one_theme_named_by_a_quotation_has_the_same_name():
    texts = ["Voir plus haut", "Je ne sais pas", "Pas moi", "Je ne vois pas"]
    given = Names(french([*texts, *CAMPAIGN]))
    labels = given.name_groups([np.arange(4)], lambda _: quotations(texts, "fr"))
    assert given.name_families([[np.arange(4)]], [labels]) == [labels[0].name]


def test_two_themes_are_named_by_different_quotations():
    texts = ["Voir plus haut", "Je ne sais pas", "Pas moi", "Je ne vois pas"]
    given = Names(french([*texts, *CAMPAIGN]))
    found = given.name_groups([np.arange(2), np.arange(2, 4)], lambda _: quotations(texts, "fr"))
    assert [label.name.strip("« »\u00a0") for label in found] == ["Voir plus haut", "Je ne sais pas"]


def test_words_of_one_person_do_not_name_the_ideas_of_others():
    texts = ["Voir plus haut", "Je ne sais pas", "Pas moi", "Rien à dire sur la turbine", "Je ne vois pas"]
    given = Names(french([*texts, *CAMPAIGN])).name_groups([np.arange(5)], lambda _: quotations(texts, "fr"))
    assert given[0].name == "«\u00a0Voir plus haut\u00a0»"


def test_a_single_word_gets_another_beside_it():
    texts = ["La messe !", "La mosquée et la messe", "messe, mosquée", "La mosquée"] * 2
    found = names(french([*texts, *CAMPAIGN]), [np.arange(8)])
    assert found[0] in {"Messe et mosquée", "Mosquée et messe"}


@pytest.mark.parametrize(
    ("text", "lang"), [("👍👍", None), ("مرحبا بالعالم", "ar"), ("日本語の文章", "ja"), ("12 34", "fr"), ("", None)]
)
def test_any_script_gets_a_name(text, lang):
    lexicon = Lexicon([text] * 5, [lang] * 5, [1] * 5)
    found = Names(lexicon).name_groups([np.arange(3), np.arange(3, 5)], lambda _: quotations([text], lang))
    assert all(label.name for label in found)
    assert len({label.name for label in found}) == 2


def test_a_theme_without_ideas_has_no_name():
    label = Names(french(CAMPAIGN)).name_groups([np.array([], dtype=int)], lambda _: [])[0]
    assert (label.name, label.phrases, label.ranked) == ("", (), ())


def test_a_campaign_of_one_word_has_a_name():
    assert names(french(["pont"]), [np.arange(1)]) == ["Fallback 0"]


def test_no_ideas_have_no_names():
    assert Names(Lexicon([], [], [])).name_groups([], fallback) == []


def test_vectors_of_another_model_are_used_without_the_model(vectors, encoder):
    short = np.ascontiguousarray(vectors[:, :100])
    assert names(french(CAMPAIGN), GROUPS, short, encoder) == names(french(CAMPAIGN), GROUPS, short)


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["un deux trois quatre cinq six sept huit", "Je n'en vois pas !"], "Je n’en vois pas"),
        (["Voir ma réponse plus haut. Merci d’avance pour tout."], "Voir ma réponse plus haut"),
        (["Rien", "rien du tout"], "Rien du tout"),
        (["À nous de choisir"], "À nous de choisir"),
        (["x" * 100], "X" + "x" * 59 + "…"),
        (["😀"], "😀"),
    ],
)
def test_a_quotation_is_a_short_whole_text_or_a_cut_one(texts, name):
    assert quotations(texts, "fr")[0] == f"«\u00a0{name}\u00a0»"
    assert quotations(texts, None)[0] == f"“{name}”"


class FarFromAll:
    """A model for which no name is near what the texts say."""

    def encode(self, texts):
        return np.tile(np.array([0.0, 0.0, 1.0], dtype=np.float32), (len(texts), 1))


@pytest.mark.parametrize(
    ("quotation", "name"), [("« Semer des fleurs »", "« Semer des fleurs »"), ("« Semer… »", "Vélo")]
)
def test_a_quotation_replaces_a_name_that_is_far_from_what_the_theme_says(quotation, name):
    texts = ["Garer un vélo cargo", "Un vélo cargo devant la gare", "Planter un arbre", "Semer des fleurs"]
    vectors = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]], dtype=np.float32)
    given = Names(french(texts), vectors, FarFromAll()).name_groups([np.array([0, 1])], lambda _: [quotation])
    assert given[0].name.startswith(name)


def test_half_a_german_name_is_no_adjective():
    texts = [
        "Die Fahrzeuge tauschen",
        "Fahrzeuge teilen",
        "Das gilt im wesentlichen",
        "Im wesentlichen richtig",
        "Bäume",
    ]
    given = Names(Lexicon(texts, ["de"] * 5, [1] * 5)).name_groups([np.arange(4)], fallback)
    assert given[0].name == "Fahrzeuge tauschen"


@pytest.mark.parametrize(
    ("texts", "lang", "name"),
    [
        (
            ["L'attente au self reste trop longue le mardi midi"],
            "fr",
            "«\u00a0L’attente au self reste trop longue…\u00a0»",
        ),
        (
            ["Le prix du menu (plat et dessert) a trop monté", "Le prix (du"],
            "fr",
            "«\u00a0Le prix du menu (plat et dessert)…\u00a0»",
        ),
        (
            ["Die Strafe sollte bspw. Firmen treffen und nicht auch uns"],
            "de",
            "„Die Strafe sollte bspw. Firmen treffen…“",
        ),
    ],
)
def test_a_cut_quotation_ends_with_a_content_word(texts, lang, name):
    assert quotations(texts, lang) == [name]


@pytest.mark.parametrize("text", ["." * 4000 + "a", "a " + ". " * 2000, "«" * 4000, "a." * 2000])
def test_quoting_hostile_texts_takes_no_time(text):
    with effort() as cost:
        assert len(quotations([text] * 60, "fr")[0]) < 70
    assert cost.seconds < 1


def test_without_texts_the_quotation_is_an_ellipsis():
    assert quotations([], "fr") == quotations([""], "fr") == ["…"]


def test_many_themes_are_named_within_seconds(vectors):
    texts = [f"{text} {number % 50}" for number in range(100) for text in CAMPAIGN]
    groups = [np.arange(start, len(texts), 60) for start in range(60)]
    many = np.tile(vectors, (100, 1))
    with effort() as cost:
        names(french(texts), groups, many)
    assert cost.seconds < 5


def test_a_name_never_states_the_opposite_of_its_members():
    texts = [
        "The contactless payment doesn’t work",
        "My contactless card does not work in shops",
        "Contactless doesn’t work any more",
        "Why does contactless not work?",
        "Contactless works",
    ] * 2
    others = ["Open the library on Sunday", "More books in the library", "A quiet room in the library"] * 4
    lexicon = Lexicon([*texts, *others], ["en"] * 22, [1] * 22)
    name = names(lexicon, [np.arange(10), np.arange(10, 22)])[0]
    assert name.casefold() not in {"contactless works", "contactless work"}


def test_each_word_of_a_name_is_used_by_several_members():
    texts = ["Le pont des piétons est sombre", "Éclairer le pont des piétons", "Le pont des piétons la nuit"] * 2
    found = names(french([*texts, "Le pont des piétons de Gertrude", *CAMPAIGN]), [np.arange(7)])[0]
    assert "pont des piétons" in found.lower()
    assert "Gertrude" not in found


def test_a_phrase_of_all_members_is_a_better_name_than_one_that_shares_a_word_with_them():
    texts = ["Des villages à électrifier en Asie", *["Partir électrifier des villages", "Électrifier des villages"] * 3]
    found = names(french([*texts, *CAMPAIGN]), [np.arange(7)])[0]
    assert found == "Électrifier des villages"


@pytest.mark.parametrize(
    ("text", "lang", "last"),
    [
        ("mode sombre pour les gardes", "fr", ["sombre", "gardes"]),
        ("aide au vélo de ville", "fr", ["ville"]),
        ("Mehr Radwege mit Bäumen", "de", ["Radwege", "Bäumen"]),
        ("bancos con sombra", "es", ["bancos", "sombra"]),
    ],
)
def test_a_name_may_end_before_a_preposition_that_opens_something_else(text, lang, last):
    tokens = TaggedTokens([text], [lang], [1])
    ends = [word for word, at in zip(text.split(), tokens.can_end, strict=True) if at]
    assert ends == last


def test_an_abbreviation_without_plural_agrees_with_a_plural():
    texts = ["Trop de rdv manqués", "Compter les rdv manqués", "Une amende pour les rdv manqués", "Ces rdv manqués"]
    assert "rdv manqués" in names(french([*texts, *CAMPAIGN]), [np.arange(4)])[0].lower()


def test_a_word_that_a_third_of_the_other_ideas_use_chooses_no_name():
    texts = [f"Dans notre commune, {idea}" for idea in ("plus de bancs publics", "des bancs publics à l’ombre")] * 4
    others = [f"Dans notre commune, {idea}" for idea in ("réparer le pont", "le marché", "la piscine")] * 4
    name = names(french([*texts, *others]), [np.arange(8), np.arange(8, 20)])[0]
    assert "bancs" in name.lower()
    assert "commune" not in name.lower()


def test_a_theme_of_two_subjects_is_named_after_both():
    texts = ["Ouvrir la piscine le soir", "La piscine couverte", "Le marché bio", "Déplacer le marché"] * 3
    name = names(french([*texts, *CAMPAIGN]), [np.arange(12)])[0].lower()
    assert "piscine" in name
    assert "marché" in name


SAID = (
    ["Mehr Licht am Bahnhof", "Licht am Bahnhof bitte", "Bahnhof: mehr Licht"],
    [
        "Plus de lumière à la gare",
        "La lumière de la gare",
        "Gare : plus de lumière",
    ],
)


@pytest.mark.parametrize(("lang", "word"), [("de", "licht"), ("fr", "lumière"), (None, "lumière")])
def test_a_theme_in_two_languages_is_named_in_the_campaigns_or_where_more_is_written(lang, word):
    texts, langs = [*SAID[0], *SAID[1]] * 2, (["de"] * 3 + ["fr"] * 3) * 2
    lexicon = Lexicon(texts, langs, [1] * 12, lang=lang)
    assert word in names(lexicon, [np.arange(12)])[0].lower()


def test_a_language_of_a_few_members_does_not_name_their_theme():
    texts, langs = [*SAID[0] * 4, SAID[1][0]], ["de"] * 12 + ["fr"]
    assert "licht" in names(Lexicon(texts, langs, [1] * 13, lang="fr"), [np.arange(13)])[0].lower()


BOTH_SIDES = [
    (
        "fr",
        [
            "Je suis pour le péage urbain",
            "Contre le péage urbain",
            "Favorable au péage urbain",
            "Supprimer le péage urbain",
        ],
        "Péage urbain\u00a0: pour et contre",
    ),
    (
        "fr",
        [
            "Interdire les voitures au centre-ville",
            "Laisser entrer les voitures au centre-ville",
            "Non aux voitures au centre-ville",
            "Autoriser les voitures au centre-ville",
        ],
        "Voitures au centre-ville\u00a0: pour et contre",
    ),
    (
        "de",
        [
            "Ich bin für die Steuer auf Kohle",
            "Ich bin gegen die Steuer auf Kohle",
            "Steuer auf Kohle: ich bin dafür",
            "Die Steuer auf Kohle abschaffen",
        ],
        "Steuer auf Kohle: dafür und dagegen",
    ),
    (
        "en",
        [
            "I am for the congestion charge",
            "I oppose the congestion charge",
            "Keep the congestion charge",
            "We are against the congestion charge",
        ],
        "Congestion charge: for and against",
    ),
    (
        "es",
        [
            "Estoy a favor del peaje urbano",
            "Estoy en contra del peaje urbano",
            "Mantener el peaje urbano",
            "Eliminar el peaje urbano",
        ],
        "Peaje urbano: a favor y en contra",
    ),
]


@pytest.mark.parametrize(("lang", "said", "name"), BOTH_SIDES)
def test_a_theme_that_holds_both_sides_is_named_neutrally(lang, said, name):
    texts = [*said * 3, *CAMPAIGN]
    lexicon = Lexicon(texts, [lang] * 12 + ["fr"] * len(CAMPAIGN), [1] * len(texts), lang=lang)
    assert names(lexicon, [np.arange(12)]) == [name]


@pytest.mark.parametrize(
    "said",
    [
        ["Contre le péage urbain", "Supprimer le péage urbain", "Le péage urbain est injuste"],
        ["Lutter contre le bruit des motos", "Mesures contre le bruit", "Garder le silence, moins de bruit des motos"],
    ],
)
def test_a_theme_of_one_side_is_not_named_for_and_against(said):
    assert "pour et contre" not in names(french([*said * 3, *CAMPAIGN]), [np.arange(9)])[0]


def test_a_text_of_one_side_speaks_for_a_theme_only_where_most_take_it():
    texts = [
        "Interdire le péage",
        "Garder le péage",
        "Supprimer le péage",
        "Oui au péage",
        "Le péage de l'est",
        *CAMPAIGN,
    ]
    found = Names(french(texts))
    assert found.quotable(np.arange(5), 9).tolist() == [4]
    assert found.quotable(np.array([0, 2, 4]), 9).tolist() == [0, 2, 4]
    assert found.quotable(np.array([0, 1, 2, 3]), 9).tolist() == []


def test_a_name_never_starts_with_a_greeting():
    texts = ["Bonjour, réparer le pont des piétons", "Madame la Maire, le pont des piétons", "Merci pour le pont"] * 3
    texts = [gist(text) for text in texts]
    assert names(french([*texts, *CAMPAIGN]), [np.arange(9)])[0].lower().startswith(("réparer", "pont"))


def test_a_name_never_ends_in_the_middle_of_a_phrase():
    texts = ["Des pistes cyclables séparées de la route", "Des pistes cyclables séparées", "pistes cyclables de"] * 3
    last = names(french([*texts, *CAMPAIGN]), [np.arange(9)])[0].split()[-1]
    assert strip_accents(last) not in stop_words("fr")


def test_a_theme_of_words_without_spaces_is_named_by_a_phrase_of_several():
    texts = ["希望增加自行车道", "自行车道太少", "更多的自行车道"] * 2 + ["图书馆周日开放", "图书馆的新书"] * 3
    name = names(Lexicon(texts, ["zh"] * 12, [1] * 12), [np.arange(6), np.arange(6, 12)])
    assert "自行车道" in name[0]
    assert "图书" in name[1]


def test_a_german_name_ends_with_a_noun_or_a_verb_and_is_no_clause_cut_short():
    texts = [
        "Österreich muss im Klimaschutz global denken",
        "Der Klimaschutz muss global sein",
    ] * 4
    others = ["Mehr Bänke im Park", "Neue Bänke am See", "Die Bänke sind alt"] * 3
    lexicon = Lexicon([*texts, *others], ["de"] * 17, [1] * 17)
    name = names(lexicon, [np.arange(8), np.arange(8, 17)])[0]
    assert "Klimaschutz" in name
    assert "muss" not in name
    assert name.split()[-1] in {"Klimaschutz", "Österreich", "denken"}


def test_a_name_of_two_phrases_holds_no_verb_form_in_english():
    texts = [
        "The pool is cold and my towel was stolen",
        "They stole my towel at the pool",
        "A warm pool and a dry towel",
        "Heated pool",
    ] * 3
    others = ["Open the library on Sunday", "More books in the library", "A quiet room in the library"] * 4
    name = names(Lexicon([*texts, *others], ["en"] * 24, [1] * 24), [np.arange(12), np.arange(12, 24)])[0].lower()
    assert "stole" not in name
    assert "pool" in name


def test_a_name_holds_if_most_members_use_its_words_or_are_nearer_to_it_than_to_other_names(vectors, encoder):
    given = ["Pistes cyclables", "Menus scolaires", "Trains de nuit"]
    groups = [rows_of("vélo"), rows_of("cantine"), rows_of("télétravail")]
    assert Names(french(CAMPAIGN), vectors, encoder).hold(given, groups)[:2] == [True, True]
    assert Names(french(CAMPAIGN)).hold(given, groups) == [True, False, False]  # by words alone
    assert not Names(french(CAMPAIGN), vectors, encoder).hold(given, [groups[2], groups[1], groups[0]])[0]


def test_a_name_that_under_half_of_the_members_share_gives_way_to_a_quotation():
    texts = [
        "Réparer la serrure du local", "Réparer la serrure", "On attend trop longtemps", "Je dois attendre longtemps",
        "Attendre trop longtemps le soir", "Longtemps attendu hier", "C’est long, on attend trop", "On attend",
    ]  # fmt: skip
    lexicon = french([*texts, *CAMPAIGN])
    quotations = ["« On attend… »", "« On attend trop longtemps »"]
    for apart, name, share in ((False, "Réparer la serrure", 0.25), (True, "« On attend trop longtemps »", 0.75)):
        given = Names(lexicon)
        [label] = given.name_groups([np.arange(8)], lambda _at: quotations, apart=apart)
        assert (label.name, given.shares([label.name], [np.arange(8)])) == (name, [share])


def test_a_text_that_many_ideas_share_is_named_by_its_own_words():
    """In copies of one text all words come together: that makes no fixed expressions of them."""
    petition = "Nous demandons le maintien de la bibliothèque des Tilleuls et l'abandon de la vente devant l'école."
    others = ["Des bancs devant l'école", "Une cour plus verte à l'école", "Des bancs à l'ombre", "Planter des arbres"]
    lexicon = Lexicon([petition, *others], ["fr"] * 5, [40, 1, 1, 1, 1])
    name = names(lexicon, [np.zeros(40, dtype=np.intp), np.arange(1, 5)])[0]
    assert "bibliothèque" in name.lower()
    assert len(name.split()) >= 3
