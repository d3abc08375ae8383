"""Two ideas that say the same are merged and separated: at a desk with scripts, on a phone without."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.model]

IDEAS = "/campaigns/1/ideas"
PHONE = {"width": 360, "height": 740, "has_touch": True, "is_mobile": True, "java_script_enabled": False}


@pytest.mark.parametrize(
    ("options", "idea", "kept", "words"),
    [
        pytest.param({}, 77, 22, "bus de nuit le samedi", id="desk"),
        pytest.param(PHONE, 106, 69, "bus dimanche", id="phone-without-scripts"),
    ],
)
def test_a_moderator_merges_two_ideas_and_separates_them(enter, options, idea, kept, words):
    moderator = enter("solene.abgrall", **options)
    moderator.goto(f"{IDEAS}/{idea}")
    text = moderator.locator(".idea-body").inner_text()
    moderator.locator(f"a[href='{IDEAS}/{idea}/merge']").click()
    moderator.fill("#containing", words)
    moderator.locator("main form[role=search] button").click()
    moderator.locator(f"#other-{kept}").check()
    moderator.locator("main form[method=post] button[type=submit]").last.click()
    expect(moderator).to_have_url(re.compile(rf"{IDEAS}/{kept}$"))
    merged = moderator.locator(f"#merged-{idea}")
    expect(merged).to_contain_text(text)
    moderator.goto(f"{IDEAS}/{idea}")
    expect(merged).to_be_visible()
    merged.locator("form[action$='/undo'] button").click()
    expect(moderator.locator(".flash--success")).to_be_visible()
    expect(moderator.locator(".idea-body")).to_have_text(text)
    moderator.goto(f"{IDEAS}/{kept}")
    expect(merged).to_have_count(0)
