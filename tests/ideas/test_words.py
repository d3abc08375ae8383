"""The words of a text as a search compares them."""

import random
import time
import tracemalloc

import pytest

from ideas.words import index_tokens, stems, token, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vélo", "VÉLOS"),
        ("œuvre", "oeuvres"),
        ("Straße", "strasse"),
        ("ﬁnance", "finances"),
        ("acheter", "achetées"),
        ("proposée", "propose"),
        ("gratuite", "gratuits"),
        ("national", "nationaux"),
        ("cheval", "chevaux"),
        ("bus", "buses"),
        ("city", "cities"),
        ("meeting", "meetings"),
        ("e\u0301cole", "\u00e9cole"),
    ],
)
def test_forms_of_a_word_share_a_stem(one, other):
    (first,), (second,) = words_of(one), words_of(other)
    assert first.stems & set(index_tokens(other).split())
    assert second.stems & set(index_tokens(one).split())


@pytest.mark.parametrize(("one", "other"), [("bus", "buste"), ("eau", "eaux-vannes"), ("car", "care"), ("a", "b")])
def test_other_words_share_none(one, other):
    (first,), (second, *_rest) = words_of(one), words_of(other)
    assert first.folded != second.folded


def test_accents_and_capitals_never_change_the_tokens():
    for plain, written in [("gratuite", "GRATUITÉ"), ("the", "thé"), ("peche", "pêche"), ("lecon", "LEÇON")]:
        assert index_tokens(plain) == index_tokens(written)


@pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ", "`", " "])
def test_an_apostrophe_ends_a_word(apostrophe):
    assert [word.folded for word in words_of(f"l{apostrophe}achat")] == ["l", "achat"]


def test_a_compound_is_found_by_its_parts_and_by_the_whole():
    tokens = set(index_tokens("des porte-vélos").split())
    assert {"velo", "portevelo", *stems("porte")} <= tokens
    (compound,) = words_of("porte\u2011vélos")
    assert [part.folded for part in compound.parts] == ["porte", "velos"]


def test_a_word_knows_its_place_in_the_text():
    text = "L’œuvre « n° 2 », porte-vélo 🚲 et 自転車!"
    assert [text[word.start : word.end] for word in words_of(text)] == [
        "L", "œuvre", "n", "2", "porte-vélo", "🚲", "et", "自転", "転車"
    ]  # fmt: skip


def test_scripts_without_spaces_are_found_by_pairs_of_signs():
    assert {token("自転"), token("転車"), token("車")} <= set(index_tokens("無料の自転車です").split())


@pytest.mark.parametrize("word", ["Москва", "مدرسة", "हिन्दी", "한국어", "🚲", "Ελλάδα"])
def test_words_of_other_alphabets_are_found_as_they_are(word):
    (found,) = words_of(word)
    assert found.stems <= set(index_tokens(f"a {word}, b").split())


def test_arabic_vowels_and_tones_of_emoji_can_be_left_out():
    assert index_tokens("مَدرَسة") == index_tokens("مدرسة")
    assert index_tokens("🙏🏽") == index_tokens("🙏")


@pytest.mark.parametrize("text", ["", "  ", "« … » !?", "-", "--- - -", "'", "\u200b\u00ad"])
def test_a_text_without_a_word_has_no_token(text):
    assert index_tokens(text) == ""
    assert list(words_of(text)) == []


def test_tokens_are_of_letters_digits_and_underscores():
    assert set(index_tokens("NEAR(a b) OR * \" ' : & | ! é 字 🚲 \x00 x_y").replace(" ", "")) <= set(
        "abcdefghijklmnopqrstuvwxyz0123456789_"
    )


@pytest.mark.parametrize(
    "text",
    ["e" + "\u0301\u0323" * 20_000, "a-" * 20_000, "字" * 40_000, "x" * 40_000, "'" * 40_000, "é\u200d" * 20_000],
)
def test_the_worst_text_takes_linear_time(text):
    started = time.thread_time()
    index_tokens(text)
    list(words_of(text))
    assert time.thread_time() - started < 2


@pytest.mark.slow
@pytest.mark.parametrize("space", ["", "-"])
def test_long_texts_without_a_space_are_not_kept_in_memory(space):
    """A person who saves a draft of 5,000 Chinese signs took a megabyte of the server each time."""
    made_up = random.Random(1)  # noqa: S311 -- no secret
    signs = [chr(0x4E00 + number) for number in range(200)]
    index_tokens(" ".join(signs))  # each sign is folded once and kept
    texts = [space.join(made_up.choices(signs, k=2_500)) for _ in range(10)]
    tracemalloc.start()
    for text in texts:
        index_tokens(text)
    kept, _most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 100_000
