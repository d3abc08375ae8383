import pytest

from ideas.activity.version import ChangedMeanwhile, ReasonNeeded, versions_of
from ideas.answers.debriefs.arranging import Seen, add_block, edit_block, move_block, remove_block
from ideas.answers.debriefs.blocks import (
    MAX_BLOCKS,
    Block,
    BlockInLine,
    BlockKind,
    Chart,
    SignsInWords,
    TooManyBlocks,
    UnknownBlock,
    blocks_of,
    check_blocks,
    joined,
    make_block,
    parts_of,
)
from ideas.answers.debriefs.coverage import coverage_of
from ideas.answers.debriefs.debrief import NothingWritten, debrief_of, publish_debrief, write_debrief
from ideas.answers.debriefs.material import NotAPictureFile, UnknownFile, UnknownTheme, add_debrief_file, theme_now
from ideas.answers.debriefs.thanks import NotThanked, choose_thanks, may_be_thanked, thanked_names
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.files import Upload
from ideas.media_type import TEXT, WEBP
from ideas.themes.edits.edit import merge_themes

TEXT_OF_ALL = """Thank you.

## What you said
Much. **Bold** {{ ideas }}.

> One click to confirm.
> Two at most.

It goes on.

{{ figures }}
{{ chart themes }}

{{map}}

```
{{ map }}
## no heading
> no quotation, but code
```

{{ theme 12 }}

{{ image 3 | A room with "light" }}
{{ video https://video.example/v?a=1&b=2 | Our answer }}
{{ file 4 }}

{{ decisions }}
{{ thanks }}
{{ declined }}
{{ next }}
{{ corrections }}
"""
# What begins like a block, and is none.
REFUSED = {
    "{{ theme }}": UnknownBlock,
    "{{ theme 0 }}": UnknownBlock,
    "{{ theme 99999999999 }}": UnknownBlock,
    "{{ theme 1 | words }}": UnknownBlock,
    "{{ chart salaries }}": UnknownBlock,
    "{{ image x | A }}": UnknownBlock,
    "{{ image 1 | A | B }}": UnknownBlock,
    "{{ video javascript:alert(1) }}": UnknownBlock,
    "{{ map 3 }}": UnknownBlock,
    "Look: {{ map }}": BlockInLine,
    "```\n{{ map }}\n```": BlockInLine,
    "Look: {{ text }}": BlockInLine,
    "    {{ map }}": BlockInLine,
}


@pytest.fixture
def theme(make_theme, closed_campaign):
    return make_theme(closed_campaign, "Fewer clicks", bodies=("One click to confirm.", "Two clicks at most."))


@pytest.fixture
def draft(session, closed_campaign, alice, now):
    return write_debrief(session, closed_campaign, body="One.\n\n## Two\nMore.\n\n{{ map }}", by=alice, now=now)


def sources(debrief):
    return [block.source for block in blocks_of(debrief.body)]


def seen(debrief, place):
    return Seen(debrief.version, place, blocks_of(debrief.body)[place].key)


def test_a_text_is_its_blocks_and_blocks_are_a_text():
    assert [block.kind for block in blocks_of(TEXT_OF_ALL)] == [
        BlockKind.TEXT, BlockKind.TEXT, BlockKind.QUOTATION, BlockKind.TEXT, BlockKind.FIGURES, BlockKind.CHART,
        BlockKind.MAP, BlockKind.TEXT, BlockKind.THEME, BlockKind.IMAGE, BlockKind.VIDEO, BlockKind.FILE,
        BlockKind.ANSWERS, BlockKind.THANKS, BlockKind.DECLINED, BlockKind.NEXT, BlockKind.CORRECTIONS,
    ]  # fmt: skip
    by_kind = {block.kind: block for block in blocks_of(TEXT_OF_ALL)}
    assert by_kind[BlockKind.QUOTATION].text == "One click to confirm.\nTwo at most."
    picture = by_kind[BlockKind.IMAGE]
    assert (picture.number, picture.words) == (3, 'A room with "light"')
    assert by_kind[BlockKind.VIDEO].argument == "https://video.example/v?a=1&b=2"
    assert blocks_of(joined(blocks_of(TEXT_OF_ALL))) == blocks_of(TEXT_OF_ALL)
    turned = blocks_of(TEXT_OF_ALL)[::-1]
    assert blocks_of(joined(turned)) == turned
    assert not any("{{ text }}" in part.source for part in parts_of(joined(turned)))
    check_blocks(TEXT_OF_ALL.replace("```\n{{ map }}", "```\n{{ ideas }}"))
    # Read, a text between two blocks is one, as Markdown may refer from one paragraph to another.
    assert [part.kind for part in parts_of(TEXT_OF_ALL)][:2] == [BlockKind.TEXT, BlockKind.FIGURES]
    within = parts_of("before {{ decisions }} after {{decisions}} end")
    assert [part.source for part in within] == ["before ", "{{ decisions }}", " after  end"]


