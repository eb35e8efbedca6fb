"""Asks a reader: chooses the challenge that the site and the risk call for, and draws it."""

import hashlib
from typing import Any

from flask import current_app, render_template, url_for
from flask_babel import force_locale, lazy_gettext
from flask_limiter import RateLimitExceeded

from comments_service import attacks, clock, judging, limits, traps
from comments_service.challenges import (
    Challenge,
    ChallengeProvider,
    NoLongerValid,
    Purpose,
    Rung,
    Unavailable,
)
from comments_service.context import Door, PageContext
from comments_service.core import current_core, public_url
from comments_service.db import release
from comments_service.identity import widening
from comments_service.ladder import Demand, LadderSettings
from comments_service.ladder import demand as demand_of
from comments_service.submission import SubmissionKind
from comments_service.verdicts import Standing

BY_MODERATOR = "moderator"
"""The way of those who can solve nothing: a moderator reads what they send."""
ASK_MODERATOR = lazy_gettext("I can't do this: let a moderator read it first")


def networks(context: PageContext) -> tuple[str, ...]:
    """Return keyed hashes of the reader's network and of the wider ones around it."""
    keys = current_core().keys
    return tuple(keys.digest("network", each) for each in widening(context.network))


def page_digest(context: PageContext) -> str:
    text = f"{context.site.id}\n{context.page_key}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def demand(context: PageContext, standing: Standing) -> Demand:
    """Return what is asked of this reader now."""
    return demand_of(
        LadderSettings.of(context.site),
        busy=limits.meter().busy(networks(context), page_digest(context)),
        is_attacked=attacks.is_attacked(context.site, context.now),
        standing=standing,
    )


def purpose(context: PageContext, kind: str) -> Purpose:
    return Purpose(context.site.id, context.page_key, kind, networks(context)[-1])


def draw_challenge(
    context: PageContext, kind: SubmissionKind, error: str = "", *, way: str = ""
) -> dict[str, Any]:
    """Issue a challenge for `kind` on this page, as HTML for a form and as plain values.

    `error` says what was wrong with the answer to the one before; `way` names the alternative that
    the reader asked for. Raises RateLimitExceeded when the reader's network asks for too many: an
    image costs more to make than a page.
    """
    core = current_core()
    limits.charge("challenge")
    standing = judging.standing(context.session, context.site, context.visitor)
    asked = demand(context, standing)
    # Whoever is asked for a kind that mostly asks nothing has a reason to be asked.
    rung = asked.rung if kind.challenged else max(asked.rung, Rung.PERSON)
    usual = _choose(context, rung)
    others = core.ladder.alternatives(usual, context.site, context.locale)
    chosen = next((each for each in others if each.name == way), usual)
    is_excused = way == BY_MODERATOR and usual.rung is Rung.PERSON
    if is_excused:
        chosen = _choose(context, Rung.WORK, highest=Rung.WORK)
    if chosen is not usual and not is_excused:
        # Nobody is left without a way because somebody else behind the address used theirs up.
        try:
            limits.charge("alternative")
        except RateLimitExceeded:
            is_excused = True
            chosen = _choose(context, Rung.WORK, highest=Rung.WORK)
    issued, provider = _issue(context, kind.name, chosen, asked, is_excused=is_excused)
    presented = dict(provider.present(issued))
    with force_locale(context.locale):
        html = render_template(
            "core/challenge.html",
            template=provider.template,
            challenge=issued,
            error=error,
            is_chosen=bool(way) and not error,
            trap=traps.field_name(core.keys, context.site),
            door=context.door,
            needs=_module_address(),
            way=way if is_excused or chosen is not usual else "",
            ways=_ways(provider, usual, others),
            **presented,
        )
    return {"html": html, "challenge": issued.token, "provider": provider.name, **presented}


def _module_address() -> str:
    """Return the address of the script for challenges that need more than a form."""
    module = current_app.extensions["comments_service_assets"].challenges
    return public_url() + url_for("assets.challenges", digest=module.hash)


def _choose(context: PageContext, rung: Rung, *, highest: Rung = Rung.PERSON) -> ChallengeProvider:
    return current_core().ladder.choose(
        rung,
        context.site,
        context.locale,
        can_work=_can_work(context),
        highest=highest,
    )


def _can_work(context: PageContext) -> bool:
    """Tell whether the reader's browser said that it can compute in the background."""
    return context.door is not Door.FRAME and context.query.get("works") == "1"


def _issue(
    context: PageContext,
    kind: str,
    provider: ChallengeProvider,
    asked: Demand,
    *,
    is_excused: bool,
) -> tuple[Challenge, ChallengeProvider]:
    """Issue by `provider`, or by a lower rung whose readers are then held, if it has none ready."""
    challenges = current_core().challenges
    bound_to = purpose(context, kind)

    def issue(by: ChallengeProvider, *, excused: bool) -> Challenge:
        variant = by.variant(context.site, context.locale, asked.hardness)
        return challenges.issue(
            by, variant, context.site, bound_to, hardness=asked.hardness, is_excused=excused
        )

    # Where nobody can be asked what should be, a moderator looks instead.
    short = provider.rung < min(asked.rung, Rung.PERSON)
    try:
        return issue(provider, excused=is_excused or short), provider
    except Unavailable:
        lower = _choose(context, Rung.WORK, highest=Rung.WORK)
        return issue(lower, excused=True), lower


def _ways(
    shown: ChallengeProvider,
    usual: ChallengeProvider,
    others: list[ChallengeProvider],
) -> list[dict[str, Any]]:
    """Return what else the reader may choose: [{"name", "invitation"}]."""
    if usual.rung is not Rung.PERSON or shown.rung is not Rung.PERSON:
        return []
    return [
        {"name": each.name, "invitation": each.invitation}
        for each in (usual, *others)
        if each is not shown
    ] + [{"name": BY_MODERATOR, "invitation": ASK_MODERATOR}]


def give_back(context: PageContext, kind: str, token: str, *, way: str) -> None:
    """Spend a challenge unanswered if its reader goes another way: one question, one chance.

    One more of the same kind costs nothing, and leaves nothing behind.
    """
    core = current_core()
    if way not in {*core.challenges.providers, BY_MODERATOR}:
        return
    release(context.session)
    try:
        challenge = core.challenges.open(token, context.site, purpose(context, kind))
        if challenge.provider != way:
            with core.db.write() as session:
                core.challenges.spend(session, challenge, clock.now())
    except NoLongerValid:
        pass
