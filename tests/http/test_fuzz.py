"""Every address, with anything in every place: an answer, never a failure of ours."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from comments_service.testing import (
    ORIGIN,
    PAGE,
    SITE,
    Dashboard,
    MakeApp,
    Reader,
    add_site,
    hidden_fields,
)

KNOWN = [SITE, PAGE, "rating", "comments", "comment", "counters", "vi", "1", "5", "oldest", ""]
NAMES = [
    "site", "page", "lang", "visitor", "widgets", "title", "query", "count", "kind", "sort",
    "cursor", "limit", "reply_to", "outcome", "name", "email", "text", "parent", "stars",
    "withdraw", "challenge", "answer", "renew", "door", "t", "status", "one", "all", "id",
    "language", "password",
]  # fmt: skip
texts = st.one_of(st.sampled_from(KNOWN), st.text(max_size=30), st.integers().map(str))
values = st.recursive(
    st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)
sane = {"site": SITE, "page": PAGE, "widgets": ["rating", "comments", "counters"]}
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)
flat = st.dictionaries(st.sampled_from(NAMES), texts, max_size=6)
methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
fuzz = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service without limits that would end the test early."""
    limits = ("limit_read", "limit_write", "limit_challenge", "limit_login")
    app = make_app(**dict.fromkeys(limits, "1000000/minute"))
    add_site(app, comments={"hold": "no"})
    return app


def encodable(text: str) -> str:
    return text.encode(errors="replace").decode()


def addresses(app: Flask) -> st.SearchStrategy[str]:
    """Return addresses of every route, with anything in the place of each parameter."""

    def filled(rule: Any) -> st.SearchStrategy[str]:  # noqa: ANN401 (werkzeug's Rule)
        parts = [
            texts.map(lambda text: quote(encodable(text), safe=""))
            if is_parameter
            else st.just(part)
            for is_parameter, part in rule._trace  # noqa: SLF001 (the rule, cut into its parts)
            if part != "|"
        ]
        return st.tuples(*parts).map("".join)

    return st.one_of([filled(rule) for rule in app.url_map.iter_rules()])


def assert_answered(response: TestResponse, method: str, path: str) -> None:
    assert response.status_code < 500, (method, path, response.text)
    if response.status_code >= 400 and path.startswith("/api/") and method != "HEAD":
        assert response.mimetype == "application/problem+json", (method, path)
        assert response.get_json()["code"], (method, path)


def fuzz_every_route(app: Flask, client: FlaskClient, hidden: dict[str, str]) -> None:
    @fuzz
    @given(
        method=methods,
        path=addresses(app),
        query=flat,
        body=st.one_of(
            objects.map(lambda each: json.dumps({**sane, **each})),
            flat.map(lambda each: {"page": PAGE, **hidden, **each}),
            st.binary(max_size=40),
        ),
        header=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=20),
    )
    def asks(
        method: str, path: str, query: dict[str, str], body: str | dict[str, str], header: str
    ) -> None:
        query = {name: encodable(value) for name, value in {"page": PAGE, **query}.items()}
        if isinstance(body, dict):
            body = {name: encodable(value) for name, value in body.items()}
        response = client.open(
            path,
            method=method,
            query_string=query,
            data=body,
            headers={"Origin": ORIGIN, "User-Agent": header, "Accept": header, "Cookie2": header},
        )
        assert_answered(response, method, path)

    asks()


def test_the_public_side_answers_anything(app: Flask) -> None:
    html = Reader(app).view("rating")["widgets"]["rating"]

    fuzz_every_route(app, app.test_client(), hidden_fields(html))


def test_the_dashboard_answers_anything(app: Flask, dashboard: Dashboard) -> None:
    hidden = hidden_fields(dashboard.get("/admin/").text)
    Reader(app).comment()

    fuzz_every_route(app, dashboard.client, hidden)


def test_forms_are_answered_whatever_is_in_them(app: Flask) -> None:
    reader = Reader(app)
    widget = {"comment": "comments", "rating": "rating"}
    hidden = {
        kind: hidden_fields(reader.view(name)["widgets"][name]) for kind, name in widget.items()
    }

    @fuzz
    @given(kind=st.sampled_from(sorted(widget)), fields=flat, solved=st.booleans())
    def submits(kind: str, fields: dict[str, str], *, solved: bool) -> None:
        form = {**hidden[kind], **fields, "t": hidden[kind]["t"]}
        form |= reader.solve(kind) if solved else {}
        form = {name: encodable(value) for name, value in form.items()}
        response = reader.send("POST", f"/submit/{SITE}/{kind}", data=form)
        assert response.status_code in {200, 202, 303, 413, 422, 428}, response.text

    submits()
