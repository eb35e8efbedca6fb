"""A guestbook: a name and a few words, shown at once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session
from wtforms.validators import InputRequired

from comments_service.api import (
    Envelope,
    Line,
    Page,
    PageContext,
    Plugin,
    Submission,
    SubmissionForm,
    SubmissionKind,
    impl,
    lazy_gettext,
)

from . import service
from .models import MESSAGE_LENGTH, NAME_LENGTH


class GuestbookForm(SubmissionForm):
    name = Line(
        lazy_gettext("Your name"),
        [InputRequired(lazy_gettext("Please enter your name."))],
        limit=NAME_LENGTH,
        render_kw={"autocomplete": "name"},
    )
    message = Line(
        lazy_gettext("Your message"),
        [InputRequired(lazy_gettext("Please write a few words."))],
        limit=MESSAGE_LENGTH,
    )


class GuestbookKind(SubmissionKind):
    """One entry, published at once."""

    name = "guestbook"
    form = GuestbookForm

    def store(
        self, session: Session, submission: Submission, page: Page, envelope: Envelope | None
    ) -> str:
        del envelope
        service.sign(session, page.id, submission.fields, submission.now)
        return "signed"


class Guestbook(Plugin):
    name = "guestbook"
    kinds = (GuestbookKind(),)

    @impl
    def widget_data(self, context: PageContext) -> Mapping[str, Any]:
        return {"entries": service.newest(context.session, context.page_id)}


plugin = Guestbook
