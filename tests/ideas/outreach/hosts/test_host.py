"""Applications of the organisation: which addresses they have, whom their tokens name, and whom their links sign in."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.accounts.second_factor import SecondFactor
from ideas.activity.activity import Activity, Verb, record
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.idea import Idea
from ideas.outreach.hosts.entry import (
    LASTS,
    EntryRefused,
    HostEntry,
    answers_waiting,
    delete_old_entries,
    may_enter,
    new_nonce,
    use_entry,
)
from ideas.outreach.hosts.host import (
    OLD_SECRET_KEPT,
    OriginInvalid,
    OriginTaken,
    add_host,
    remove_host,
    renew_secret,
    secret_of,
)
from ideas.outreach.hosts.identity import MAX_LIFE, TokenRefused, person_named_by
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.sanction import Reason, SanctionKind, give_sanction

KEY, OLD_KEY = "the site's key", "the key before"


@pytest.fixture
def host(session, alice, now):
    return add_host(session, name="Portal", origin="https://app.example.org", by=alice, now=now)


@pytest.fixture
def token(host, now):
    """A token as the host makes it, unless said otherwise."""

    def make(secret="", header=None, cut=0, **claims):
        instant = int(now.timestamp())
        said = {"email": "charlie@example.org", "iat": instant, "exp": instant + 300} | claims
        parts = [header or {"alg": "HS256", "typ": "JWT"}, {name: one for name, one in said.items() if one is not None}]
        signed = b".".join(_base64(json.dumps(part).encode()) for part in parts)
        given = hmac.digest((secret or secret_of(host, key=KEY)).encode(), signed, hashlib.sha256)
        return b".".join([signed, _base64(given)]).decode()[cut:]

    return make


def _base64(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def test_the_origin_is_that_of_the_header_of_browsers(session, alice, now):
    good = {
        "https://App.Example.org/": "https://app.example.org",
        "https://app.example.org:443": None,
        "https://app.example.org:8443": "https://app.example.org:8443",
        "https://déjà.example.org": "https://xn--dj-kia8a.example.org",
        "http://localhost:3000": "http://localhost:3000",
    }
    for given, origin in good.items():
        if origin is None:
            with pytest.raises(OriginTaken):
                add_host(session, name="Other", origin=given, by=alice, now=now)
        else:
            assert add_host(session, name="Portal", origin=given, by=alice, now=now).origin == origin
    bad = ("http://app.example.org", "app.example.org", "https://", "https://a.example.org/page", "javascript:alert(1)")
    bad += (
        "https://user@a.example.org",
        "https://a.example.org:x",
        "https://a.example.org?x=1",
        "https://" + "a" * 300,
    )
    for given in bad:
        with pytest.raises(OriginInvalid):
            add_host(session, name="Portal", origin=given, by=alice, now=now)


def test_a_token_names_a_member_only_as_the_host_signed_it(session, host, token, charlie, alice, now):
    def named(given, keys=(KEY,)):
        return person_named_by(session, host, given, keys=keys, now=now)

    assert named(token()) == charlie
    assert named(token(secret=secret_of(host, key=OLD_KEY)), keys=(KEY, OLD_KEY)) == charlie, (
        "a changed key of the site"
    )
    assert named(token(email="Charlie@Example.org")) == charlie
    assert named(token(email="nobody@example.org")) is None
    instant, far = int(now.timestamp()), MAX_LIFE.total_seconds() + 1
    unsigned = token(header={"alg": "none"}).rpartition(".")[0] + "."
    refused = {
        "another secret": token(secret="guessed"),
        "without signature": unsigned,
        "signed, but says another algorithm": token(header={"alg": "none"}),
        "ended": token(iat=instant - 400, exp=instant),
        "lives too long": token(exp=instant + far),
        "made later": token(iat=instant + 120, exp=instant + 300),
        "has no end": token(exp=None),
        "is no instant": token(exp="soon"),
        "names nobody": token(email=None),
        "names a number": token(email=7),
        "cut": token(cut=3),
        "no token": "…",
        "too long": "a" * 3_000,
        "empty": "",
    }
    for why, given in refused.items():
        with pytest.raises(TokenRefused):
            pytest.fail(f"{why}: {named(given)}")
    given = token()
    renew_secret(session, host, by=alice, now=now)
    assert named(given) == charlie, "the earlier secret is accepted for a day"
    host.secret_at = now - OLD_SECRET_KEPT
    with pytest.raises(TokenRefused):
        named(given)
    host.secret_at = now
    renew_secret(session, host, by=alice, now=now)
    with pytest.raises(TokenRefused):
        named(given)
    logged = "".join(str(one.after) for one in session.scalars(select(Activity)))
    assert secret_of(host, key=KEY) not in logged
    assert host.salt not in logged


def test_a_link_signs_in_once_and_never_an_administrator_or_whoever_gives_codes(
    session, host, alice, charlie, make_person, now
):
    ada, cora, dora, uma = (make_person(name) for name in ("Ada", "Cora", "Dora", "Uma"))
    ada.is_admin = True
    session.add(SecondFactor(person_id=cora.id, salt="s", created_at=now, confirmed_at=now))
    give_sanction(session, dora, SanctionKind.BAN, reason=Reason.INSULT, quote="", words="", by=ada, now=now)
    uma.verified_at = None
    session.flush()
    assert [may_enter(session, one, now=now) for one in (charlie, ada, cora, dora, uma)] == [True] + [False] * 4
    link = {"host_id": host.id, "nonce": new_nonce(), "expires_at": now + LASTS}
    assert use_entry(session, **link, person_id=charlie.id, now=now) == charlie
    late = link | {"nonce": new_nonce(), "expires_at": now}
    for again in (link, late, link | {"nonce": new_nonce(), "host_id": host.id + 1}):
        with pytest.raises(EntryRefused):
            use_entry(session, **again, person_id=charlie.id, now=now)
    with pytest.raises(EntryRefused):
        use_entry(session, **link | {"nonce": new_nonce()}, person_id=ada.id, now=now)
    assert delete_old_entries(session, now=now + timedelta(hours=1)) == 0
    assert delete_old_entries(session, now=now + timedelta(days=2)) == 1
    nonce = new_nonce()
    use_entry(session, **link | {"nonce": nonce}, person_id=charlie.id, now=now)
    soon = now + timedelta(minutes=1)
    renew_secret(session, host, by=alice, now=soon)
    with pytest.raises(EntryRefused):
        use_entry(session, **link | {"nonce": new_nonce()}, person_id=charlie.id, now=soon)
    remove_host(session, host, by=alice, now=now)
    session.expire_all()
    assert session.get(HostEntry, nonce) is None


def test_unread_answers_are_counted_where_the_person_wrote(
    session, campaign, make_campaign, make_idea, charlie, bob, now
):
    elsewhere = make_campaign(title="Elsewhere")
    make_idea(campaign, charlie, "One click.")
    record(session, Verb.CHANGED, campaign, by=bob, now=now)
    session.commit()
    act = session.scalars(select(Activity)).one()
    kinds = (NoticeKind.ANSWER_CHANGED, NoticeKind.DEBRIEF_PUBLISHED, NoticeKind.FOLLOWED_CAMPAIGN)

    def told(person, of, kind, **facts):
        about = {"campaign_id": of.id, "object_kind": "campaign", "object_id": of.id, "created_at": now}
        key = f"{person.id}:{of.id}:{kind}:{facts}"[:80]
        session.add(
            Notice(kind=kind, person_id=person.id, activity_id=act.id, key=key, **about | {"not_before": now} | facts)
        )

    for kind in kinds:
        told(charlie, campaign, kind)
        told(bob, campaign, kind)
        told(charlie, elsewhere, kind)
    told(charlie, campaign, NoticeKind.ACTION_DONE, read_at=now)
    told(charlie, campaign, NoticeKind.ACTION_CHANGED, not_before=now + timedelta(hours=1))
    session.flush()
    assert answers_waiting(session, charlie, now=now) == 2
    assert answers_waiting(session, bob, now=now) == 0, "he wrote nothing"
    idea = session.scalars(select(Idea)).one()
    idea.is_anonymous, idea.author_id = True, None
    session.add(AnonymousAuthor(idea_id=idea.id, person_id=charlie.id))
    session.flush()
    assert answers_waiting(session, charlie, now=now) == 0, "the number would tell who wrote without a name"
