"""Which act is told to whom. An act that is not in `RULES` is told to nobody."""

from datetime import timedelta

from ideas.activity.activity import Activity, Verb
from ideas.outreach.contest import entrants, jury_to_tell
from ideas.outreach.newsletters.readers import author_of_newsletter, readers_of, referent_to_ask
from ideas.outreach.notice import TELLS_OWN, NoticeKind
from ideas.outreach.recipients.answers import (
    answer_or_action,
    debrief_published,
    idea_moved,
    who_objected,
    who_scheduled,
)
from ideas.outreach.recipients.campaigns import (
    assignee,
    assignee_and_owner,
    authors_of_drafts,
    handed_over,
    job_failed,
    managers,
    promise_changed,
    reminded_followers,
    role_changed,
    who_asked_for_export,
    who_owes_debrief,
)
from ideas.outreach.recipients.contributions import (
    author_asked,
    author_who_invited,
    authors_of_merge,
    co_author_asked,
    idea_authors,
    who_asked_author,
)
from ideas.outreach.recipients.members import (
    export_owner,
    newcomer_and_buddy,
    people_of_workshop,
    person_named,
    person_of_act,
    pioneer_named,
    space_requested,
    who_invited_pioneer,
)
from ideas.outreach.recipients.moderation import (
    author_of_review,
    may_answer,
    moderators_of_campaign,
    reporter,
    sanctioned,
)
from ideas.outreach.recipients.rule import Rule, in_turn
from ideas.outreach.talk import (
    author_of_comment,
    authors_of_idea,
    followers_of_campaign,
    followers_of_idea,
    followers_of_spaces,
    mentioned,
    replied_to,
    who_may_answer_question,
)

_OF_COMMENT = in_turn(
    Rule(NoticeKind.MENTIONED, mentioned),
    Rule(NoticeKind.COMMENT_REPLY, replied_to),
    Rule(NoticeKind.QUESTION_ASKED, who_may_answer_question),
    Rule(NoticeKind.IDEA_COMMENTED, authors_of_idea),
    Rule(NoticeKind.FOLLOWED_IDEA, followers_of_idea),
)
_OF_FOLLOWED = Rule(NoticeKind.FOLLOWED_CAMPAIGN, followers_of_campaign)
_OF_REMINDER = in_turn(
    Rule(NoticeKind.DRAFT_WAITING, authors_of_drafts),
    Rule(NoticeKind.FOLLOWED_CAMPAIGN, reminded_followers),
    Rule(NoticeKind.DEBRIEF_DUE, who_owes_debrief),
)

# What happens to somebody's place in a space without their doing.
PLACE_VERBS = (Verb.ACCEPTED, Verb.ADDED, Verb.CHANGED, Verb.DECLINED, Verb.QUEUED, Verb.REMOVED, Verb.SEATED)

# What authors of imported ideas without an account are told of too, if they agreed.
TOLD_WITHOUT_ACCOUNT = TELLS_OWN | {NoticeKind.IDEA_MOVED, NoticeKind.OBJECTION, NoticeKind.CONTEST_RESULT}

