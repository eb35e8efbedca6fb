"""What judging one comment asks the database, by all the filters together."""

import dataclasses

from flask import Flask

from comments_service import clock, sites
from comments_service.core import Core
from comments_service.judging import Judges
from comments_service.testing import SITE, counted_statements
from comments_service.verdicts import Draft, Standing

TEXT = "Con đường liên thôn đi qua trường tiểu học đã hỏng từ mùa mưa năm ngoái."


def test_a_comment_costs_one_statement_of_each_filter_with_a_memory(app: Flask, core: Core) -> None:
    with core.db.read() as session:
        site = sites.get(session, SITE)
    first = Draft(
        site=site,
        page_key="/a",
        page_id=None,
        page_url=None,
        kind="comment",
        author="Lan",
        email="lan@example.vn",
        text=TEXT,
        visitor="one",
        standing=Standing(),
        networks=["narrow", "wide"],
        user_agent="",
        locale="vi",
        now=clock.now(),
    )
    second = dataclasses.replace(first, text=f"{TEXT} Xem http://abc.example", visitor="two")
    judges = Judges(core.plugins.manager)
    with app.test_request_context(), core.db.read() as session:
        # The first reads what a process keeps in memory.
        judges.judge(session, first)
        with counted_statements(core) as statements:
            judges.judge(session, second)

    tables = ("repeats_fingerprint", "learning_snapshot", "bans_ban")
    asked = [next(table for table in tables if table in each) for each in statements]
    assert sorted(asked) == sorted(tables)
