"""What is done once before the service is served, and again after it was brought up to date."""

from comments_service import create_app, migrate
from comments_service.assets import Archive, Assets
from comments_service.core import Core


def prepare() -> Core:
    """Bring every table up to date, and keep today's script for the pages that pin it."""
    app = create_app()
    core: Core = app.extensions["comments_service"]
    migrate.upgrade(core.db, migrate.histories(core.plugins))
    archive: Archive = app.extensions["comments_service_archive"]
    files: Assets = app.extensions["comments_service_assets"]
    archive.keep(files.script)
    return core
