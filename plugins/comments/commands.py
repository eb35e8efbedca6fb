"""The comments on the command line: `comments-service comments …`."""

import click

from comments_service.api import create_app, current_core, get_site

from . import queries


@click.command()
@click.argument("site", required=False, default="")
def verify(site: str) -> None:
    """Recount the public comments of SITE, or of all, and compare them with the totals.

    Names the pages where they differ, and ends with 1 if there is one.
    """
    with create_app().app_context(), current_core().db.read() as session:
        of = get_site(session, site) if site else None
        wrong = queries.wrong_totals(session, of)
        pages, comments = queries.pages_and_comments(session, of)
    for each in wrong:
        click.echo(f"{each.site}\t{each.page}\t{each.difference:+d}")
    if wrong:
        raise click.ClickException(f"{len(wrong)} totals are not what their comments say.")
    click.echo(f"{comments} public comments on {pages} pages: every total equals the recount.")
