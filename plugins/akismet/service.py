"""Akismet's comment-check: what is sent of a submission, and what the answer means."""

import dataclasses
import enum
import logging
from collections.abc import Mapping

from comments_service.api import Draft, remote

log = logging.getLogger(__name__)

# As Akismet asks to be told: the application, and its plugin.
USER_AGENT = "comments-service | akismet"
HELP_LENGTH = 120


class Opinion(enum.Enum):
    """What Akismet thinks of a submission."""

    HAM = enum.auto()
    SPAM = enum.auto()
    BLATANT = enum.auto()
    """So plain that Akismet would not even keep it."""


@dataclasses.dataclass(frozen=True)
class Account:
    """Whom to ask, as whom, and for how long."""

    url: str
    key: str = dataclasses.field(repr=False)
    user_ip: str
    """What stands for the reader's address, which is not kept: Akismet wants one."""
    timeout_s: float


def fields(draft: Draft, account: Account) -> dict[str, str]:
    """Return what Akismet is told of `draft`, by its names; what is empty is left out."""
    home = f"{draft.site.origins[0]}/" if draft.site.origins else ""
    told = {
        "api_key": account.key,
        "blog": home,
        "blog_lang": draft.site.locale,
        "blog_charset": "UTF-8",
        "user_ip": account.user_ip,
        "user_agent": draft.user_agent,
        "permalink": draft.page_url or "",
        "comment_type": draft.kind,
        "comment_author": draft.author,
        "comment_author_email": draft.email,
        "comment_content": draft.text,
        "comment_date_gmt": draft.now.isoformat(timespec="seconds"),
    }
    return {name: value for name, value in told.items() if value}


def ask(draft: Draft, account: Account) -> Opinion:
    """Return what Akismet thinks of `draft`; raise remote.Failure if it does not say."""
    answer = remote.post(
        account.url,
        form=fields(draft, account),
        headers={"User-Agent": USER_AGENT},
        timeout_s=account.timeout_s,
    )
    return understand(answer.body, answer.headers, account)


def understand(body: bytes, headers: Mapping[str, str], account: Account) -> Opinion:
    """Return what an answer means; raise remote.BadAnswer if it is neither `true` nor `false`."""
    word = body.strip()
    if word == b"false":
        return Opinion.HAM
    if word == b"true":
        is_blatant = headers.get("X-akismet-pro-tip", "").strip() == "discard"
        return Opinion.BLATANT if is_blatant else Opinion.SPAM
    # `invalid`, or a sentence about what is missing: the reason is for the operator.
    said = headers.get("X-akismet-debug-help", "").replace(account.key, "…")
    log.warning("Akismet refuses to judge: %s", ascii(said[:HELP_LENGTH]))
    raise remote.BadAnswer("neither true nor false")
