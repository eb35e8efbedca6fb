"""Examines the service and the portals it serves: what is amiss, and what to do about it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service import hooks, sites
from comments_service.core import Core
from comments_service.doctor import outside, own
from comments_service.doctor.probing import probe
from comments_service.findings import Finding, Level
from comments_service.models import Site


def examine(core: Core, site_key: str, *, port: int, seconds: float) -> list[Finding]:
    """Return what was found of the service, and of the portal `site_key`; empty: of all of them.

    `port` is where the service listens on this machine; `seconds` is what every server has to
    answer in. Raises ConfigError if there is no such portal.
    """
    findings = [*own.database(core)]
    is_readable = is_well(findings)
    findings += [*own.redis(core), *own.secret_key(core), *own.proxies(core)]
    origins: list[str] = []
    if is_readable:
        with core.db.read() as session:
            origins = _origins(session, site_key)
            findings += _plugins(core, session)
        if not origins:
            findings.append(
                Finding(
                    Level.WARNING,
                    "portals",
                    "There is none.",
                    "comments-service site add KEY --name NAME --origin https://www.example.vn",
                )
            )
    probes = probe(origins, "/", seconds)
    findings += outside.clock(probes)
    findings += outside.listening(core, port, seconds)
    findings += outside.service(core, origins, seconds)
    findings += outside.reached(probes)
    return findings


def _origins(session: Session, site_key: str) -> list[str]:
    if site_key:
        return sites.get(session, site_key).origins
    portals = session.scalars(sa.select(Site).order_by(Site.key))
    return list(dict.fromkeys(origin for portal in portals for origin in portal.origins))


def _plugins(core: Core, session: Session) -> Iterator[Finding]:
    """Ask every plugin; one that fails is told, and the others go on."""
    manager = core.plugins.manager
    for plugin, call in hooks.implementations(manager, "examine", session=session):
        try:
            yield from call()
        except Exception as error:  # noqa: BLE001 (any plugin's failure is its own)
            hooks.log_failure(plugin, "examine", error)
            # PostgreSQL refuses every further statement until the failed transaction ends.
            session.rollback()
            yield Finding(
                Level.ERROR,
                plugin,
                f"Its examination failed: {type(error).__name__}.",
                "The log says more.",
            )


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "well": is_well(findings),
        "findings": [
            {"level": f.level, "about": f.about, "message": f.message, "advice": f.advice}
            for f in findings
        ],
    }


def is_well(findings: Iterable[Finding]) -> bool:
    """Tell whether nothing is broken; warnings are no reason to stop a script."""
    return not any(finding.level is Level.ERROR for finding in findings)
