"""The command line's commands that need the application: all but `serve`."""

import json
import secrets
from collections.abc import Iterable
from typing import Any

import click
from flask import Flask
from flask_babel import force_locale

from comments_service import create_app, doctor, loader, sites, snippets, startup
from comments_service.config import ConfigError, environment
from comments_service.core import Core
from comments_service.demo import running as demo_running
from comments_service.doctor.probing import SECONDS
from comments_service.origins import parse_origin
from comments_service.serving import DEFAULT_PORT, PORTS

PASSWORD_BYTES = 12


class _Explained(click.Command):
    """Ends with the message of a settings error, not with its traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 (click's own type)
        with startup.explained():
            return super().invoke(ctx)


class Group(_Explained, click.Group):
    """A group of commands."""


@startup.explained()
def within_reach(beside: Iterable[str]) -> dict[str, click.Command]:
    """Return the core's commands, and each plugin's under its name.

    `beside` names the commands that stand on the same line already.
    """
    found = dict(CORE)
    owners = dict.fromkeys([*beside, *CORE], "the service")
    for each in loader.classes(loader.find(environment().get("plugins_dir", ""))):
        if not each.commands:
            continue
        name = each.command_group or each.name
        if name in owners:
            raise ConfigError(
                f"Two commands are named {name}: one of {owners[name]}, one of plugin "
                f"{each.name}. Give the plugin another command_group."
            )
        owners[name] = f"plugin {each.name}"
        found[name] = Group(
            name,
            help=f"Manage the plugin {each.name}.",
            commands={command.name or "": command for command in each.commands},
        )
    return found


def _core(app: Flask) -> Core:
    core: Core = app.extensions["comments_service"]
    return core


@click.command(cls=_Explained)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address; :: is dual-stack.")
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    help="Port; the portal takes the next.",
)
def demo(host: str, port: int) -> None:
    """Serve a demonstration portal with every widget live."""
    demo_running.run(host, port)


@click.command("doctor", cls=_Explained)
@click.argument("key", metavar="[SITE]", default="")
@click.option(
    "--port",
    type=click.IntRange(1, PORTS - 1),
    default=DEFAULT_PORT,
    show_default=True,
    help="Where the service listens.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1),
    default=SECONDS,
    show_default=True,
    help="Seconds for each answer.",
)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object.")
def examine(key: str, port: int, timeout: float, is_json: bool) -> None:  # noqa: FBT001 (click's own)
    """Examine the service and its portals, or one; fail if something is broken."""
    findings = doctor.examine(_core(create_app()), key, port=port, seconds=timeout)
    if is_json:
        click.echo(json.dumps(doctor.as_json(findings), ensure_ascii=False, indent=2))
    else:
        for each in findings:
            click.echo(f"{each.level:<8} {each.about}: {each.message}")
            if each.advice:
                click.echo(f"{'':8} > {each.advice}")
    if not doctor.is_well(findings):
        raise click.exceptions.Exit(1)


@click.group(cls=Group)
def db() -> None:
    """Manage the database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables of the core and of every plugin up to date."""
    startup.prepare()
    click.echo("The tables are up to date.")


@click.group(cls=Group)
def site() -> None:
    """Manage the portals that embed the service."""


@site.command("add")
@click.argument("key")
@click.option("--name", required=True, help="The portal's name.")
@click.option("--origin", "origins", multiple=True, required=True, help="https://www.example.vn")
@click.option("--locale", default=sites.DEFAULT_LOCALE, show_default=True)
@click.option("--time-zone", default=sites.DEFAULT_TIME_ZONE, show_default=True)
def site_add(key: str, name: str, origins: tuple[str, ...], locale: str, time_zone: str) -> None:
    """Add the portal KEY."""
    with _core(create_app()).db.write() as session:
        sites.add(
            session, key, name=name, origins=list(origins), locale=locale, time_zone=time_zone
        )
    click.echo(f"Added {key}.")


@site.command("list")
def site_list() -> None:
    """List the portals: key, name, allowed origins."""
    with _core(create_app()).db.read() as session:
        for each in sites.every(session):
            click.echo(f"{each.key}\t{each.name}\t{' '.join(each.origins)}")


@site.command("allow")
@click.argument("key")
@click.argument("origin")
def site_allow(key: str, origin: str) -> None:
    """Let pages of ORIGIN embed the portal KEY."""
    with _core(create_app()).db.write() as session:
        sites.allow(sites.get(session, key), origin)
    click.echo(f"{origin} may embed {key}.")


@site.command("set")
@click.argument("key")
@click.argument("assignments", metavar="PLUGIN.FIELD=VALUE...", nargs=-1, required=True)
def site_set(key: str, assignments: tuple[str, ...]) -> None:
    """Change settings of the portal KEY, all or none, for example comments.hold=no."""
    core = _core(create_app())
    with core.db.write() as session:
        portal = sites.get(session, key)
        for assignment in assignments:
            name, _, text = assignment.partition("=")
            sites.set_setting(core.plugins, portal, name, text)
    for assignment in assignments:
        click.echo(f"{key}: {assignment}")


@site.command("snippet")
@click.argument("key")
@click.option("--for", "name", default="", help="html, nginx, wordpress, …; else all of them.")
@click.option("--url", default="", help="The service's own address; else COMMENTS_PUBLIC_URL.")
def site_snippet(key: str, name: str, url: str) -> None:
    """Print what pages paste to embed the portal KEY."""
    app = create_app()
    core = _core(app)
    service = parse_origin(url) if url else core.settings.public_url
    if not service:
        raise ConfigError("Set COMMENTS_PUBLIC_URL, or add --url https://comments.example.vn.")
    with core.db.read() as session, app.app_context(), force_locale(core.settings.locale):
        portal = sites.get(session, key)
        if name:
            _print_snippet(snippets.snippet(name, portal, service))
            return
        for each in snippets.snippets(portal, service):
            click.echo(f"== {each.name}: {each.title}")
            _print_snippet(each)
            click.echo()


def _print_snippet(snippet: snippets.Snippet) -> None:
    click.echo(snippet.where)
    if snippet.policy:
        click.echo(f"Content-Security-Policy: {snippet.policy}")
    click.echo(f"\n{snippet.code}")


@click.group(cls=Group)
def user() -> None:
    """Manage the moderators."""


@user.command("add")
@click.argument("name")
def user_add(name: str) -> None:
    """Make the moderator NAME, or give them a new password, and print it."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    _core(create_app()).accounts.save(name, password)
    click.echo(password)


@click.group("plugins", cls=Group)
def plugins_group() -> None:
    """Manage the plugins."""


@plugins_group.command("list")
def plugins_list() -> None:
    """List the plugins within reach: name, whether it is loaded, and where it is."""
    found = loader.find(environment().get("plugins_dir", ""))
    loaded = _core(create_app()).plugins.by_name
    for name, place in found.items():
        click.echo(f"{name}\t{'on' if name in loaded else 'off'}\t{place.folder}")


CORE: dict[str, click.Command] = {
    each.name or "": each for each in (db, demo, examine, plugins_group, site, user)
}
