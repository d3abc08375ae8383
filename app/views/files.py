"""Files: sent to whoever may read their campaign, added and removed by whoever manages it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.campaigns.campaign import AddFileForm
from app.pictures.uploads.redraw import accept
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from app.web.uploads import sent, uploads
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import Act
from ideas.errors import DomainError
from ideas.files import File, add_attachment, attachments_of, discard, kept, remove_file

views = Blueprint("file", __name__)

MAX_AGE_SECONDS = 24 * 60 * 60
# Whatever a file holds, a browser that opens it runs and loads nothing.
CONTENT_SECURITY_POLICY = "sandbox; default-src 'none'"


@views.get("/files/<int:file_id>")
@requires(Act.READ)
def show(file: File) -> ResponseReturnValue:
    answer = sent(
        file,
        as_attachment=not file.is_picture,
        download_name=file.name,
        etag=file.digest,
        max_age=MAX_AGE_SECONDS,
    )
    answer.headers["Content-Type"] = file.media_type  # without a guess at how a text is encoded
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = f"private, max-age={MAX_AGE_SECONDS}"
    return answer


@views.route("/campaigns/<int:campaign_id>/files", methods=["GET", "POST"])
@requires(Act.MANAGE)
def add(campaign: Campaign) -> ResponseReturnValue:
    form = AddFileForm()
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        database().rollback()  # drawing a picture takes a while: hold no write lock meanwhile
        with show_refusals(form, {DomainError: form.file}):
            upload = accept(content, name)
            with kept(uploads(), upload.content) as stored_as:
                lock_campaign(database(), campaign)
                add_attachment(database(), campaign.id, upload, stored_as=stored_as, by=member(), now=now())
                database().commit()
            flash(_("“%(name)s” is added.", name=upload.name), "success")
            return redirect(url_for("campaign.edit", campaign_id=campaign.id, _anchor="files"), 303)
    files = attachments_of(database(), campaign.id)
    page = render_template("files/index.html", campaign=campaign, files=files, form=form)
    return page, form_status(form)


@views.post("/campaigns/<int:campaign_id>/files/<int:attachment_id>/remove")
@requires(Act.MANAGE)
def remove(campaign: Campaign, attachment: File) -> ResponseReturnValue:
    name = attachment.name
    stored_as = remove_file(database(), attachment, by=member(), now=now())
    database().commit()
    discard(uploads(), stored_as)
    flash(_("“%(name)s” is removed.", name=name), "success")
    return redirect(url_for("campaign.edit", campaign_id=campaign.id, _anchor="files"), 303)
