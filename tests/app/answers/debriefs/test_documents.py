import re
import sys
import zlib
from base64 import b64encode
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image

from app.exports.document import PdfNotMade, as_pdf, makes_pdf, stand_alone
from app.sandbox.process import Refused
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.debriefs.material import add_debrief_file
from ideas.files import Upload, kept
from ideas.media_type import WEBP
from ideas.store import Folder

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.skipif(not makes_pdf(), reason="the extra pdf is not installed"),
]
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> ![a](http://localhost:1/a.png) ![b](file:///etc/passwd)"
    " [x](javascript:alert(1)) <link rel=attachment href=file:///etc/passwd> <style>@import url(file:///etc/hosts)</style>"
)


def inflated(pdf):
    """The PDF with the contents of its compressed parts."""
    parts = [pdf]
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            parts.append(zlib.decompress(part))
    return b"\n".join(parts)


@pytest.fixture
def page(closed_campaign):
    return f"/campaigns/{closed_campaign.id}"


@pytest.fixture
def published(session, closed_campaign, make_theme, give_answer, alice, now, uploads):
    def publish(body, name="Fewer clicks"):
        give_answer(make_theme(closed_campaign, name, bodies=(f"One click to confirm. {HOSTILE}", "Two at most.")))
        debrief = write_debrief(session, closed_campaign, body=body, by=alice, now=now)
        publish_debrief(session, debrief, by=alice, now=now)
        session.commit()

    return publish


@pytest.fixture
def picture(session, closed_campaign, uploads, alice, now):
    """A picture of the debrief, and its number."""
    out = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "WEBP")
    with kept(Folder(uploads), out.getvalue()) as stored_as:
        upload = Upload("door.webp", WEBP, out.getvalue())
        return add_debrief_file(session, closed_campaign, upload, stored_as=stored_as, by=alice, now=now).id


def test_the_debrief_is_one_file_to_read_offline_and_a_pdf(client, published, picture, page):
    before = "weasyprint" in sys.modules  # another test of this process may make a PDF by itself
    assert client.get(f"{page}/debrief.pdf").location.endswith("/debrief")
    published(
        f"Thanks for **{{{{ ideas }}}}** ideas. {HOSTILE}\n\n{{{{ image {picture} | A door }}}}"
        "\n\n{{ chart themes }}\n\n{{ map }}\n\n[A site](https://example.org/page)\n\n{{ decisions }}"
    )
    shown = client.get(f"{page}/debrief").text
    assert f'href="{page}/debrief.pdf"' in shown
    offline = client.get(f"{page}/debrief.html")
    assert "attachment" in offline.headers["Content-Disposition"]
    assert "sandbox" in offline.headers["Content-Security-Policy"]
    text = offline.text
    for words in ("Thanks for", "One click to confirm.", 'alt="A door"', "default-src 'none'", "Chart: Ideas in"):
        assert words in text, words
    # Nothing is opened: no picture but those inside, no style or script from elsewhere, no address of this site alone.
    assert text.count("<img") == text.count('src="data:image/webp;base64,') >= 1
    assert not re.search(r"<(script|link|iframe|object|embed|use|base|form)\b", text)
    assert not re.search(r"<[^<>]+ (onerror|style)=", text)
    assert not re.search(r'<[^<>]+ (href|src)="(/|file:|javascript:)', text)
    assert "@import url(file" not in re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    made = client.get(f"{page}/debrief.pdf")
    assert made.mimetype == "application/pdf"
    assert made.data.startswith(b"%PDF-1.7")
    whole = inflated(made.data)
    assert b"/StructTreeRoot" in whole  # tagged, to be read aloud
    assert b"https://example.org/page" in whole
    assert b"/Image" in whole
    assert b"localhost:1" not in whole
    assert b"javascript:" not in whole
    assert client.get(f"{page}/debrief.pdf").data == made.data
    assert ("weasyprint" in sys.modules) == before


