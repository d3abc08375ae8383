"""Which themes no run may drop and no undoing may retire, since somebody relies on them."""

from sqlalchemy.orm import Session

from ideas.answers.decision import decisions_in
from ideas.campaigns.campaign import Campaign
from ideas.desk.work import worked_themes


def kept_themes(session: Session, campaign: Campaign) -> set[int]:
    """The themes that have an answer, an assignee, a day by which they are due, or a note of the team."""
    return set(decisions_in(session, campaign)) | worked_themes(session, campaign)
