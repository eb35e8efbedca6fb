"""The command line's door: `serve`; every other command needs the application first.

`serve` itself stays without it where one process serves: the application is loaded there alone.
"""

import click

from comments_service.serving import DEFAULT_PORT, PortTaken, check_port, printable, serve_app


class Main(click.Group):
    """What stands here, and the commands of the core and of the plugins."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_others()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _others().get(cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except PortTaken as error:
            raise click.ClickException(str(error)) from None


def _others() -> dict[str, click.Command]:
    from comments_service import commands  # noqa: PLC0415 (loads the application)

    return commands.within_reach(beside=main.commands)


@click.group(cls=Main)
def main() -> None:
    """Comments, ratings and visitor counters for pages of your own."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address; :: is dual-stack.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="Port.")
@click.option("--workers", default=1, show_default=True, help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Bring the tables up to date and serve."""
    check_port(host, port)
    if workers > 1:
        from comments_service import startup  # noqa: PLC0415 (loads the application)

        # One brings the tables up to date. And what is loaded before they part, they share.
        startup.prepare_for_workers()
    click.echo(f"comments-service: http://{printable(host)}:{port}/")
    serve_app(host, port, target="comments_service.startup:prepare", workers=workers)