def test_the_preview_on_paper_is_a_pdf_as_a_visitor_will_get_it(
    session, signed_in, closed_campaign, picture, page, alice, charlie, now, monkeypatch
):
    body = f"Thanks for {{{{ ideas }}}} ideas.\n\n{{{{ image {picture} | A door }}}}\n\n{{{{ map }}}}"
    write_debrief(session, closed_campaign, body=body, by=alice, now=now)
    session.commit()
    team, paper = signed_in(alice), f"{page}/debrief/blocks/preview?as=paper"
    made = team.get(paper)
    assert (made.status_code, made.mimetype) == (200, "application/pdf")
    whole = inflated(made.data)
    assert b"/Image" in whole
    assert b"/debrief/write" not in whole  # no link that only the team has
    assert team.get(paper).data == made.data
    assert team.get(f"{page}/debrief/write").status_code == 200  # still signed in
    assert signed_in(charlie).get(paper).status_code == 403
    monkeypatch.setattr("app.exports.document.makes_pdf", lambda: False)
    refused = team.get(paper, headers={"Accept-Language": "en"})
    assert (refused.status_code, "This site makes no PDF" in refused.text) == (422, True)


def test_a_pdf_opens_no_address_and_no_file(app, tmp_path, monkeypatch):
    """The page of a PDF comes from us; should a picture of elsewhere be in it all the same, it is left out."""
    secret = tmp_path / "secret.png"
    Image.new("RGB", (800, 800), "red").save(secret)
    outside = [f"file://{secret}", str(secret), "http://127.0.0.1:9/a.png", "//127.0.0.1:9/a.png", "ftp://127.0.0.1/a"]
    images = "".join(f'<img src="{address}" width="400">' for address in outside)
    styles = "".join(
        f'<link rel="stylesheet" href="{address}"><style>@import "{address}"</style>' for address in outside
    )
    attached = f'<link rel="attachment" href="file://{secret}"><a rel="attachment" href="file://{secret}">a</a>'
    drawn = (
        f'<svg viewBox="0 0 9 9"><image href="file://{secret}" width="9" height="9"/><use href="{outside[2]}#a"/></svg>'
    )
    with app.app_context():
        bare = as_pdf("<p>Words</p>")
        made = as_pdf(f"{styles}{attached}<p>Words</p>{images}{drawn}")
        inside = f'<img src="data:image/png;base64,{b64encode(secret.read_bytes()).decode()}">'
        assert b"/Image" in inflated(as_pdf(inside))  # as one that is opened would be
        assert b"/Image" not in inflated(made)
        assert b"/EmbeddedFile" not in inflated(made)
        assert abs(len(made) - len(bare)) < 3_000

        def busy(*_args, **_options):
            raise Refused("busy")

        monkeypatch.setattr("app.exports.document.read", busy)
        with pytest.raises(PdfNotMade):
            as_pdf("<p>Other words</p>")


def test_a_page_stands_alone_with_its_own_pictures_and_addresses():
    page = (
        '<a href="/campaigns/1">a</a> <a href="//evil">b</a> <a href="#c">c</a> <img alt="d" src="/files/3"> '
        '<img src="/files/4"> <svg class="icon" aria-hidden="true"><use href="/static/s.svg#x"></use></svg>'
        '<rect class="chart__bar" x="0"/> <a\nhref="/e">e</a> <img\nsrc="/files/3"> <rect\nclass="meter"/> '
        '&lt;a href="/x"'
    )
    alone = stand_alone(page, site="https://ideas.example/", pictures={3: ("image/webp", b"x")})
    assert '<a href="https://ideas.example/campaigns/1">' in alone
    assert '<a href="#c">' in alone
    assert '<img alt="d" src="data:image/webp;base64,eA==">' in alone
    assert "/files/4" not in alone
    assert "<use" not in alone
    assert '<rect class="chart__bar" fill="#0b6066" x="0"/>' in alone
    assert '<a\nhref="https://ideas.example/e">' in alone, "pages are sent without indentation"
    assert '<img\nsrc="data:image/webp;base64,eA==">' in alone
    assert '<rect\nclass="meter" fill="#0b6066"/>' in alone
    assert alone.endswith('&lt;a href="/x"')
