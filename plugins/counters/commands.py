"""Counters from the command line: `comments-service stats …`."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy.orm import Session

from comments_service.api import clock, create_app, current_core, every_site, get_site

from . import legacy, proof, queries
from .models import SOURCE_LENGTH
from .periods import ONE_DAY, Span


@contextmanager
def _writing() -> Iterator[Session]:
    with create_app().app_context(), current_core().db.write() as session:
        yield session


@click.command()
def flush() -> None:
    """Add up what dead processes had noted; living ones do so themselves."""
    with create_app().app_context():
        counters: Any = current_core().plugins.by_name["counters"]
        left = counters.counting.flush()
    if left:
        raise click.ClickException(
            f"Not added up, the log says why: {', '.join(sorted(map(str, left)))}"
        )
    click.echo("All that dead processes had noted is added up.")


@click.command("import")
@click.argument("key", metavar="SITE")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--source", required=True, help="The system, or the record, they are from.")
@click.option("--author", required=True, help="Who takes them over.")
@click.option("--replace", is_flag=True, help="Also days that were imported before.")
def import_(key: str, file: io.TextIOBase, source: str, author: str, *, replace: bool) -> None:
    """Import from FILE what another system counted on SITE: a CSV with day,views[,visits].

    It is added to the site's figures, and kept apart from what is counted here.
    """
    if max(len(source), len(author)) > SOURCE_LENGTH:
        raise click.UsageError(f"Source and author have {SOURCE_LENGTH} characters at most.")
    now = clock.now()
    with _writing() as session:
        site = get_site(session, key)
        try:
            days = legacy.read(file, clock.local_day(now, site.time_zone))
        except (legacy.BadFile, UnicodeDecodeError) as error:
            raise click.ClickException(f"Nothing was imported. {error}") from None
        every = {each.day for each in days}
        known = every & queries.legacy_days(session, site.id, Span(min(every), max(every)))
        if known and not replace:
            raise click.ClickException(
                f"Nothing was imported. {len(known)} of these days were imported before, the "
                f"first is {min(known)}: add --replace to have them anew."
            )
        queries.forget_legacy(session, site.id, known)
        queries.add_legacy(
            session,
            [
                {
                    "site_id": site.id,
                    "day": each.day,
                    "views": each.views,
                    "visits": each.visits,
                    "source": source,
                    "author": author,
                    "imported_at": now,
                }
                for each in days
            ],
        )
    views = sum(each.views for each in days)
    click.echo(f"{key}: {views} views of {len(days)} days are imported.")


@click.command()
@click.argument("key", metavar="SITE")
@click.option("--years", type=click.IntRange(1, 20), default=3, show_default=True)
@click.option("--pages", "count", type=click.IntRange(1, 100_000), default=2000, show_default=True)
@click.option("--views", type=click.IntRange(0, 10**9), default=3_184_308, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, help="Another draws other figures.")
@click.option("--add", is_flag=True, help="Also to a site that has counted views.")
def generate(key: str, years: int, count: int, views: int, seed: int, *, add: bool) -> None:
    """Invent figures for SITE, for TRYING OUT alone.

    They can't be told from what was counted, nor be taken back. They are of the days up to
    yesterday, with hours, pages, referrers, devices and languages.
    """
    from . import sample  # noqa: PLC0415 (loads numpy)

    now = clock.now()
    with _writing() as session:
        site = get_site(session, key)
        total = queries.totals(session, site.id)
        if total is not None and (total.views or total.bots) and not add:
            raise click.ClickException(
                f"Nothing was done: {key} has {total.views} counted views. Add --add to mix them "
                "with invented ones."
            )
        last = clock.local_day(now, site.time_zone) - ONE_DAY
        span = Span(last - (years * 365 - 1) * ONE_DAY, last)
        making = sample.make_pages(session, site, count, span, now)
        with click.progressbar(making, count, "Pages") as made:
            pages = list(made)
        with click.progressbar(length=years * 365, label="Days") as bar:
            sample.fill(
                session, site, pages, span, views, seed=seed, after_day=lambda: bar.update(1)
            )
    click.echo(f"{key}: {views} views of {count} pages in {years * 365} days are invented.")


@click.command("reset-peak")
@click.argument("key", metavar="SITE")
def reset_peak(key: str) -> None:
    """Begin anew to look for the moment when most readers of SITE were online."""
    with _writing() as session:
        queries.reset_peak(session, get_site(session, key).id)
    click.echo(f"{key}: the peak is looked for from now on.")


@click.command()
@click.argument("keys", metavar="[SITE]...", nargs=-1)
def verify(keys: tuple[str, ...]) -> None:
    """Prove that the sums of hours, days, pages and totals agree; of every site, if none is named.

    Ends with 1 if they do not.
    """
    is_good = True
    with create_app().app_context(), current_core().db.read() as session:
        queries.one_moment(session)
        sites = [get_site(session, key) for key in keys] or every_site(session)
        for site in sites:
            wrong = list(proof.differences(session, site))
            is_good = is_good and not wrong
            total = queries.totals(session, site.id)
            counted = (total.views, total.visits, total.bots) if total else (0, 0, 0)
            said = "differences" if wrong else "equal"
            click.echo("{}\t{}\t{} views, {} visits, {} bots".format(site.key, said, *counted))
            for sentence in wrong:
                click.echo(f"{site.key}\t{sentence}")
    if not is_good:
        raise click.exceptions.Exit(1)
