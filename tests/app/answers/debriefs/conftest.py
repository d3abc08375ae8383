"""What tests of the debrief share."""

import re

import pytest


@pytest.fixture
def press_publish():
    """Publish as on the page before publishing, by what it shows now."""

    def press(manager, debrief):
        shown = manager.get(f"{debrief}/write?step=publish").text
        stamps = set(re.findall(r'name="stamp"[^>]*value="(\w+)"', shown))
        return manager.post(f"{debrief}/publish", data={"stamp": stamps.pop()} if stamps else {})

    return press
