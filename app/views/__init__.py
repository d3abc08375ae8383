"""The pages: one module and one blueprint for each word, in the folder of its subject."""

from importlib import import_module

from flask import Flask

MODULES = (
    "home",
    "search",
    "design",
    "accounts.sign_up",
    "accounts.verification",
    "accounts.password",
    "accounts.address",
    "accounts.session",
    "accounts.second_factor",
    "people.person",
    "people.platform_role",
    "organisation.organisation",
    "organisation.appearance",
    "organisation.legal_document",
    "organisation.retention",
    "privacy.my_data",
    "privacy.erasure",
    "privacy.register",
    "campaigns.campaign",
    "campaigns.draft",
    "campaigns.promise",
    "campaigns.team",
    "spaces.space",
    "spaces.membership",
    "spaces.profile",
    "spaces.audience",
    "spaces.inviting",
    "spaces.invitation",
    "files",
    "contributions.draft",
    "contributions.idea",
    "contributions.vote",
    "contributions.comment",
    "contributions.importing",
    "contributions.import_undo",
    "contributions.claim",
    "themes.theme",
    "themes.leftover",
    "themes.search",
    "themes.grouping",
    "themes.history",
    "themes.edit",
    "themes.proposal",
    "themes.granularity",
    "themes.check",
    "moderation.report",
    "moderation.review",
    "moderation.change",
    "moderation.sanction",
    "moderation.policy",
    "moderation.settings",
    "answers.decision",
    "answers.action",
    "answers.debrief",
    "outreach.message",
    "outreach.notice",
    "activity.activity",
    "work.job",
    "work.health",
)


def init_app(app: Flask) -> None:
    """Register the blueprint of every module."""
    for module in MODULES:
        app.register_blueprint(import_module(f"app.views.{module}").views)
