"""The rating on the command line: `comments-service rating …`."""

import click

from comments_service.api import create_app, current_core, get_site

from . import queries
from .queries import Wrong


@click.command()
@click.argument("site", required=False, default="")
def verify(site: str) -> None:
    """Recount the ratings of SITE, or of all, and compare them with the totals.

    Names the pages where they differ, and ends with 1 if there is one.
    """
    with create_app().app_context(), current_core().db.read() as session:
        of = get_site(session, site) if site else None
        wrong = queries.wrong_totals(session, of)
        pages, votes = queries.pages_and_votes(session, of)
    for each in wrong:
        click.echo(_line(each))
    if wrong:
        raise click.ClickException(f"{len(wrong)} totals are not what their ratings say.")
    click.echo(f"{votes} ratings on {pages} pages: every total equals the recount.")


def _line(wrong: Wrong) -> str:
    differences = ", ".join(
        f"{n:+d} of {stars}" for stars, n in enumerate(wrong.differences, start=1) if n
    )
    criterion = f"criterion {wrong.criterion}" if wrong.criterion else "stars"
    return f"{wrong.site}\t{wrong.page}\t{criterion}\t{differences}"
