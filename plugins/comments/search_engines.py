"""The comments as search engines ask for them: schema.org's DiscussionForumPosting."""

from collections.abc import Sequence
from typing import Any

from comments_service.api import PageContext

from .queries import Public
from .service import Slice


def discussion(context: PageContext, shown: Slice) -> dict[str, Any] | None:
    """Return the page as what began a discussion, with the comments of `shown`; None without any.

    Google takes a posting only with a text; all that is known of the page's own is its title.
    """
    page, site = context.page, context.site
    if page is None or not shown.comments:
        return None
    author = {"@type": "Organization", "name": site.name}
    known = {
        "headline": context.title,
        "text": context.title,
        "url": context.page_url,
        "identifier": context.page_url or context.page_key,
    }
    return {
        "@type": "DiscussionForumPosting",
        **{name: value for name, value in known.items() if value},
        "author": {**author, "url": site.origins[0]} if site.origins else author,
        "datePublished": page.created_at.isoformat(timespec="seconds"),
        "commentCount": shown.total,
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/CommentAction",
            "userInteractionCount": shown.total,
        },
        "comment": _threads(shown.comments),
    }


def _threads(comments: Sequence[Public]) -> list[dict[str, Any]]:
    """Nest each comment in the one it answers, where that is shown too."""
    told = {each.id: _told(each) for each in comments}
    first = []
    for each in comments:
        mine = told[each.id]
        answered = told.get(each.parent_id or 0)
        if answered is None:
            first.append(mine)
        else:
            answered.setdefault("comment", []).append(mine)
    return first


def _told(comment: Public) -> dict[str, Any]:
    at = comment.created_at.isoformat(timespec="seconds")
    return {
        "@type": "Comment",
        "text": comment.text,
        # The same moment twice: schema.org's own word for it, and the one that Google asks for.
        "dateCreated": at,
        "datePublished": at,
        "author": {"@type": "Person", "name": comment.name},
    }