def test_what_is_no_block_is_refused_with_its_line():
    for text, error in REFUSED.items():
        with pytest.raises(error) as refused:
            check_blocks(text)
        assert refused.value.values["line"] in text
    check_blocks("{{ ideas }} {{ decisions }} {{ themes_label }}")
    with pytest.raises(SignsInWords):
        make_block(BlockKind.VIDEO, argument="https://a.example", words="a | b")
    with pytest.raises(UnknownBlock):
        make_block(BlockKind.CHART, argument="salaries")
    assert make_block(BlockKind.CHART, argument=Chart.REACTIONS).source == "{{ chart reactions }}"
    assert make_block(BlockKind.QUOTATION, text="One.\n\nTwo.").source == "> One.\n>\n> Two."
    with pytest.raises(TooManyBlocks):
        joined([make_block(BlockKind.MAP)] * (MAX_BLOCKS + 1))


def test_blocks_are_added_edited_moved_removed_and_put_back(session, closed_campaign, draft, alice, bob, now):
    act = {"by": bob, "now": now}
    added = add_block(session, closed_campaign, make_block(BlockKind.THANKS), after=seen(draft, 0), **act)
    assert (added.place, sources(draft)) == (1, ["One.", "{{ thanks }}", "## Two\nMore.", "{{ map }}"])
    first = make_block(BlockKind.FIGURES)
    assert add_block(session, closed_campaign, first, after=Seen(draft.version, -1), **act).place == 0
    edit_block(session, closed_campaign, make_block(BlockKind.TEXT, text=" Once.\n"), seen=seen(draft, 1), **act)
    moved = move_block(session, closed_campaign, seen=seen(draft, 4), up=True, **act)
    assert (moved.place, sources(draft)[3:]) == (3, ["{{ map }}", "## Two\nMore."])
    version = draft.version
    assert move_block(session, closed_campaign, seen=seen(draft, 0), up=True, **act).place == 0
    assert draft.version == version  # it is the first
    left, removed = remove_block(session, closed_campaign, seen=seen(draft, 1), **act)
    assert (removed.source, left.place, len(left.blocks)) == ("Once.", 1, 4)
    add_block(session, closed_campaign, removed, after=seen(draft, 0), **act)
    assert sources(draft) == ["{{ figures }}", "Once.", "{{ thanks }}", "{{ map }}", "## Two\nMore."]
    assert draft.written_by is bob


def test_of_two_writers_only_who_changed_the_same_block_is_stopped(session, closed_campaign, draft, alice, bob, now):
    opened = [seen(draft, place) for place in range(3)]
    add_block(session, closed_campaign, make_block(BlockKind.NEXT), after=Seen(draft.version, -1), by=alice, now=now)
    edit_block(
        session, closed_campaign, Block(BlockKind.TEXT, "## Two\nLess."), seen=opened[1], by=alice, now=now
    )  # it moved, and is found
    assert sources(draft) == ["{{ next }}", "One.", "## Two\nLess.", "{{ map }}"]
    with pytest.raises(ChangedMeanwhile):
        edit_block(session, closed_campaign, Block(BlockKind.TEXT, "Mine."), seen=opened[1], by=bob, now=now)
    with pytest.raises(ChangedMeanwhile):
        remove_block(session, closed_campaign, seen=Seen(draft.version, 1, opened[2].key), by=bob, now=now)
    # Behind a block that is gone, and in its place: at the end, so that nothing is lost.
    assert (
        add_block(session, closed_campaign, make_block(BlockKind.DECLINED), after=opened[1], by=bob, now=now).place == 4
    )
    edit_block(session, closed_campaign, Block(BlockKind.TEXT, "## Mine."), seen=Seen(draft.version), by=bob, now=now)
    assert sources(draft)[4:] == ["{{ declined }}", "## Mine."]


