"""Counting page views: every plugin is told of each of them, whichever door it came through."""

import logging

import pluggy
import sqlalchemy as sa

from comments_service import hooks, pages, referrers
from comments_service.context import PageContext, PageView
from comments_service.core import current_core
from comments_service.db import release

log = logging.getLogger(__name__)

NAMING_PATIENCE_S = 0.25
"""So long a reader who knows a page's title waits to give it; there will be others."""


def count_view(
    context: PageContext, title: str = "", view_id: str = "", referrer: str = ""
) -> bool:
    """Let every plugin note that this page was opened; tell whether all of them could.

    `title` is what a page of the site's own says it is called. `view_id` is the sender's name for
    this opening: what is sent twice with the same one is counted once. `referrer` is the address
    from which the reader came, or its host alone.
    """
    view = PageView(
        site=context.site,
        page_key=context.page_key,
        page_title=pages.clean_title(title),
        network=context.network,
        user_agent=context.user_agent,
        accept_language=context.accept_language,
        referrer=referrers.host_of(referrer, context.site),
        is_private=context.is_private,
        id=view_id,
        now=context.now,
    )
    could = note_view(current_core().plugins.manager, view)
    _name_page(context, view.page_title)
    return could


def note_view(manager: pluggy.PluginManager, view: PageView) -> bool:
    """Tell every plugin of a page view; return whether all of them could note it."""
    could = True
    for plugin, call in hooks.implementations(manager, "page_viewed", view=view):
        try:
            call()
        except Exception as error:  # noqa: BLE001 (any plugin's failure is its own)
            hooks.log_failure(plugin, "page_viewed", error)
            could = False
    return could


def _name_page(context: PageContext, title: str) -> None:
    """Give a title to a page that has none: what made its row did not know one."""
    if context.page is None or context.page.title or not title:
        return
    release(context.session)
    try:
        with current_core().db.write(patience_s=NAMING_PATIENCE_S) as session:
            pages.ensure(session, context.site, context.page_key, title=title, now=context.now)
    except sa.exc.OperationalError as error:
        # Full disk, or a writer that holds on: readers still read, and the next one names it.
        log.warning("a page was not given its title: %s", error.orig)
