"""A double of Akismet on this machine, and drafts to ask it about."""

import datetime
from collections.abc import Iterator

import pytest
from werkzeug.wrappers import Request, Response

from comments_service.models import Site
from comments_service.testing import Double, listening
from comments_service.verdicts import Draft, Standing

KEY = "123abc456def"
ADDRESS = "192.0.2.1"


class AkismetDouble(Double):
    """Speaks comment-check as documented; the content of a comment says how."""

    path = "/1.1/comment-check"

    def respond(self, request: Request) -> Response:
        form = request.form
        missing = [name for name in ("api_key", "blog", "user_ip") if not form.get(name)]
        if missing:
            help_text = {"X-akismet-debug-help": f'Empty "{missing[0]}" value'}
            return Response(f"Missing required field: {missing[0]}.", headers=help_text)
        if form["api_key"] != KEY:
            help_text = {"X-akismet-debug-help": f"Unknown key {form['api_key']}"}
            return Response("invalid", headers=help_text)
        if form.get("comment_author") == "akismet-guaranteed-spam":
            return Response("true")
        return self._by_content(form.get("comment_content", ""))

    def _by_content(self, content: str) -> Response:
        if content == "blatant":
            return Response("true", headers={"X-akismet-pro-tip": "discard"})
        if content == "slow":
            self.is_over.wait()
        if content == "drip":
            return Response(self.drip())
        if content == "long":
            return Response("false" + " " * 70_000)
        if content == "500":
            return Response("true", status=500)
        if content == "redirect":
            return Response("true", status=307, headers={"Location": self.url})
        return Response("false" if content != "garbage" else "<html>Maintenance</html>")


@pytest.fixture
def double() -> Iterator[AkismetDouble]:
    with listening(AkismetDouble()) as double:
        yield double


DRAFT = Draft(
    site=Site(key="portal", locale="vi", origins=["https://portal.example"]),
    page_key="/tin-tuc/mot-bai",
    page_id=1,
    page_url="https://portal.example/tin-tuc/mot-bai",
    kind="comment",
    author="Lan",
    email="lan@example.vn",
    text="Bài viết rất hữu ích.",
    visitor="a-visitor",
    standing=Standing(),
    networks=("a-network",),
    user_agent="Mozilla/5.0",
    locale="vi",
    now=datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC),
)
