"""Files in the encodings of other scripts, as old office programs still write them."""

from app.forms.contributions.imports.importing import ENCODINGS
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
