"""What search engines are told of a page, in the words of schema.org."""

from collections.abc import Mapping
from typing import Any, Final

from flask import current_app
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

VOCABULARY: Final = "https://schema.org"


def script(data: Mapping[str, Any]) -> Markup:
    """Return `data` as a block of JSON-LD that no text in it can end: all is escaped but ASCII."""
    text = htmlsafe_json_dumps({"@context": VOCABULARY, **data}, dumps=current_app.json.dumps)
    return Markup('<script type="application/ld+json">{}</script>').format(text)
