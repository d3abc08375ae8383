from ideas.organisation.organisation import the_organisation


def test_a_held_idea_says_so_to_its_author_and_is_approved_from_the_queue(
    session, client, signed_in, moderator, campaign, dana
):
    the_organisation(session).first_post_held = True
    session.commit()
    author = signed_in(dana)
    answer = author.post(f"/campaigns/{campaign.id}/ideas/new", data={"title": "", "body": "My very first idea"})
    assert answer.status_code == 303
    page = author.get(answer.location).text
    assert "A moderator reads your idea before it is published." in page
    assert "A moderator reads this text before it is published." in page
    assert client.get(answer.location).status_code == 404
    queue = moderator.get(f"/campaigns/{campaign.id}/moderation").text
    assert "First text, held" in queue
    review = queue.split(f"/campaigns/{campaign.id}/moderation/")
    number = next(part.split('"')[0] for part in review if part.split('"')[0].isdigit())
    assert "Approve and publish" in moderator.get(f"/campaigns/{campaign.id}/moderation/{number}").text
    moderator.post(f"/campaigns/{campaign.id}/moderation/{number}", data={"act": "restore"})
    assert client.get(answer.location).status_code == 200


def test_a_comment_with_a_blocked_word_waits_and_its_author_is_told(session, signed_in, campaign, idea, dana):
    the_organisation(session).blocked_words = "clown"
    session.commit()
    author = signed_in(dana)
    answer = author.post(f"/campaigns/{campaign.id}/ideas/{idea.id}/comments", data={"body": "Quel clown"})
    assert answer.status_code == 303
    assert "A moderator reads your comment before it is published." in author.get(answer.location).text


def test_administrators_choose_what_is_held(session, signed_in, make_person, moderator):
    admin = signed_in(make_person("Ada", is_admin=True))
    assert moderator.get("/moderation/settings").status_code == 403
    assert admin.get("/moderation/settings").status_code == 200
    refused = admin.post("/moderation/settings", data={"blocked_words": "x" * 61})
    assert refused.status_code == 422
    answer = admin.post("/moderation/settings", data={"first_post_held": "y", "blocked_words": "clown\n\n Idiot "})
    assert answer.status_code == 303
    organisation = the_organisation(session)
    session.refresh(organisation)
    assert (organisation.first_post_held, organisation.blocked_words) == (True, "clown\nIdiot")
    assert "clown" in admin.get("/moderation/settings").text
