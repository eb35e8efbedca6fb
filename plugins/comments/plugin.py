"""Comments of readers, in threads, each judged before it is public."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session
from wtforms.validators import DataRequired, Optional, Regexp

from comments_service.api import (
    Content,
    DemoSite,
    Door,
    Envelope,
    Lasting,
    Line,
    Page,
    PageContext,
    Plugin,
    Status,
    Submission,
    SubmissionForm,
    SubmissionKind,
    Summary,
    Text,
    Whole,
    impl,
    lazy_gettext,
)

from . import demo, search_engines, service
from .commands import verify
from .links import with_links
from .models import EMAIL_LENGTH, NAME_LENGTH, TEXT_LENGTH
from .queries import Public
from .views import blueprint


class Entry(NamedTuple):
    """A comment, with all that its template would else ask for again and again."""

    id: int
    name: str
    is_reply: bool
    answers: str | None
    """The name of whom it answers, unless that one is gone."""
    created_at: datetime.datetime
    iso: str
    """When it was created, for programs."""
    text: Markup
    """With links."""


def _entry(comment: Public, link_target: str) -> Entry:
    return Entry(
        id=comment.id,
        name=comment.name,
        is_reply=comment.parent_id is not None,
        answers=comment.answers,
        created_at=comment.created_at,
        iso=comment.created_at.isoformat(timespec="seconds"),
        text=with_links(comment.text, link_target),
    )


@dataclasses.dataclass(frozen=True)
class CommentsSiteSettings:
    hold: bool = True
    """Comments wait for a moderator before they are public."""


class CommentForm(SubmissionForm):
    # In the order of the template: the first bad one takes the focus.
    text = Text(
        lazy_gettext("Your comment"),
        [DataRequired(lazy_gettext("Please write your comment."))],
        limit=TEXT_LENGTH,
        render_kw={"rows": 5},
    )
    name = Line(
        lazy_gettext("Your name"),
        [DataRequired(lazy_gettext("Please enter your name."))],
        limit=NAME_LENGTH,
        render_kw={"autocomplete": "name"},
    )
    email = Line(
        lazy_gettext("E-mail"),
        [
            Optional(),
            # Only what can't be an address: whether one exists, only a message to it can tell.
            Regexp(
                r"[^@\s]+@[^@\s]+\.[^@\s]+\Z", message=lazy_gettext("Please check this address.")
            ),
        ],
        limit=EMAIL_LENGTH,
        render_kw={"autocomplete": "email", "type": "email"},
    )
    parent = Whole("", low=1, high=service.ID_MAX, message=service.GONE)


class CommentKind(SubmissionKind):
    name = "comment"
    form = CommentForm
    challenged = True
    moderated = True

    def is_held(self, site_settings: CommentsSiteSettings) -> bool:
        return site_settings.hold

    def content(self, fields: Mapping[str, Any]) -> Content:
        return Content(fields["name"], fields["text"], fields["email"] or "")

    def store(
        self, session: Session, submission: Submission, page: Page, envelope: Envelope | None
    ) -> str:
        if envelope is None:
            raise TypeError("a comment is judged, so it has an envelope")
        service.add(session, envelope, page, submission.fields)
        return "published" if envelope.status is Status.PUBLISHED else "held"

    def set_status(
        self, session: Session, envelope: Envelope, before: Status, after: Status
    ) -> None:
        del before
        service.set_public(session, envelope.id, is_public=after is Status.PUBLISHED)

    def summaries(self, session: Session, ids: Sequence[int]) -> Mapping[int, Summary]:
        return service.summaries(session, ids)


class Comments(Plugin):
    name = "comments"
    title = lazy_gettext("Comments")
    height = "100vh"
    rank = 20
    lasting = Lasting.PAGE
    site_settings_class = CommentsSiteSettings
    blueprints = (blueprint,)
    kinds = (CommentKind(),)
    commands = (verify,)

    @impl
    def widget_data(self, context: PageContext) -> Mapping[str, Any]:
        query = context.query
        shown = service.read(
            context.session,
            context.page_id,
            order=service.parse_order(query.get("sort", "")),
            cursor=service.Cursor.parse(query.get("cursor", "")),
        )
        # In the host's frame a page of elsewhere would have no room, and most refuse to be framed.
        target = "_top" if context.door is Door.FRAME else ""
        return {
            "slice": shown,
            "entries": [_entry(each, target) for each in shown.comments],
            "discussion": (
                search_engines.discussion(context, shown) if context.is_indexed else None
            ),
            "reply_to": service.answerable(
                context.session, context.page_id, query.get("reply_to") or query.get("parent", "")
            ),
            # Put together for each comment: asked for once.
            "reply_label": gettext("Reply to %(name)s"),
            "holds": self.site_settings(context.site).hold,
        }

    @impl
    def seed_demo(self, demo_site: DemoSite) -> None:
        demo.seed(demo_site)


plugin = Comments
