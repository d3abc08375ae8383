"""The list of blocks of a debrief: add, edit, move, remove and put back, and read it as others will."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from app.access.needs import requires
from app.access.roles import member, seen_as
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.answers.debrief_block import (
    FORMS,
    NEW_FILE,
    ArrangeForm,
    BlockForm,
    FileBlockForm,
    ThemeBlockForm,
    block_of,
)
from app.pictures.uploads.redraw import accept
from app.text.shown import theme_name
from app.views.answers.debriefs.block_contents import named_in
from app.views.answers.debriefs.contents import debrief_contents
from app.views.answers.debriefs.documents import pdf_file
from app.web.conflicts import Conflict, compare
from app.web.errors import show_refusals
from app.web.headers import CONTENT_SECURITY_POLICY
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from app.web.uploads import uploads
from ideas.activity.version import ReasonNeeded
from ideas.answers.debriefs.arranging import (
    Arranged,
    Seen,
    add_block,
    edit_block,
    mark_of_others,
    move_block,
    remove_block,
)
from ideas.answers.debriefs.blocks import Block, BlockKind, blocks_of
from ideas.answers.debriefs.debrief import debrief_of
from ideas.answers.debriefs.material import add_debrief_file, debrief_files
from ideas.answers.debriefs.quotes import withheld_texts
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, Role
from ideas.files import kept
from ideas.themes.theme import active_themes

views = Blueprint("debrief_block", __name__, url_prefix="/campaigns/<int:campaign_id>/debrief/blocks")

# Of the place in a list.
MAX_DIGITS = 5
READERS = ("visitor", "member", "phone", "paper")
# The preview of a phone is a page within a page of this site.
_FRAMES = "; frame-src 'self'"


@views.get("")
@requires(Act.PUBLISH)
def index(campaign: Campaign) -> ResponseReturnValue:
    return _index(campaign)


@views.route("/new", methods=["GET", "POST"])
@requires(Act.PUBLISH)
def add(campaign: Campaign) -> ResponseReturnValue:
    """A block of the kind that the address names, behind the block that it names."""
    kind = _kind()
    form = _form(campaign, kind)
    if not form.is_submitted():
        debrief = debrief_of(database(), campaign)
        form.version.data = debrief.version if debrief is not None else 0
        form.place.data, form.key.data = request.args.get("place", -1, type=int), request.args.get("key", "")
    elif form.validate():
        after = Seen(form.seen, form.place.data or 0, form.key.data)
        saved = _save(
            campaign, kind, form, lambda block: add_block(database(), campaign, block, after=after, **_facts(form))
        )
        if saved is not None:
            return saved
    return _block_page(campaign, kind, form)


@views.route("/<int:place>", methods=["GET", "POST"])
@requires(Act.PUBLISH)
def edit(campaign: Campaign, place: int) -> ResponseReturnValue:
    blocks, version = _blocks(campaign)
    here = blocks[place] if place < len(blocks) else None
    if request.method == "GET" and here is None:
        flash(_("This block is not there any more."), "info")
        return redirect(url_for("debrief_block.index", campaign_id=campaign.id), 303)
    kind = _kind() if here is None or request.method == "POST" else here.kind
    form = _form(campaign, kind)
    if not form.is_submitted() and here is not None:
        form.show(here)
        form.version.data, form.place.data, form.key.data = version, place, here.key
        form.others.data = mark_of_others(blocks, place)
    elif form.validate():
        seen = Seen(form.seen, form.place.data or 0, form.key.data)
        saved = _save(
            campaign, kind, form, lambda block: edit_block(database(), campaign, block, seen=seen, **_facts(form))
        )
        if saved is not None:
            return saved
    return _block_page(campaign, kind, form)


@views.post("/arrange")
@requires(Act.PUBLISH)
def arrange(campaign: Campaign) -> ResponseReturnValue:
    """Move a block, remove one, or put one back. The page after a removal offers to put it back."""
    form, removed = ArrangeForm(), None
    act, seen = _pressed(form)
    if form.validate() and act:
        with show_refusals(form, {ReasonNeeded: form.change_reason}):
            given = database(), campaign
            if act == "remove":
                arranged, removed = remove_block(*given, seen=seen, **_facts(form))
            elif act == "back":
                block = Block(BlockKind.TEXT, form.source.data or "")
                arranged = add_block(*given, block, after=seen, **_facts(form))
            else:
                arranged = move_block(*given, seen=seen, up=act == "up", **_facts(form))
            database().commit()
            if removed is None:
                anchor = f"block-{arranged.place}"
                shown: dict[str, Any] = {"at": arranged.place, "by": act, "_anchor": anchor}
                return redirect(url_for("debrief_block.index", campaign_id=campaign.id, **shown), 303)
            form = ArrangeForm(formdata=None)
            with rendering(database()):
                return _index(campaign, form, removed=removed, at=arranged.place)
    lost = Block(BlockKind.TEXT, form.source.data) if act == "back" and form.source.data else None
    with rendering(database()):
        return _index(campaign, form, removed=lost, at=seen.place + 1)


@views.get("/preview")
@requires(Act.PUBLISH)
def preview(campaign: Campaign) -> ResponseReturnValue:
    """The debrief as it is saved now, as a visitor, a member, somebody with a phone or on paper will read it."""
    reader = request.args.get("as", READERS[0])
    reader = reader if reader in READERS else READERS[0]
    debrief = debrief_of(database(), campaign)
    if debrief is None:
        return redirect(url_for("debrief_block.index", campaign_id=campaign.id), 303)
    if reader == "phone":
        page = render_template("answers/debrief/phone.html", campaign=campaign, readers=READERS, reader=reader)
        return page, {"Content-Security-Policy": CONTENT_SECURITY_POLICY + _FRAMES}
    if reader == "paper":
        with seen_as(Role.VISITOR):
            return pdf_file(campaign, debrief)
    is_framed = "framed" in request.args
    with seen_as(Role.VISITOR if reader == "visitor" else Role.PARTICIPANT):
        page = render_template(
            "answers/debrief/show.html",
            campaign=campaign,
            debrief=debrief,
            changed=False,
            readers=() if is_framed else READERS,
            reader=reader,
            **debrief_contents(campaign, debrief.body, withheld=withheld_texts(database(), campaign)),
        )
    policy = CONTENT_SECURITY_POLICY
    if is_framed:
        policy = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return page, {"Content-Security-Policy": policy}


def _index(
    campaign: Campaign, form: ArrangeForm | None = None, *, removed: Block | None = None, at: int = 0
) -> ResponseReturnValue:
    blocks, version = _blocks(campaign)
    form = form or ArrangeForm(formdata=None)
    form.version.data, form.version.raw_data = version, None
    page = render_template(
        "answers/debrief/blocks_index.html",
        campaign=campaign,
        debrief=debrief_of(database(), campaign),
        blocks=blocks,
        kinds=list(BlockKind),
        form=form,
        removed=removed,
        # Behind this block the removed one is put back.
        previous=blocks[at - 1] if 0 < at <= len(blocks) else None,
        previous_place=at - 1,
        at=request.args.get("at", type=int),
        pressed=request.args.get("by"),
        stored=debrief_files(database(), campaign),
        **named_in(campaign, blocks),
    )
    return page, form_status(form)


def _block_page(campaign: Campaign, kind: BlockKind, form: BlockForm) -> ResponseReturnValue:
    """The form of a block. After a conflict it has what is saved there now beside what was typed."""
    with rendering(database()):
        debrief = debrief_of(database(), campaign)
        page = render_template(
            "answers/debrief/block.html",
            campaign=campaign,
            debrief=debrief,
            kind=kind.value,
            form=form,
            action=url_for(
                request.endpoint or "", **(request.view_args or {}) | {"campaign_id": campaign.id}, kind=kind.value
            ),
            conflict=_conflict(campaign, kind, form),
        )
        return page, form_status(form)


def _conflict(campaign: Campaign, kind: BlockKind, form: BlockForm) -> Conflict | None:
    """What is saved now in the place of the block: nothing where that may be another block, or is of another kind.

    Saved again, the form replaces what is shown here, or adds its block at the end.
    """
    debrief = debrief_of(database(), campaign)
    if not form.changed_meanwhile or debrief is None:
        return None
    blocks, place = blocks_of(debrief.body), form.place.data or 0
    here = blocks[place] if 0 <= place < len(blocks) and blocks[place].kind is kind else None
    if form.others.data != mark_of_others(blocks, place):  # blocks were added, removed or moved meanwhile
        here = None
    form.key.data, form.key.raw_data = here.key if here is not None else "", None
    saved = form.values_of(here) if here is not None else dict.fromkeys(form.filled_fields, "")
    by = debrief.written_by.name if debrief.written_by else ""
    return compare(form, saved, version=debrief.version, by=by, at=debrief.updated_at)


def _save(campaign: Campaign, kind: BlockKind, form: BlockForm, act: Callable[[Block], Arranged]) -> Response | None:
    """Save the block of the form, with the file that was sent with it. None where a rule refuses it."""
    upload = None
    with show_refusals(form, {ReasonNeeded: form.change_reason, **form.file_fields}):
        if isinstance(form, FileBlockForm) and form.stored.data == NEW_FILE:
            content, name = form.file.data.read(), form.file.data.filename or ""
            database().rollback()  # drawing a picture takes a while: hold no write lock meanwhile
            upload = accept(content, name)
        with kept(uploads(), upload.content) if upload is not None else nullcontext("") as stored_as:
            changed = {}
            if upload is not None:
                file = add_debrief_file(database(), campaign, upload, stored_as=stored_as, by=member(), now=now())
                changed = {"argument": str(file.id)}
            arranged = act(block_of(form, kind, **changed))
            database().commit()
        flash(_("Block saved."), "success")
        address = url_for(
            "debrief_block.index", campaign_id=campaign.id, at=arranged.place, _anchor=f"block-{arranged.place}"
        )
        return redirect(address, 303)
    return None


def _facts(form: BlockForm | ArrangeForm) -> dict[str, Any]:
    return {"by": member(), "now": now(), "reason": form.change_reason.data or ""}


def _blocks(campaign: Campaign) -> tuple[list[Block], int]:
    """The blocks as they are saved, and the version of their text."""
    debrief = debrief_of(database(), campaign)
    return (blocks_of(debrief.body), debrief.version) if debrief is not None else ([], 0)


def _kind() -> BlockKind:
    """The kind that the address names; a text for any other."""
    kind = request.args.get("kind", "")
    return BlockKind(kind) if kind in set(BlockKind) else BlockKind.TEXT


def _form(campaign: Campaign, kind: BlockKind) -> BlockForm:
    form = FORMS.get(kind, BlockForm)()
    if isinstance(form, ThemeBlockForm):
        themes = active_themes(database(), campaign)
        form.theme.choices = [SelectChoice(theme.id, theme_name(theme)) for theme in themes]
    if isinstance(form, FileBlockForm):
        files = debrief_files(database(), campaign)
        shown = [file for file in files if kind is BlockKind.FILE or file.is_picture]
        form.stored.choices = [
            SelectChoice(NEW_FILE, _("A new one")),
            *(SelectChoice(file.id, file.name) for file in shown),
        ]
    return form


def _pressed(form: ArrangeForm) -> tuple[str, Seen]:
    """What the button that was used does, and to which block: “up=3:key”."""
    for act in ("up", "down", "remove", "back"):
        place, _colon, key = request.form.get(act, "").partition(":")
        if act in request.form:
            is_place = place.lstrip("-").isdecimal() and len(place) < MAX_DIGITS
            return act, Seen(form.seen, int(place) if is_place else 0, key)
    return "", Seen(form.seen)
