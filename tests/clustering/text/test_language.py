"""Languages are found among those that the campaign uses."""

import pytest

from clustering.text.language import detect_languages
from clustering.text.word_lists import stop_words

FRENCH = ["Il faudrait plus de bus le soir dans notre quartier", "Les trottoirs sont trop étroits pour les poussettes"]


def test_given_languages_are_kept_and_the_others_detected():
    langs = detect_languages([*FRENCH, "We need more buses in the evening please"], [None, "FR-ca", None])
    assert langs == ["fr", "fr", "en"]


def test_short_texts_choose_among_the_languages_of_the_others():
    assert detect_languages([*FRENCH * 20, "gratuité", "velo"])[-2:] == ["fr", "fr"]


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("hi", ["शाम को और बसें चलनी चाहिए और किराया कम हो", "स्कूल के आँगन में पेड़ लगाए जाएँ ताकि छाया मिले"]),
        ("th", ["ควรมีรถเมล์มากขึ้นในตอนเย็นและค่าโดยสารถูกลง", "ปลูกต้นไม้ในสนามโรงเรียนเพื่อให้มีร่มเงา"]),
        (
            "zh",
            [
                "晚上应该有更多的公共汽车，票价也应该更便宜一些，方便大家出行",
                "在学校的院子里种树，让孩子们有阴凉的地方可以休息和玩耍",
            ],
        ),
        (
            "ja",
            [
                "夜にもっとバスを増やして、運賃を安くしてほしいと思います",
                "学校の校庭に木を植えて、日陰を作ってください",
            ],
        ),
        ("de", ["Am Abend sollten mehr Busse fahren", "Mehr Bäume auf dem Schulhof"]),
        ("es", ["Más autobuses por la noche en el barrio", "Plantar árboles en el patio de la escuela"]),
    ],
)
def test_the_languages_that_a_campaign_may_be_in_are_recognised(code, texts):
    assert detect_languages(texts) == [code] * len(texts)


def test_an_empty_text_has_no_language():
    assert detect_languages(["", FRENCH[0]]) == [None, "fr"]
    assert detect_languages([]) == []


def test_an_invalid_code_is_replaced_by_detection():
    assert detect_languages(FRENCH, ["français", "?"]) == ["fr", "fr"]


def test_stop_words_hold_elisions_and_not_subjects():
    assert {"l", "de", "etre"} <= stop_words("fr")
    assert "personnes" not in stop_words("fr")
    assert stop_words(None) == stop_words("xx") == frozenset()
