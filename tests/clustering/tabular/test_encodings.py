"""Files in the encodings of other scripts, as old office programs still write them."""

import pytest

from app.forms.contributions.imports.importing import ENCODINGS
from clustering.errors import UnreadableTable
from clustering.tabular.text_file import OLD_ENCODINGS, OTHER_ENCODINGS, decode

TEXTS = {
    "番号,意見\n1,図書館を日曜日も開けてほしい\n2,駅前に自転車を置きたい\n": ("cp932", "shift_jis", "euc_jp"),
    "意見\n図書館を開けて\n": ("cp932",),
    "编号,建议\n1,希望图书馆星期天也能开放\n2,在火车站前停放自行车\n": ("gb18030", "gbk"),
    "編號,建議\n1,希望圖書館星期天也能開放\n2,在火車站前停放自行車\n": ("big5",),
    "번호,의견\n1,도서관을 일요일에도 열어 주세요\n2,역 앞에 자전거 보관소\n": ("cp949", "euc_kr"),
    "Номер;Предложение\n1;Открыть библиотеку в воскресенье\n2;Больше скамеек\n": ("cp1251", "koi8_r", "cp866"),
    "Идея\nБольше лавочек\n": ("cp1251",),
    "Αριθμός;Πρόταση\n1;Να ανοίγει η βιβλιοθήκη την Κυριακή\n2;Περισσότερα παγκάκια\n": ("cp1253",),
    "رقم;اقتراح\n1;فتح المكتبة يوم الأحد\n2;المزيد من المقاعد\n": ("cp1256",),
    "מספר;הצעה\n1;לפתוח את הספרייה ביום ראשון\n2;עוד ספסלים\n": ("cp1255",),
    "No;Öneri\n1;Kütüphane pazar günü açık olsun\n2;Parka daha çok bank, ışık eksik\n": ("cp1254",),
    "Nr;Pomysł\n1;Otworzyć bibliotekę w niedzielę\n2;Więcej ławek przy źródle\n": ("cp1250",),
    "Číslo;Nápad\n1;Více laviček v parku, ať žije škola\n": ("cp1250",),
    "Numéro;Idée\n1;Ouvrir la bibliothèque l’été\n2;Réparer les bancs cassés\n": ("cp1252", "mac_roman"),
    "Nº;Título\n1;¿Más árboles en la plaza?\n2;Niños seguros en el camino\n": ("cp1252", "cp850"),
    "Nr;Idee\n1;Mehr Bänke für den Park\n2;Straße begrünen, 20 m² und 5 m³\n": ("cp1252",),
}


def test_the_encoding_of_a_file_is_found_in_other_scripts():
    for text, encodings in TEXTS.items():
        for encoding in encodings:
            assert decode(text.encode(encoding), "ideas.csv")[0] == text, encoding


def test_each_encoding_that_is_found_can_be_chosen():
    assert {*OLD_ENCODINGS, *OTHER_ENCODINGS} <= set(ENCODINGS)


FRENCH = "Numéro;Idée\n1;Ouvrir la bibliothèque l’été\n2;Réparer les bancs cassés\n"


@pytest.mark.parametrize(
    "text", [FRENCH, "Nr;Idee\n1;Mehr Bänke für größere Plätze\n", "番号,意見\n1,駅前に自転車を置きたい\n"]
)
def test_a_broken_file_in_utf8_is_refused_with_its_line(text):
    content = text.encode()
    last = max(n for n, byte in enumerate(content) if byte > 0x7F)
    for broken in (
        b"\xef\xbb\xbfa\nb\xff\n",
        content + b"3;\xff\n",
        content[:last],
        content[:-4] + b"\xe9" + content[-4:],
    ):
        with pytest.raises(UnreadableTable) as fault:
            decode(broken, "ideas.csv")
        assert fault.value.params["line"] >= 2


def test_a_slip_of_the_keyboard_makes_no_other_script():
    for text in (
        "Numéro;Idée\n1;Un local associatifÀ côté de la gare\n",
        "Nr;Idee\n1;Bänke, 20 m²pour alle, 5 m³pro Jahr\n",
        f"{FRENCH}3;Une école de 200 m²pour les élèves, et un jardinÀ côté\n",
        f"{FRENCH}3;Un local associatifÀ côté\n",
        "Idee\nMehr Grünflächen. schönÖffentlich\n",
        "Nr;Idee\n1;Mehr Grünflächen. schönÖffentlich\n2;Bänke für größere Plätze\n",
        "Nr;Idee\n1;Plus de bancs à la gare\n",
    ):
        assert decode(text.encode("cp1252"), "ideas.csv")[0] == text
    text = "Nr;Idée\n1;Plus de bancs à la gare\n"
    assert decode(text.encode("mac_roman"), "ideas.csv")[0] == text
