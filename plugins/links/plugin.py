"""Holds submissions for the addresses in them: too many, or not what they seem."""

import dataclasses
import functools
from collections.abc import Callable, Mapping

from flask_babel import gettext
from sqlalchemy.orm import Session

from comments_service.api import Draft, Outcome, Plugin, Verdict, impl, lazy_gettext

from . import service
from .service import Finding, Sign

DECEIVES = 0.9
SITES_KEPT = 128
PROTECTED = (
    "agribank.com.vn",
    "baohiemxahoi.gov.vn",
    "bidv.com.vn",
    "dichvucong.gov.vn",
    "facebook.com",
    "mbbank.com.vn",
    "sacombank.com.vn",
    "shopee.vn",
    "techcombank.com",
    "tpbank.vn",
    "vietcombank.com.vn",
    "vietinbank.vn",
    "vneid.gov.vn",
    "vnpost.vn",
    "vpbank.com.vn",
    "zalopay.vn",
)


@dataclasses.dataclass(frozen=True)
class LinksSiteSettings:
    max: int = 2
    """Addresses that a text may have."""
    max_new: int = 0
    """As many from a visitor whom the site doesn't know yet."""
    days: int = 1
    """A visitor is new until one comment was approved and the first is as old as this."""
    allow: tuple[str, ...] = ()
    """Hosts to which everybody may link; the site's own always are."""
    protected: tuple[str, ...] = PROTECTED
    """Hosts that nobody else's may look like; the site's own always are."""

    def __post_init__(self) -> None:
        if min(self.max, self.max_new, self.days) < 0:
            raise ValueError("links.max, links.max_new and links.days go from 0.")
        for host in (*self.allow, *self.protected):
            if "/" in host or "." not in host:
                raise ValueError(f"links: {host!r} is no host. Write it like vietcombank.com.vn.")


# Each sign's sentence for moderators.
WORDS: Mapping[Sign, Callable[[Finding], str]] = {
    Sign.TOO_MANY: lambda f: gettext(
        "Addresses in the text: %(number)s; allowed: %(allowed)s.",
        number=f.number,
        allowed=f.allowed,
    ),
    Sign.TOO_MANY_FOR_NEW: lambda f: gettext(
        "Addresses in the text: %(number)s; allowed from somebody new: %(allowed)s.",
        number=f.number,
        allowed=f.allowed,
    ),
    Sign.NAME: lambda f: gettext("The name is an address: %(host)s.", host=f.host),
    Sign.MARKUP: lambda _: gettext("Has links in markup, as programs write them."),
    Sign.PROGRAM: lambda _: gettext("Has an address that runs a program."),
    Sign.USER: lambda f: gettext(
        "An address with a user name before its host leads to %(host)s.", host=f.host
    ),
    Sign.NUMBER: lambda f: gettext("An address has a number for a host: %(host)s.", host=f.host),
    Sign.INTERNATIONAL: lambda f: gettext(
        "A host has letters that could pass for others: %(host)s.", host=f.host
    ),
    Sign.MIXED: lambda f: gettext(
        "A host mixes letters of several scripts: %(host)s.", host=f.host
    ),
    Sign.IMITATES: lambda f: gettext(
        "The host %(host)s looks like %(real)s.", host=f.host, real=f.real
    ),
}


class Links(Plugin):
    name = "links"
    title = lazy_gettext("Links")
    site_settings_class = LinksSiteSettings

    @impl
    def judge(self, session: Session, draft: Draft) -> Verdict | None:
        del session
        rules = _rules(self.site_settings(draft.site), *draft.site.origins)
        opinion = service.inspect(draft, rules)
        if not opinion.findings:
            return None
        return Verdict(
            Outcome.HOLD,
            " ".join(WORDS[finding.sign](finding) for finding in opinion.findings[:5]),
            score=DECEIVES if opinion.deceives else None,
            cluster=opinion.cluster,
        )


@functools.lru_cache(SITES_KEPT)
def _rules(wanted: LinksSiteSettings, *origins: str) -> service.Rules:
    return service.Rules(
        max=wanted.max,
        max_new=wanted.max_new,
        days=wanted.days,
        allow=[host.lower() for host in wanted.allow],
        protected=[host.lower() for host in wanted.protected],
        own=service.own_hosts(origins),
    )


plugin = Links
