"""Whether browsers reach the service and its portals, over IPv4 and over IPv6."""

import datetime
from collections.abc import Iterable, Iterator, Sequence

from comments_service.core import Core
from comments_service.doctor.probing import Probe, probe
from comments_service.findings import Finding, Level

HEALTH = "/healthz"
HTTP_OK = 200
HTTP_SERVER_ERROR = 500
# A web server's clock is told by the second, and its answer takes a moment.
CLOCK_WARNING = datetime.timedelta(seconds=10)
CLOCK_ERROR = datetime.timedelta(minutes=2)
FAMILIES = {"A": "IPv4", "AAAA": "IPv6"}


def clock(probes: Iterable[Probe]) -> Iterator[Finding]:
    """Compare with what the portals' servers say the time is: no other server is asked."""
    told = [
        attempt.ahead for each in probes for attempt in each.attempts if attempt.ahead is not None
    ]
    if not told:
        yield Finding(
            Level.WARNING,
            "clock",
            "It could not be compared: no portal told the time.",
            "See with: timedatectl status",
        )
        return
    # The nearest: one portal's clock may be wrong, this machine's is wrong for all of them.
    off = min(told, key=abs)
    if abs(off) < CLOCK_WARNING:
        yield Finding(Level.OK, "clock", "It agrees with a portal's.")
        return
    level = Level.ERROR if abs(off) >= CLOCK_ERROR else Level.WARNING
    side = "behind" if off > datetime.timedelta() else "ahead of"
    words = f"It is {abs(off).total_seconds():.0f} s {side} the portals'."
    yield Finding(level, "clock", words, "timedatectl set-ntp true")


def service(core: Core, origins: Sequence[str], seconds: float) -> Iterator[Finding]:
    url = core.settings.public_url
    if not url:
        yield Finding(
            Level.WARNING,
            "public address",
            "Not set: links lead to whatever host a request names, and includes are not cached.",
            "Set COMMENTS_PUBLIC_URL, for example https://comments.example.vn.",
        )
        return
    if url.startswith("http://") and any(origin.startswith("https://") for origin in origins):
        yield Finding(
            Level.ERROR,
            url,
            "It is http, and browsers let no page of an https portal load that.",
            "Serve it by https, and correct COMMENTS_PUBLIC_URL.",
        )
    yield from reached(probe([url], HEALTH, seconds), own=True)


def listening(core: Core, port: int, seconds: float) -> Iterator[Finding]:
    """Tell whether the service takes connections of both families on this machine."""
    local = [f"http://127.0.0.1:{port}", f"http://[::1]:{port}"]
    heard = {
        each.record
        for each in probe(local, HEALTH, seconds)
        if any(attempt.status == HTTP_OK for attempt in each.attempts)
    }
    about = f"port {port}"
    if not heard:
        yield Finding(
            Level.WARNING,
            about,
            "The service does not listen here.",
            "Start it, or name its port: comments-service doctor --port PORT",
        )
    elif len(heard) == len(FAMILIES):
        yield Finding(Level.OK, about, "The service listens on IPv4 and IPv6.")
    elif core.settings.trusted_proxies:
        [record] = heard
        yield Finding(
            Level.OK, about, f"The service listens on {FAMILIES[record]}, behind your own proxies."
        )
    else:
        [record] = heard
        yield Finding(
            Level.WARNING,
            about,
            f"The service listens on {FAMILIES[record]} alone.",
            "comments-service serve --host ::",
        )


def reached(probes: Iterable[Probe], *, own: bool = False) -> Iterator[Finding]:
    """Tell what each probe found; of the service's `own` address nothing but health will do."""
    by_origin: dict[str, list[Probe]] = {}
    for each in probes:
        by_origin.setdefault(each.origin, []).append(each)
    for origin, both in by_origin.items():
        if not any(each.attempts or each.problem for each in both):
            yield Finding(
                Level.ERROR,
                origin,
                "The DNS has no address for it.",
                "Correct the address, or have A and AAAA records made.",
            )
            continue
        for each in both:
            yield from _one_family(each, own=own)


def _one_family(found: Probe, *, own: bool) -> Iterator[Finding]:
    family = FAMILIES[found.record]
    if found.problem:
        yield Finding(
            Level.WARNING,
            found.origin,
            f"The DNS did not say whether there is an {found.record} record: {found.problem}",
            "See to this machine's /etc/resolv.conf, and try again.",
        )
    elif not found.attempts and not found.is_literal:
        yield Finding(
            Level.WARNING,
            found.origin,
            f"There is no {found.record} record: nobody reaches it over {family}.",
            f"Have an {found.record} record made, with an address where it listens.",
        )
    for attempt in found.attempts:
        about = f"{family}, {attempt.address}"
        if not attempt.has_way:
            yield Finding(
                Level.WARNING,
                found.origin,
                f"{about}: this machine has no {family}, so that can't be tried from here.",
                "Run this again where there is one.",
            )
        elif attempt.status is None:
            yield Finding(
                Level.ERROR,
                found.origin,
                f"{about}: {attempt.problem}.",
                f"See whether the server listens on {family} and the firewall lets it through.",
            )
        elif attempt.status >= HTTP_SERVER_ERROR or (own and attempt.status != HTTP_OK):
            yield Finding(
                Level.ERROR if own else Level.WARNING,
                found.origin,
                f"{about}: it answers with HTTP status {attempt.status}.",
                "See the server's log." if not own else f"There should be 200 at {HEALTH}.",
            )
        else:
            yield Finding(
                Level.OK, found.origin, f"{about}: it answers with HTTP status {attempt.status}."
            )
