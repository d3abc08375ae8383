"""Optional fields of a form: asked after the text, kept while one writes, previewed, and filters of the list. On a
phone, whose keyboard also listens.
"""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.model]


def test_a_choice_is_kept_with_the_draft_and_ideas_are_filtered_by_it(enter):
    lou = enter("lou.marechal", width=360, height=740)
    lou.goto("/campaigns/1/ideas/new")
    first = "document.querySelector('#body').compareDocumentPosition(document.querySelector('[name^=field_]'))"
    assert lou.evaluate(first) == 4, "a field comes before the text"  # DOCUMENT_POSITION_FOLLOWING
    # As a keyboard writes that listens: the words grow, and come at once, without a key.
    lou.locator("[name=body]").focus()
    voice = lou.context.new_cdp_session(lou)
    voice.send("Input.imeSetComposition", {"text": "Un arrêt", "selectionStart": 8, "selectionEnd": 8})
    lou.keyboard.insert_text("Un arrêt de bus couvert devant le lycée.")
    expect(lou.locator("[name=body]")).to_have_value("Un arrêt de bus couvert devant le lycée.")
    expect(lou.locator("#save-state")).to_contain_text("Enregistré")
    with lou.expect_response(re.compile("/ideas/save")):
        lou.get_by_label("En bus ou en train").check()
    lou.goto("/campaigns/1/ideas/new")
    lou.locator(".drafts a").first.click()
    expect(lou.get_by_label("En bus ou en train")).to_be_checked()
    lou.locator("#preview").click()
    expect(lou.locator(".given")).to_contain_text("En bus ou en train")
    lou.fill("[name=field_2]", "Lycée Jean-Moulin")
    table = {"name": "passages.csv", "mimeType": "text/csv", "buffer": "Heure;Élèves\r\n08:00;120\r\n".encode()}
    lou.set_input_files("[name=file_3]", table)
    lou.click("#submit")
    lou.wait_for_url(re.compile(r"/ideas/\d+$"))
    expect(lou.locator("main")).to_contain_text("Lycée Jean-Moulin")
    expect(lou.locator("main a", has_text="passages.csv")).to_be_visible()
    lou.goto("/campaigns/2/ideas")
    lou.locator("main details:has(form.filters) summary").click()
    lou.locator("form.filters select[name^=field-]").select_option(index=1)
    lou.locator("form.filters [name$=-from]").fill("30")
    lou.locator("form.filters button").click()
    expect(lou.locator(".chosen li")).to_have_count(2)
    assert lou.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    lou.locator(".chosen a").first.click()
    expect(lou.locator(".chosen li")).to_have_count(1)
