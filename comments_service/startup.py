"""What is done once before the service is served, and again after it was brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa
from flask import Flask

from comments_service import create_app, histories
from comments_service.accounts import AccountError
from comments_service.assets import Archive, Assets
from comments_service.config import ConfigError
from comments_service.core import Core
from comments_service.origins import BadOrigin


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors that the operator can mend into click's, which end with their message."""
    try:
        yield
    except (ConfigError, AccountError, BadOrigin) as error:
        raise click.ClickException(str(error)) from None
    except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
        raise click.ClickException(
            f"{error.orig}. If tables are missing, run: comments-service db upgrade"
        ) from None
    except OSError as error:
        # A file is in the way, or closed to us; anything else is no operator's to mend.
        if error.filename is None:
            raise
        raise click.ClickException(f"{error.strerror}: {error.filename}") from None


@explained()
def prepare() -> Flask:
    """Make the application, with every table up to date and today's script kept for old pages."""
    app = create_app()
    core: Core = app.extensions["comments_service"]
    every = histories.every(core.plugins)
    if histories.pending(core.db, every):
        from comments_service import migrate  # noqa: PLC0415 (loads Alembic)

        migrate.upgrade(core.db, every)
    archive: Archive = app.extensions["comments_service_archive"]
    files: Assets = app.extensions["comments_service_assets"]
    archive.keep(files.script)
    return app


def prepare_for_workers() -> None:
    """Do what `prepare` does once for all processes that are parted from this one."""
    core: Core = prepare().extensions["comments_service"]
    # They would take its connections along, but not the locks that SQLite believes to hold.
    core.db.engine.dispose()
