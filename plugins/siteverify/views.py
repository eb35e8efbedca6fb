"""The page that shows a vendor's widget, in a frame within the site's own page.

A vendor's script runs in this page alone: neither the host page nor the widgets' frames load it.
"""

import re
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, abort, make_response, render_template, request
from werkzeug.wrappers import Response

from comments_service.api import Door, current_core, limited, page_context

from . import service
from .service import Account

blueprint = Blueprint(
    "siteverify",
    __name__,
    url_prefix="/challenge",
    static_folder="static",
    static_url_path="/files",
)
_NONCE = re.compile(r"[A-Za-z0-9_-]{1,64}")


@blueprint.get("/<vendor>")
@limited("read")
def page(vendor: str) -> Response:
    """Show the widget of `vendor` for ?site=&nonce=&lang=&theme=."""
    account = current_core().plugins.by_name["siteverify"].settings.accounts.get(vendor)
    nonce = request.args.get("nonce", "")
    if account is None or not _NONCE.fullmatch(nonce):
        abort(404)
    asked = {"page": "/", "lang": request.args.get("lang", "")}
    with page_context(request.args.get("site", ""), Door.FRAME, asked) as context:
        html = render_template(
            "siteverify/page.html",
            context=context,
            account=account,
            nonce=nonce,
            action=service.ACTION,
            script=_script(account, context.locale),
            theme="dark" if request.args.get("theme") == "dark" else "light",
        )
        return _guard(make_response(html), account, context.site.origins)


def _script(account: Account, locale: str) -> str:
    query = {"render": "explicit", "onload": "drawChallenge"}
    if account.vendor.takes_language:
        query[account.vendor.takes_language] = locale
    return account.script_url + ("&" if "?" in account.script_url else "?") + urlencode(query)


def _guard(response: Response, account: Account, origins: list[str]) -> Response:
    """Allow the page what the vendor's widget needs, and the site's own pages to frame it."""
    policy = response.content_security_policy
    parts = urlsplit(account.script_url)
    # It is the vendor's, unless the operator has put another in its place.
    host = f"{parts.scheme}://{parts.netloc}"
    sources = account.vendor.sources
    policy.script_src = " ".join(["'self'", sources["script_src"], host])
    policy.frame_src = " ".join([sources["frame_src"], host])
    policy.connect_src = " ".join([sources.get("connect_src", ""), host]).strip()
    policy.style_src = " ".join(["'self'", sources.get("style_src", "")]).strip()
    # The policy's grammar has no IPv6 addresses.
    policy.frame_ancestors = " ".join(o for o in origins if "[" not in o) or "'none'"
    # The vendor may know which service asks; it is not told which page its reader is on.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
