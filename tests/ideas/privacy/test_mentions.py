"""Which words an erasure takes out of texts, and where."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb, record
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.desk.idea_tag import tag_ideas, tags_of
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import write_message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person
from ideas.privacy.mentions import replace_mentions
from ideas.privacy.wanted import mails_of, wanted_of


@pytest.fixture
def replace(session):
    """Put “X” in the place of what names the person."""

    def run(person):
        session.commit()
        changed, _seals = replace_mentions(session, wanted_of(session, person), instead="X")
        session.expire_all()
        return changed

    return run


def test_an_address_is_found_whole_and_everywhere(session, make_person, make_idea, campaign, bob, replace):
    martin = make_person("Martin", email="martin@chu.fr")
    others = [make_person(f"P{number}", email=address).id for number, address in enumerate(
        ("paul.martin@chu.fr", "a+martin@chu.fr", "jean-martin@chu.fr", "o'martin@chu.fr", "martin@chu.fr.example.org",
         "martin@chu.free.fr"))]  # fmt: skip
    before = [session.get(Person, number).email for number in others]
    said = make_idea(campaign, bob, f"Ask <Martin@chu.fr>, martin@chu.fr. Or {', '.join(before)}")
    replace(martin)
    assert [session.get(Person, number).email for number in others] == before
    assert session.get(Idea, said.id).body == f"Ask <X>, X. Or {', '.join(before)}"
    assert session.get(Person, martin.id).email == "martin@chu.fr", "the register deals with their own rows"


def test_a_name_is_replaced_only_in_what_has_to_do_with_the_person(
    session, make_person, make_idea, campaign, bob, now, replace
):
    anne = make_person("Anne Martin")
    longer = make_person("Anne Martin Dupont")
    own, other = make_idea(campaign, anne, "By Anne Martin"), make_idea(campaign, bob, "As Anne Martin says")
    other.author_name = "Anne Martin"
    answer = Comment(
        idea=own, author=bob, body="Thanks, ANNE MARTIN, Marie-Anne Martin and Anne Martin Dupont!", created_at=now
    )
    session.add(answer)
    replace(anne)
    assert session.get(Idea, own.id).body == "By X"
    assert session.get(Comment, answer.id).body == "Thanks, X, Marie-Anne Martin and Anne Martin Dupont!"
    assert (session.get(Idea, other.id).body, other.author_name) == ("As Anne Martin says", "Anne Martin")
    assert session.get(Person, longer.id).name == "Anne Martin Dupont"


@pytest.mark.parametrize("name", ["de la", "Anne", "A. Martin"])
def test_a_name_of_short_words_is_looked_for_nowhere(session, make_person, name):
    assert wanted_of(session, make_person(name, email="m@example.org")).names.words == ()


def test_an_address_that_is_not_proven_is_looked_for_nowhere(session, make_person):
    assert wanted_of(session, make_person("Anne", verified_at=None)).addresses.words == ()


def test_mails_about_acts_of_the_person_are_theirs_and_those_about_others_are_not(
    session, make_person, make_idea, campaign, bob, charlie, now
):
    anne = make_person("Anne Martin")
    facts = {"subject": "Hello", "domain": "localhost", "now": now}
    for by in (anne, bob):
        record(session, Verb.SUBMITTED, make_idea(campaign, by, "Benches"), by=by, now=now)
        session.commit()
    for act in session.scalars(select(Activity).order_by(Activity.id)).all():
        session.add(Notice(kind=NoticeKind.IDEA_MERGED, person_id=charlie.id, activity_id=act.id, object_kind="idea",
                           object_id=act.object_id, created_at=now, not_before=now, key=f"{act.id}"))  # fmt: skip
        write_message(session, to=charlie, body="Anne Martin wrote", reason=f"test {act.id}", **facts)
    write_message(session, to=anne, body="Hello", reason="test", **facts)
    session.flush()
    notices = session.scalars(select(Notice.id).order_by(Notice.id)).all()
    to_charlie, about_bob, to_anne = session.scalars(select(Message).order_by(Message.id)).all()
    to_charlie.notice_id, about_bob.notice_id = notices
    session.flush()
    assert mails_of(session, wanted_of(session, anne)) == {to_charlie.mail_id, to_anne.mail_id}


def test_a_name_is_taken_out_of_the_tags_of_ones_ideas_and_no_two_tags_become_one(
    session, make_person, make_idea, campaign, alice, now, replace
):
    anne = make_person("Anne Martin", email="anne@chu.fr")
    own = make_idea(campaign, anne, "Benches")
    tags = ["call Anne Martin", "ask anne@chu.fr", "anne@chu.fr", "benches"]
    tag_ideas(session, campaign, idea_ids=[own.id], add=tags, remove=(), by=alice, now=now)
    replace(anne)
    kept = tags_of(session, [own.id])[own.id]
    assert len(kept) == len(tags)
    assert "benches" in kept
    assert not any("anne" in tag.casefold() for tag in kept)
    logged = "".join(str(act.after) for act in session.scalars(select(Activity)))
    assert "Martin" not in logged
