"""A classifier on this machine, and a draft to ask it about."""

import datetime
from collections.abc import Iterator

import pytest
from werkzeug.wrappers import Request, Response

from comments_service.models import Site
from comments_service.testing import Double, listening
from comments_service.verdicts import Draft, Standing

TOKEN = "a-bearer-token"


class ClassifierDouble(Double):
    """Says what a test puts in its mouth, to whoever has the token."""

    path = "/judge"

    def __init__(self) -> None:
        super().__init__()
        self.answer = Response('{"verdict": "hold"}')

    def respond(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Response('{"verdict": "accept"}', status=403)
        return self.answer


@pytest.fixture
def double() -> Iterator[ClassifierDouble]:
    with listening(ClassifierDouble()) as double:
        yield double


DRAFT = Draft(
    site=Site(key="portal", locale="vi", origins=["https://portal.example"]),
    page_key="/tin-tuc/mot-bai",
    page_id=1,
    page_url=None,
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
