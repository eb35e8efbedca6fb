"""Every hook of the service: when it fires, what to return, an example.

A plugin implements a hook as a method marked `@impl`, with those of the arguments that it wants.
Hooks run in the order of COMMENTS_PLUGINS, or of the plugins' names if that is not set.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pluggy
from sqlalchemy.orm import Session

from comments_service.context import DemoSite, PageContext, PageView
from comments_service.findings import Finding
from comments_service.models import Envelope
from comments_service.verdicts import Draft, Judged, Verdict

PROJECT = "comments_service"
spec = pluggy.HookspecMarker(PROJECT)
impl = pluggy.HookimplMarker(PROJECT)


@spec
def widget_data(context: PageContext, widget: str) -> Mapping[str, Any]:  # type: ignore[empty-body]
    """Return what the template of the plugin's `widget` shows for one page.

    Fires whenever a widget of the plugin is asked for, at any door; a plugin that has but the one
    of its own name leaves `widget` out. The template gets the mapping's names beside `context`,
    `forms` and the rest of what docs/plugins.md lists. Read through `context.session`; don't write.
    An error shows "unavailable" in the widget's own place.

        @impl
        def widget_data(self, context):
            return {"summary": service.summary(context.session, context.page)}
    """


@spec
def page_viewed(view: PageView) -> None:
    """Note that a reader opened a page.

    Fires once per counted page view, before the widgets are drawn, so that the reader who asks is
    among the counted. All that is known is in `view`: answered in front of Flask, it has no
    request. No transaction is open, and the reader waits: note the view where that takes
    microseconds, and write what you make of it later. An error is this plugin's alone; the reader
    is answered, and told that the view may not be counted.

        @impl
        def page_viewed(self, view):
            self.seen[view.site.id] += 1
    """


@spec
def judge(session: Session, draft: Draft) -> Verdict | None:
    """Say what the plugin thinks of a submission that moderators could be asked about.

    Fires once per submission, after its challenge is solved and before it is stored. Read through
    `session`; don't write, and ask no other server. Return None to say nothing. An error holds the
    submission for a person.

        @impl
        def judge(self, session, draft):
            if "casino" in draft.text.casefold():
                return Verdict(Outcome.HOLD, gettext("Speaks of casinos."))
    """


@spec
def consult(draft: Draft) -> Verdict | None:
    """Ask another server about a submission.

    Fires after every `judge`, unless one of them kept the submission out; no connection to the
    database is held meanwhile. Bound the time yourself. An error holds the submission.

        @impl
        def consult(self, draft):
            return service.ask(draft, timeout=2.0)
    """


@spec
def submission_stored(session: Session, draft: Draft, envelope: Envelope) -> None:
    """Keep what the plugin wants to know of a judged submission later.

    Fires in the transaction that stores it, whatever its status. An error undoes this plugin's
    part alone. The envelope is to be read: what is changed in it here is not stored.

        @impl
        def submission_stored(self, session, draft, envelope):
            session.add(Fingerprint(submission_id=envelope.id, value=simhash(draft.text)))
    """


@spec
def submission_decided(session: Session, judged: Judged) -> None:
    """Learn from a moderator's decision.

    Fires in the decision's transaction, once per submission that changed. An error undoes this
    plugin's part alone.

        @impl
        def submission_decided(self, session, judged):
            service.train(session, judged.site, judged.text, is_spam=judged.after is Status.SPAM)
    """


@spec
def examine(session: Session) -> Iterable[Finding]:  # type: ignore[empty-body]
    """Say what is well with the plugin's own things and what is not.

    Fires when the operator runs `comments-service doctor`. Read through `session`; don't write. An
    error is told as one.

        @impl
        def examine(self, session):
            if not self.settings.key:
                yield Finding(Level.WARNING, "akismet", "It has no key.", "Set COMMENTS_…")
    """


@spec
def seed_demo(demo_site: DemoSite) -> None:
    """Fill the demonstration site with data of this plugin's kind.

    Fires once, when `comments-service demo` makes its database, inside one write transaction.

        @impl
        def seed_demo(self, demo_site):
            for page in demo_site.pages: ...
    """
