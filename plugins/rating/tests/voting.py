"""Voters for the rating's tests: each from where they say, over the JSON interface."""

import json
from typing import Any

import sqlalchemy as sa
from comments_service.plugins.rating import queries
from comments_service.plugins.rating.models import State, Vote, Why
from flask import Flask
from werkzeug.test import TestResponse

from comments_service.core import Core
from comments_service.models import Page
from comments_service.testing import PAGE, SITE, Reader


def far(number: int) -> str:
    """Return an address that shares no network with that of another number."""
    return f"10.{number // 256}.{number % 256}.1"


def put(reader: Reader, stars: object, **sent: object) -> TestResponse:
    body = {"stars": stars, "visitor": reader.visitor, **sent}
    return _keep(reader, "PUT", body)


def delete(reader: Reader) -> TestResponse:
    return _keep(reader, "DELETE", {"visitor": reader.visitor})


def _keep(reader: Reader, method: str, body: dict[str, object]) -> TestResponse:
    path = f"/api/v1/sites/{reader.site}/rating"
    response = reader.send(method, path, query_string={"page": reader.page}, data=json.dumps(body))
    reader.visitor = response.get_json().get("visitor", reader.visitor)
    return response


def read(reader: Reader) -> dict[str, Any]:
    query = {"page": reader.page, "visitor": reader.visitor}
    path = f"/api/v1/sites/{reader.site}/rating"
    answer: dict[str, Any] = reader.send("GET", path, query_string=query).get_json()
    return answer


def rate_honestly(app: Flask, *stars: int, page: str = PAGE, site: str = SITE) -> None:
    """Rate as readers who have nothing to do with each other."""
    for number, each in enumerate(stars):
        answer = put(Reader(app, site=site, page=page, address=far(number)), each)
        assert answer.status_code == 200, answer.text


def prove(reader: Reader, stars: int, **sent: str) -> TestResponse:
    """Rate with a solved challenge."""
    return put(reader, stars, **reader.solve("rating"), **sent)


def states(core: Core, page: str = PAGE) -> dict[tuple[State, Why], int]:
    """Return how many votes the page has, by their state and the rule behind it."""
    with core.db.read() as session:
        rows = session.execute(
            sa.select(Vote.state, Vote.why, sa.func.count())
            .join(Page, Page.id == Vote.page_id)
            .where(Page.key == page)
            .group_by(Vote.state, Vote.why)
        )
        return {(state, why): votes for state, why, votes in rows}


def is_right(core: Core) -> bool:
    with core.db.read() as session:
        return not queries.wrong_totals(session, None)
