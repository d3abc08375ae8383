"""Tags that the team puts on ideas."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from app.forms.desk.work import MAX_TAGS_LENGTH, tags_typed
from app.forms.text import MaxLength
from app.forms.themes.edit import ChosenIdeasForm


class TagIdeasForm(ChosenIdeasForm):
    """`tags`: what was typed, for all chosen ideas. `act`: "remove" takes them away, else they are added."""

    tags = StringField(_l("Tags"), validators=[MaxLength(MAX_TAGS_LENGTH)], id="idea-tags")
    act = HiddenField()

    @property
    def typed(self) -> list[str]:
        return tags_typed(self.tags.data)

    @property
    def removes(self) -> bool:
        return bool(self.act.data == "remove")


class SetTagsForm(TagIdeasForm):
    """The tags of one idea. `seen`: those that were on the page, so that what others changed meanwhile stays."""

    seen = HiddenField(default="")

    @property
    def added(self) -> list[str]:
        return _without(self.typed, tags_typed(self.seen.data))

    @property
    def taken_away(self) -> list[str]:
        return _without(tags_typed(self.seen.data), self.typed)


def _without(tags: list[str], others: list[str]) -> list[str]:
    known = {tag.strip().casefold() for tag in others}
    return [tag.strip() for tag in tags if tag.strip().casefold() not in known]
