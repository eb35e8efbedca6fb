"""Security headers of every answer; a view may loosen its own."""

from flask import Flask, g, request
from werkzeug.wrappers import Response

POLICY = {
    "default_src": "'none'",
    "base_uri": "'none'",
    "form_action": "'self'",
    "frame_ancestors": "'none'",
    "img_src": "'self' data:",
    "media_src": "'self' data:",
    "script_src": "'self'",
    "style_src": "'self'",
}
# Their documents, refusals among them, are shown in frames of the site's own pages.
FRAMED = ("doors.frame", "submit.submit")


def init_app(app: Flask) -> None:
    app.after_request(_add)


def _add(response: Response) -> Response:
    if response.mimetype == "text/html":
        policy = response.content_security_policy
        if request.endpoint in FRAMED and "frame_ancestors" in g:
            policy.frame_ancestors = g.frame_ancestors
        for directive, value in POLICY.items():
            if getattr(policy, directive) is None:
                setattr(policy, directive, value)
        if policy.frame_ancestors == POLICY["frame_ancestors"]:
            response.headers["X-Frame-Options"] = "DENY"
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # Same-origin, not none: Flask-WTF and our own Origin checks need it within the service.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response
