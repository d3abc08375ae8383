"""HTML in cells, read as text."""

import pytest

from clustering.tabular.markup import as_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<p>Un banc.</p><p>Cela aiderait&nbsp;beaucoup.</p>", "Un banc.\n\nCela aiderait beaucoup."),
        ("Un banc<br>à l’ombre<br />du marché", "Un banc\nà l’ombre\ndu marché"),
        ("<ul><li>un bus</li><li>un banc</li></ul>", "- un bus\n- un banc"),
        ("<div><b>Vélos</b> &amp; <a href='https://example.org'>bus</a></div>", "Vélos & bus"),
        ("<p>Un</p><script>alert(1)</script><style>p {}</style>", "Un"),
        ("&eacute;t&#233; &lt;3", "été <3"),
        ("a < b, et R&D > 3 % ; moins de 5 <10", "a < b, et R&D > 3 % ; moins de 5 <10"),
        ("Relier <nom du quartier> au centre", "Relier <nom du quartier> au centre"),
        ('=HYPERLINK("x")', '=HYPERLINK("x")'),
        ("+33 me rappeler", "+33 me rappeler"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_a_browser_shows_it(cell, text):
    assert as_text(cell) == text


def test_a_long_broken_cell_takes_little_time():
    assert as_text("<p " * 50_000 + "<br> un banc") == "un banc"
