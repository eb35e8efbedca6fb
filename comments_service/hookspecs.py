"""Every hook of the service: when it fires, what to return, an example.

A plugin implements a hook as a method marked `@impl`, with those of the arguments that it wants.
Hooks run in the order of COMMENTS_PLUGINS, or of the plugins' names if that is not set.
"""

from collections.abc import Mapping
from typing import Any

import pluggy

from comments_service.context import DemoSite, PageContext, PageView

PROJECT = "comments_service"
spec = pluggy.HookspecMarker(PROJECT)
impl = pluggy.HookimplMarker(PROJECT)


@spec
def widget_data(context: PageContext) -> Mapping[str, Any]:  # type: ignore[empty-body]
    """Return what the plugin's `templates/widget.html` shows for one page.

    Fires whenever the plugin's widget is asked for, at any door. The template gets the mapping's
    names beside `context`, `forms` and the rest of what docs/plugins.md lists. Read through
    `context.session`; don't write. An error shows "unavailable" in the widget's own place.

        @impl
        def widget_data(self, context):
            return {"summary": service.summary(context.session, context.page)}
    """


@spec
def page_viewed(view: PageView) -> None:
    """Note that a reader opened a page.

    Fires once per counted page view, inside a write transaction and before the widgets are drawn,
    so that the reader who asks is among the counted. An error undoes this plugin's part alone.

        @impl
        def page_viewed(self, view):
            service.count(view.session, view)
    """


@spec
def seed_demo(demo_site: DemoSite) -> None:
    """Fill the demonstration site with data of this plugin's kind.

    Fires once, when `comments-service demo` makes its database, inside one write transaction.

        @impl
        def seed_demo(self, demo_site):
            for page in demo_site.pages: ...
    """
