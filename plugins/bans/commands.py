"""Bans from the command line: `comments-service bans …`."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask_babel import force_locale
from sqlalchemy.orm import Session

from comments_service.api import Refused, clock, create_app, current_core, get_site

from . import queries, service
from .models import NOTE_LENGTH, Ban, Kind
from .service import Target

BY = "comments-service bans"
"""Who bans and lifts here, for the trail."""


@contextmanager
def _writing() -> Iterator[Session]:
    """Open a transaction; what is refused ends the command with its sentence."""
    with create_app().app_context(), force_locale("en"):
        try:
            with current_core().db.write() as session:
                yield session
        except Refused as refusal:
            raise click.ClickException(str(refusal.message)) from None


@click.command("list")
@click.option("--site", "key", default="", help="Only this site's.")
def list_(key: str) -> None:
    """List the bans in force: number, site, kind, value, end, note."""
    now = clock.now()
    with create_app().app_context(), current_core().db.read() as session:
        site = get_site(session, key) if key else None
        for ban, of in queries.active(session, site, now):
            click.echo("\t".join([str(ban.id), of.key, ban.kind, _shown(ban), _end(ban), ban.note]))


def _shown(ban: Ban) -> str:
    return f"{ban.value} {ban.scope}".strip()


def _end(ban: Ban) -> str:
    return ban.ends_at.isoformat(timespec="minutes") if ban.ends_at else "for ever"


@click.command()
@click.argument("site")
@click.argument("kind", type=click.Choice([Kind.EMAIL.value, Kind.NETWORK.value, Kind.TEXT.value]))
@click.argument("value")
@click.option("--days", type=click.IntRange(1, 3650), help="For so long; else for ever.")
@click.option("--note", default="", help="Why.")
def add(site: str, kind: str, value: str, days: int | None, note: str) -> None:
    """Ban VALUE from SITE: an e-mail address or @domain, a network, or words."""
    if len(note) > NOTE_LENGTH:
        raise click.UsageError(f"A note has {NOTE_LENGTH} characters at most.")
    with _writing() as session:
        made = service.ban(
            session,
            get_site(session, site).id,
            _target(Kind(kind), value),
            days=days,
            note=note,
            by=BY,
            now=clock.now(),
        )
    click.echo(f"Ban no. {made.id} is in force.")


def _target(kind: Kind, value: str) -> Target:
    digest = current_core().keys.digest
    if kind is Kind.EMAIL:
        return service.email(value, digest)
    if kind is Kind.NETWORK:
        return service.network(value, digest)
    return service.text(value)


@click.command()
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def lift(number: int) -> None:
    """Lift the ban NUMBER."""
    with _writing() as session:
        ban = queries.by_id(session, number)
        if ban is None or not service.lift(ban, BY, clock.now()):
            raise click.ClickException(f"No ban no. {number} is in force.")
    click.echo(f"Ban no. {number} is lifted.")
