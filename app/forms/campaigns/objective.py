"""What a campaign is for."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice

from app.forms.text import ParagraphField
from app.forms.versioned import VersionedForm
from ideas.campaigns.campaign import MAX_PARAGRAPH_LENGTH
from ideas.campaigns.objective import Objective


class SetObjectiveForm(VersionedForm):
    objective = RadioField(
        _l("Objective"),
        choices=[
            SelectChoice("", _l("None chosen")),
            SelectChoice(Objective.SUPPORT.value, _l("Support: members help one another")),
            SelectChoice(Objective.PRODUCT.value, _l("Product: make what we offer better")),
            SelectChoice(Objective.ACQUISITION.value, _l("Acquisition: make us known")),
            SelectChoice(Objective.CONTRIBUTION.value, _l("Contribution: members make something for others")),
            SelectChoice(Objective.ENGAGEMENT.value, _l("Engagement: belong together")),
            SelectChoice(Objective.SUCCESS.value, _l("Success: use what we offer better")),
        ],
        default="",
    )
    expected_outcome = ParagraphField(_l("Expected outcome"), max_length=MAX_PARAGRAPH_LENGTH)