RULES: dict[tuple[str, Verb], Rule] = {
    ("debrief", Verb.PUBLISHED): Rule(NoticeKind.DEBRIEF_PUBLISHED, debrief_published, then=_OF_FOLLOWED),
    ("debrief_schedule", Verb.DECLINED): Rule(NoticeKind.PUBLICATION_REFUSED, who_scheduled),
    ("decision", Verb.CREATED): Rule(NoticeKind.ANSWER_CHANGED, answer_or_action),
    ("decision", Verb.CHANGED): Rule(NoticeKind.ANSWER_CHANGED, answer_or_action),
    ("idea_answer", Verb.PUBLISHED): Rule(NoticeKind.ANSWER_CHANGED, answer_or_action),
    ("action", Verb.COMPLETED): Rule(NoticeKind.ACTION_DONE, answer_or_action),
    ("action", Verb.ABANDONED): Rule(NoticeKind.ACTION_ABANDONED, answer_or_action),
    ("action", Verb.CHANGED): Rule(NoticeKind.ACTION_CHANGED, answer_or_action),
    ("action", Verb.RESTARTED): Rule(NoticeKind.ACTION_CHANGED, answer_or_action),
    ("campaign", Verb.EXTENDED): Rule(NoticeKind.PROMISE_CHANGED, promise_changed, then=_OF_FOLLOWED),
    ("campaign", Verb.CLOSED): Rule(NoticeKind.PROMISE_CHANGED, promise_changed, then=_OF_FOLLOWED),
    ("campaign", Verb.OPENED): _OF_FOLLOWED,
    ("campaign", Verb.ENDED): _OF_FOLLOWED,
    ("campaign", Verb.REMINDED): _OF_REMINDER,
    ("public_vote", Verb.OPENED): _OF_FOLLOWED,
    ("public_vote", Verb.ENDED): _OF_FOLLOWED,
    ("campaign", Verb.ANNOUNCED): Rule(NoticeKind.FOLLOWED_SPACE, followers_of_spaces),
    **{
        ("contest", verb): Rule(NoticeKind.JURY_WORK, jury_to_tell)
        for verb in (Verb.OPENED, Verb.REMINDED, Verb.COMPLETED)
    },
    **{("contest_result", verb): Rule(NoticeKind.CONTEST_RESULT, entrants) for verb in (Verb.PUBLISHED, Verb.CHANGED)},
    ("campaign", Verb.HANDED_OVER): Rule(NoticeKind.ROLE_CHANGED, handed_over),
    ("theme_edit", Verb.MOVED): Rule(NoticeKind.IDEA_MOVED, idea_moved),
    ("team_member", Verb.ADDED): Rule(NoticeKind.ROLE_CHANGED, role_changed),
    ("team_member", Verb.CHANGED): Rule(NoticeKind.ROLE_CHANGED, role_changed),
    ("team_member", Verb.REMOVED): Rule(NoticeKind.ROLE_CHANGED, role_changed),
    ("person", Verb.GRANTED): Rule(NoticeKind.ROLE_CHANGED, person_of_act),
    ("person", Verb.REVOKED): Rule(NoticeKind.ROLE_CHANGED, person_of_act),
    ("membership", Verb.REQUESTED): Rule(NoticeKind.SPACE_REQUEST, space_requested),
    **{("membership", verb): Rule(NoticeKind.SPACE_PLACE, person_named) for verb in PLACE_VERBS},
    ("job", Verb.FAILED): Rule(NoticeKind.JOB_FAILED, job_failed),
    ("theme_run", Verb.GROUPED): Rule(NoticeKind.IDEAS_GROUPED, managers),
    ("review", Verb.HIDDEN): Rule(NoticeKind.TEXT_MODERATED, author_of_review),
    ("review", Verb.CHANGE_ASKED): Rule(NoticeKind.TEXT_MODERATED, author_of_review),
    ("review", Verb.REMOVED): Rule(NoticeKind.TEXT_MODERATED, author_of_review),
    # What waited for a moderator, or for its author to change it, is told once it is public.
    **{
        ("review", verb): Rule(NoticeKind.TEXT_MODERATED, author_of_review, then=_OF_COMMENT)
        for verb in (Verb.APPROVED, Verb.RESTORED, Verb.REWORDED)
    },
    ("review", Verb.CHANGED): _OF_COMMENT,
    ("comment", Verb.ADDED): _OF_COMMENT,
    ("comment", Verb.PINNED): Rule(NoticeKind.COMMENT_PINNED, author_of_comment),
    ("comment", Verb.CHANGED): Rule(NoticeKind.MENTIONED, mentioned),
    ("report", Verb.COMPLETED): Rule(NoticeKind.REPORT_ANSWERED, reporter),
    ("sanction", Verb.SANCTIONED): Rule(NoticeKind.SANCTION_CHANGED, sanctioned),
    ("sanction", Verb.LIFTED): Rule(NoticeKind.SANCTION_CHANGED, sanctioned),
    ("sanction", Verb.UPHELD): Rule(NoticeKind.SANCTION_CHANGED, sanctioned),
    ("sanction", Verb.APPEALED): Rule(NoticeKind.APPEAL_TO_ANSWER, may_answer),
    ("file", Verb.EXPORTED): Rule(NoticeKind.EXPORT_READY, export_owner),
    ("job", Verb.COMPLETED): Rule(NoticeKind.CAMPAIGN_EXPORTED, who_asked_for_export),
    ("proposal", Verb.CREATED): Rule(NoticeKind.IDEAS_GROUPED, managers),
    ("review", Verb.REPORTED): Rule(NoticeKind.MODERATION_WAITING, moderators_of_campaign, every=timedelta(days=1)),
    ("review", Verb.HELD): Rule(NoticeKind.MODERATION_WAITING, moderators_of_campaign, every=timedelta(days=1)),
    # Of an import, whose rows with personal data wait.
    ("campaign", Verb.HELD): Rule(NoticeKind.MODERATION_WAITING, moderators_of_campaign, every=timedelta(days=1)),
    ("badge_told", Verb.GRANTED): Rule(NoticeKind.BADGE_REACHED, person_of_act),
    ("journey_step", Verb.INVITED): Rule(NoticeKind.NEWCOMER, person_of_act),
    ("buddy", Verb.ASSIGNED): Rule(NoticeKind.BUDDY, newcomer_and_buddy),
    **{
        ("pioneer", verb): Rule(NoticeKind.PIONEER, pioneer_named)
        for verb in (Verb.INVITED, Verb.REMINDED, Verb.REMOVED, Verb.ENDED)
    },
    **{
        ("pioneer", verb): Rule(NoticeKind.PIONEER, who_invited_pioneer)
        for verb in (Verb.ACCEPTED, Verb.DECLINED, Verb.LEFT)
    },
    **{
        ("workshop", verb): Rule(NoticeKind.WORKSHOP, people_of_workshop)
        for verb in (Verb.ANNOUNCED, Verb.CHANGED, Verb.ABANDONED)
    },
    ("newsletter", Verb.PUBLISHED): Rule(NoticeKind.NEWSLETTER, readers_of),
    ("newsletter", Verb.REQUESTED): Rule(NoticeKind.NEWSLETTER_WORK, referent_to_ask),
    **{
        ("newsletter", verb): Rule(NoticeKind.NEWSLETTER_WORK, author_of_newsletter)
        for verb in (Verb.APPROVED, Verb.DECLINED, Verb.ABANDONED)
    },
    ("theme_work", Verb.ASSIGNED): Rule(NoticeKind.THEME_ASSIGNED, assignee),
    ("theme_work", Verb.REMINDED): Rule(NoticeKind.THEME_ASSIGNED, assignee_and_owner),
    ("objection", Verb.REPORTED): Rule(NoticeKind.OBJECTION, managers, every=timedelta(days=1)),
    ("objection", Verb.DECLINED): Rule(NoticeKind.OBJECTION, who_objected),
    **{
        ("clarification", verb): Rule(NoticeKind.CLARIFICATION, author_asked) for verb in (Verb.REQUESTED, Verb.REMOVED)
    },
    ("clarification", Verb.COMPLETED): Rule(NoticeKind.CLARIFICATION, who_asked_author),
    ("idea", Verb.SPLIT): Rule(NoticeKind.TEXT_MODERATED, idea_authors),
    ("idea", Verb.UNDONE): Rule(NoticeKind.TEXT_MODERATED, idea_authors),
    **{("co_author", verb): Rule(NoticeKind.CO_AUTHORED, co_author_asked) for verb in (Verb.INVITED, Verb.REMOVED)},
    **{
        ("co_author", verb): Rule(NoticeKind.CO_AUTHORED, author_who_invited)
        for verb in (Verb.ACCEPTED, Verb.DECLINED, Verb.LEFT)
    },
    **{
        ("idea_merge", verb): Rule(NoticeKind.IDEA_MERGED, authors_of_merge)
        for verb in (Verb.REQUESTED, Verb.DECLINED, Verb.MERGED, Verb.UNDONE)
    },
}


def rule_for(activity: Activity) -> Rule | None:
    return RULES.get((activity.object_kind, activity.verb))


def rules_for(activity: Activity) -> list[Rule]:
    """The rule of this act and those that follow it, in the order in which people are told."""
    rules: list[Rule] = []
    rule = rule_for(activity)
    while rule is not None:
        rules.append(rule)
        rule = rule.then
    return rules
