"""What a webmaster pastes into a site to embed the widgets, for each kind of site."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale, lazy_gettext

from comments_service.config import ConfigError, unknown
from comments_service.core import current_core
from comments_service.models import Site

# What a page's Content-Security-Policy must allow, by the door that the snippet takes.
# A link needs no leave.
NONE = ""
SCRIPT = "script-src {service}; connect-src {service}"
FRAME = "frame-src {service}"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of site, by the name that `site snippet --for` takes."""

    name: str
    title: Any
    where: Any
    policy: str
    template: str = ""
    """The template in snippets/ whose code this kind takes; empty: the one of its name."""


KINDS = (
    Kind(
        "html",
        lazy_gettext("Plain HTML: one line"),
        lazy_gettext("Put it where the widgets belong, for example below the article."),
        SCRIPT,
    ),
    Kind(
        "elements",
        lazy_gettext("Plain HTML: each widget in its place"),
        lazy_gettext(
            "Put each element where its widget belongs, and the script once, anywhere in the page. "
            "The heights keep the page from jumping while the widgets load."
        ),
        SCRIPT,
    ),
    Kind(
        "further",
        lazy_gettext("Plain HTML: further widgets"),
        lazy_gettext(
            "For a front page or a column at the side: each shows something of the whole site. The "
            "script is the same, and a page needs it once."
        ),
        SCRIPT,
    ),
    Kind(
        "pinned",
        lazy_gettext("Plain HTML: one version only"),
        lazy_gettext(
            "The browser runs the script only if it is exactly this one. It stays at this address "
            "when the service is brought up to date; take the new line to get the new script."
        ),
        SCRIPT,
    ),
    Kind(
        "frame",
        lazy_gettext("Frames, which need no script"),
        lazy_gettext(
            "Put each frame where its widget belongs, and the article's own path in place of "
            "/the/article."
        ),
        FRAME,
    ),
    Kind(
        "noscript",
        lazy_gettext("Links for readers without scripts"),
        lazy_gettext(
            "Put them beside the script, and the article's own path in place of /the/article."
        ),
        NONE,
    ),
    Kind(
        "nginx",
        lazy_gettext("nginx: server-side include"),
        lazy_gettext(
            "The text of the widgets is in the page for search engines, and the page comes without "
            "it when the service is down. Add the script, without data-widgets, and readers can "
            "write in the page."
        ),
        SCRIPT,
    ),
    Kind(
        "php",
        lazy_gettext("PHP: include"),
        lazy_gettext(
            "Put it into the template of the article. It waits half a second for the service, then "
            "links to it. Add the script, without data-widgets, and readers can write in the page."
        ),
        SCRIPT,
    ),
    Kind(
        "wordpress",
        lazy_gettext("WordPress"),
        lazy_gettext(
            "Put it into functions.php of your child theme. For a single page, paste the plain "
            "line into a Custom HTML block instead."
        ),
        SCRIPT,
    ),
    Kind(
        "joomla",
        lazy_gettext("Joomla"),
        lazy_gettext(
            "Make a site module of the type Custom below the article. Be a Super User and set your "
            "editor to None, or Joomla takes the script away."
        ),
        SCRIPT,
        "html",
    ),
    Kind(
        "dnn",
        lazy_gettext("DNN"),
        lazy_gettext(
            "Put it into the skin's .ascx below the content pane, or into the footer of a module: "
            "Settings, Page Settings, Advanced Settings. The editor takes scripts away."
        ),
        SCRIPT,
        "html",
    ),
    Kind(
        "sharepoint",
        lazy_gettext("SharePoint, modern pages"),
        lazy_gettext(
            "Modern pages run no script: paste each frame into an Embed web part of its own. Allow "
            "the service under Site settings, HTML Field Security, and SharePoint's address here: "
            "comments-service site allow SITE https://TENANT.sharepoint.com"
        ),
        FRAME,
        "frame",
    ),
    Kind(
        "sharepoint-classic",
        lazy_gettext("SharePoint, classic pages"),
        lazy_gettext(
            "Insert a Script Editor web part below the content and paste it as its snippet. The "
            "administrator must allow custom scripts."
        ),
        SCRIPT,
        "html",
    ),
    Kind(
        "nukeviet",
        lazy_gettext("NukeViet"),
        lazy_gettext(
            "Put the elements into the theme's template of the article, and the script before "
            "</body> in its footer; on a page without template, both into an HTML block. NukeViet "
            "moves scripts, so the one line would land elsewhere."
        ),
        SCRIPT,
    ),
    Kind(
        "hugo",
        lazy_gettext("Hugo"),
        lazy_gettext("Three parts: the settings, the partial, and its call below the content."),
        SCRIPT,
    ),
)


@dataclasses.dataclass(frozen=True)
class Snippet:
    name: str
    title: str
    where: str
    """Where the code belongs."""
    code: str
    policy: str
    """What the page's Content-Security-Policy must allow; empty: nothing."""


def snippets(site: Site, service: str) -> Iterator[Snippet]:
    """Yield the snippet of every kind, for the service at the address `service`."""
    for kind in KINDS:
        made = _snippet(kind, site, service)
        # There may be no widget of that kind.
        if made.code:
            yield made


def snippet(name: str, site: Site, service: str) -> Snippet:
    """Return the snippet of one kind; raise ConfigError if there is none of this name."""
    for kind in KINDS:
        if kind.name == name:
            return _snippet(kind, site, service)
    raise ConfigError(unknown(name, [kind.name for kind in KINDS], "snippet"))


def _snippet(kind: Kind, site: Site, service: str) -> Snippet:
    plugins = current_core().plugins
    ranked = sorted(plugins.by_name.values(), key=lambda plugin: plugin.rank)
    # What stands in the code is read on the site, what stands beside it by the webmaster.
    with force_locale(site.locale):
        code = render_template(
            f"snippets/{kind.template or kind.name}.html",
            site=site,
            service=service,
            widgets=[plugin for plugin in ranked if plugin.is_widget],
            further=[widget for plugin in ranked for widget in plugin.further_widgets],
            pinned=current_app.extensions["comments_service_assets"].script,
        )
    policy = kind.policy.format(service=service)
    return Snippet(kind.name, str(kind.title), str(kind.where), code.strip(), policy)
