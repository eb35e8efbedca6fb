"""Makes the application: a table of contents of the service."""

import functools

from flask import Flask
from flask_compress import Compress

from comments_service import (
    config,
    front,
    headers,
    i18n,
    limits,
    loader,
    problems,
    requests,
    widgets,
)
from comments_service.assets import Archive, Assets
from comments_service.config import Settings, parse_fields
from comments_service.core import Core
from comments_service.demo import views as demo_views
from comments_service.proxies import TrustedProxies, parse_networks
from comments_service.views import admin, assets, doors, health, submit

# Enough for the longest text a form takes, so that one that is too long is told so in its place.
MAX_BODY_BYTES = 256 * 1024
FUNCTIONS = 1024
"""Views, and what runs around them: so many are known to be coroutines or none."""
COMPRESSED = ["text/html", "application/json", "application/problem+json"]


def create_app(texts: dict[str, str] | None = None) -> Flask:
    """Make the WSGI application; see comments_service.create_app."""
    texts = config.environment() if texts is None else texts
    places = loader.find(texts.get("plugins_dir", ""))
    core_texts, plugin_texts = config.split_plugin_settings(texts, places)
    settings = parse_fields(Settings, core_texts, label=config.PREFIX)
    plugins = loader.load(places, settings.plugins, plugin_texts, settings.instance)
    secret = config.ensure_secret_key(settings)
    core = Core.build(settings, secret, plugins)
    folders = {name: plugin.folder for name, plugin in plugins.by_name.items()}

    app = Flask("comments_service", static_folder=None)
    # Flask asks of each function that a request goes through whether it is a coroutine.
    app.ensure_sync = functools.lru_cache(FUNCTIONS)(app.ensure_sync)  # type: ignore[method-assign]
    app.config.update(
        SECRET_KEY=core.keys.derive("session"),
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_MIMETYPES=COMPRESSED,
    )
    app.extensions["comments_service"] = core
    app.extensions["comments_service_assets"] = files = Assets.read(folders.values())
    app.extensions["comments_service_archive"] = Archive(settings.instance)
    app.jinja_env.globals["files"] = files
    # First of all, so that it is last to see an answer; it shares a budget with the limits.
    limits.init_app(app, settings, core.keys)
    front.init_app(app, core)
    i18n.init_app(app, folders.values(), settings.locale)
    widgets.init_app(app, folders)
    problems.init_app(app)
    headers.init_app(app)
    app.before_request(requests.answer_preflight)
    app.after_request(requests.add_cors)
    Compress(app)
    admin.init_app(app)
    for room in (doors, submit, assets, health, demo_views):
        app.register_blueprint(room.blueprint)
    for plugin in plugins.by_name.values():
        for blueprint in plugin.blueprints:
            app.register_blueprint(blueprint)
    networks = parse_networks(settings.trusted_proxies)
    app.wsgi_app = TrustedProxies(app.wsgi_app, networks)  # type: ignore[method-assign]
    return app