def test_once_published_each_act_makes_a_version_with_its_reason(
    session, closed_campaign, theme, draft, give_answer, alice, now
):
    give_answer(theme)
    publish_debrief(session, draft, by=alice, now=now)
    with pytest.raises(ReasonNeeded):
        move_block(session, closed_campaign, seen=seen(draft, 0), up=False, by=alice, now=now)
    move_block(session, closed_campaign, seen=seen(draft, 0), up=False, by=alice, now=now, reason="The order.")
    versions = versions_of(session, "debrief", closed_campaign.id)
    assert [version.reason for version in versions] == ["The order.", ""]
    assert [version.content["body"][:4] for version in versions] == ["## T", "One."]
    assert sources(draft) == ["## Two\nMore.", "One.", "{{ map }}"]
    for _block in range(2):
        remove_block(session, closed_campaign, seen=seen(draft, 0), by=alice, now=now, reason="Wrong.")
    with pytest.raises(NothingWritten):
        remove_block(session, closed_campaign, seen=seen(draft, 0), by=alice, now=now, reason="Wrong.")


def test_a_block_names_only_what_its_debrief_has(
    session, make_campaign, closed_campaign, theme, make_theme, alice, now
):
    def write(body):
        return write_debrief(session, closed_campaign, body=body, by=alice, now=now)

    def kept(campaign, name, media_type):
        upload = Upload(name, media_type, b"x")
        return add_debrief_file(session, campaign, upload, stored_as=f"00/{name}", by=alice, now=now).id

    elsewhere = make_theme(make_campaign(), "Elsewhere")
    picture, notes = kept(closed_campaign, "a.webp", WEBP), kept(closed_campaign, "b.txt", TEXT)
    others = kept(elsewhere.campaign, "c.webp", WEBP)
    for body, error in {
        f"{{{{ theme {elsewhere.id} }}}}": UnknownTheme,
        f"{{{{ image {others} | A }}}}": UnknownFile,
        f"{{{{ file {closed_campaign.portrait_id} }}}}": UnknownFile,
        f"{{{{ image {notes} | A }}}}": NotAPictureFile,
    }.items():
        with pytest.raises(error):
            write(body)
    write(f"{{{{ theme {theme.id} }}}}\n{{{{ image {picture} | A }}}}\n{{{{ file {notes} }}}}")
    assert debrief_of(session, closed_campaign).version == 1


def test_a_debrief_rests_on_the_ideas_of_a_theme_with_a_block_and_a_merged_theme_is_the_one_that_has_its_ideas(
    session, closed_campaign, theme, make_theme, alice, now
):
    body = f"{{{{ theme {theme.id} }}}}"
    assert coverage_of(session, closed_campaign, "Words.").rests_on == 0
    assert coverage_of(session, closed_campaign, body).rests_on == 2
    into = make_theme(closed_campaign, "Less waiting", bodies=("No queue.", "No line.", "No wait."))
    merge_themes(session, into, others=[theme], by=alice, now=now)
    assert theme_now(session, closed_campaign, [theme.id]) == {theme.id: into.id}
    write_debrief(session, closed_campaign, body=body, by=alice, now=now)  # a theme all the same


def test_a_debrief_thanks_those_who_took_part_under_their_name_and_agreed(
    session, closed_campaign, make_idea, make_person, alice, bob, charlie, now
):
    rose = make_person("Rose Ndiaye")
    hidden = make_idea(closed_campaign, None, "No name.", is_anonymous=True)
    session.add(AnonymousAuthor(idea_id=hidden.id, person_id=charlie.id))
    session.flush()
    for person in (charlie, rose):
        assert not may_be_thanked(session, closed_campaign, person)
        with pytest.raises(NotThanked):
            choose_thanks(session, closed_campaign, agrees=True, by=person, now=now)
        make_idea(closed_campaign, person, f"An idea of {person.name}.")
    for person in (alice, bob):  # the team
        assert not may_be_thanked(session, closed_campaign, person)
    assert thanked_names(session, closed_campaign) == []
    for person in (charlie, rose):
        choose_thanks(session, closed_campaign, agrees=True, by=person, now=now)
        choose_thanks(session, closed_campaign, agrees=True, by=person, now=now)
    assert thanked_names(session, closed_campaign) == [charlie.name, "Rose Ndiaye"]
    choose_thanks(session, closed_campaign, agrees=False, by=charlie, now=now)
    assert thanked_names(session, closed_campaign) == ["Rose Ndiaye"]
    rose.erased_at = now
    session.flush()
    assert thanked_names(session, closed_campaign) == []
