"""A newsletter of a space: its text, to whom it goes, when and how fast; and who approves those of the space."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectChoice, SelectField
from wtforms.validators import ValidationError

from app.forms.campaigns.campaign import instant_field
from app.forms.spaces.audience import ChecksField
from app.forms.text import LineField, ParagraphField
from app.forms.versioned import VersionedForm
from app.web.pages.dates import from_input, local_input
from app.web.pages.language import gettext as _
from ideas.activity.activity import MAX_REASON_LENGTH
from ideas.campaigns.campaign import MAX_ALTERNATIVE_LENGTH, Campaign
from ideas.outreach.newsletters.newsletter import (
    MAX_BODY_LENGTH,
    MAX_TITLE_LENGTH,
    PACES,
    Involvement,
    Newsletter,
    NewsletterText,
)
from ideas.people.person import MAX_EMAIL_LENGTH
from ideas.spaces.segment import Attribute
from ideas.spaces.space import Space, SpaceKind
from ideas.themes.theme import Theme

_NONE = 0


class WriteNewsletterForm(VersionedForm):
    title = LineField(
        _l("Title"), max_length=MAX_TITLE_LENGTH, required=_l("Enter a title: it is the subject of the email.")
    )
    body = ParagraphField(_l("Text"), max_length=MAX_BODY_LENGTH, required=_l("Write the newsletter."))
    to_all = BooleanField(_l("To everyone with an account, not only the people in this space"))
    value_ids = ChecksField(_l("Only people with one of these profiles"), coerce=int)
    involvement = SelectField(
        _l("Only people who"),
        coerce=Involvement,
        choices=[
            SelectChoice(Involvement.ANYTHING.value, _l("are in the group: whatever they did")),
            SelectChoice(Involvement.TOOK_PART.value, _l("took part in a campaign")),
            SelectChoice(Involvement.SUPPORTED.value, _l("supported ideas of a theme")),
            SelectChoice(Involvement.NEVER_BACK.value, _l("never came back after their first day")),
        ],
    )
    campaign_id = SelectField(_l("Of those who took part: in which campaign"), coerce=int)
    theme_id = SelectField(_l("Of those who supported: which theme"), coerce=int)
    send_at = instant_field(_l("Not earlier than"))
    per_hour = SelectField(_l("Emails an hour, at most"), coerce=int)
    counts_clicks = BooleanField(_l("Count clicks on its links"))
    file = FileField(_l("Add a picture"))
    picture_words = LineField(_l("What the picture shows"), max_length=MAX_ALTERNATIVE_LENGTH)

    def __init__(
        self,
        space: Space,
        newsletter: Newsletter | None,
        *,
        attributes: Sequence[Attribute],
        campaigns: Sequence[Campaign],
        themes: Sequence[tuple[Campaign, Theme]],
    ) -> None:
        super().__init__(data=_stored(newsletter))
        if space.kind is not SpaceKind.PUBLIC:
            del self.to_all
        values = [SelectChoice(one.id, f"{of.name} : {one.name}") for of in attributes for one in of.values]
        self.value_ids.choices = values
        if not values:
            del self.value_ids
        self.campaign_id.choices = [
            SelectChoice(_NONE, _l("Any campaign")),
            *(SelectChoice(one.id, one.title) for one in campaigns),
        ]
        self.theme_id.choices = [
            SelectChoice(_NONE, _l("Choose a theme")),
            *(SelectChoice(theme.id, f"{campaign.title} : {theme.name}") for campaign, theme in themes),
        ]
        self.per_hour.choices = [
            SelectChoice(_NONE, _l("No limit")),
            *(SelectChoice(pace, str(pace)) for pace in PACES),
        ]

    def validate_picture_words(self, field: LineField) -> None:
        """A picture without words says nothing to whoever does not see it."""
        if self.file.data and not field.data:
            raise ValidationError(_("Say what the picture shows, for people who do not see it."))

    def text(self) -> NewsletterText:
        return NewsletterText(
            title=self.title.data or "",
            body=self.body.data or "",
            to_all="to_all" in self and self.to_all.data,
            value_ids=self.value_ids.data if "value_ids" in self else (),
            involvement=self.involvement.data,
            campaign_id=self.campaign_id.data or None,
            theme_id=self.theme_id.data or None,
            per_hour=self.per_hour.data or None,
            send_at=from_input(self.send_at.data),
            counts_clicks=self.counts_clicks.data,
        )


def stored_text(newsletter: Newsletter) -> dict[str, Any]:
    """What two people who write at once may differ in."""
    return {"title": newsletter.title, "body": newsletter.body}


def _stored(newsletter: Newsletter | None) -> dict[str, Any]:
    if newsletter is None:
        return {"involvement": Involvement.ANYTHING, "campaign_id": _NONE, "theme_id": _NONE, "per_hour": _NONE}
    return stored_text(newsletter) | {
        "to_all": newsletter.to_all,
        "value_ids": newsletter.value_ids,
        "involvement": newsletter.involvement,
        "campaign_id": newsletter.campaign_id or _NONE,
        "theme_id": newsletter.theme_id or _NONE,
        "per_hour": newsletter.per_hour or _NONE,
        "send_at": local_input(newsletter.send_at),
        "counts_clicks": newsletter.counts_clicks,
        "version": newsletter.version,
    }


class RefuseNewsletterForm(FlaskForm):
    reason = ParagraphField(
        _l("What is to be changed"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Say what is to be changed. The author reads it."),
    )


class NameReferentForm(FlaskForm):
    email = LineField(_l("Address of the referent"), max_length=MAX_EMAIL_LENGTH)
