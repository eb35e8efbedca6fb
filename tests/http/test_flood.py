"""A flood of spam from many networks, with readers in between: what becomes of either."""

from collections import Counter
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask

from comments_service.core import Core
from comments_service.models import Envelope, Site, Status
from comments_service.testing import (
    SITE,
    Dashboard,
    MakeApp,
    Reader,
    add_site,
    elements,
    row_counts,
)

from .asking import ask, send, solved

# No store makes a difference to what becomes of whom.
STORES = ("sqlite",)

POSTS = 100
NETWORKS = 40
NEIGHBOURHOODS = 2
READS_WELL = 50
"""Of so many posts the bots answer what is asked; of the others they guess, or don't try."""
HONEST_EVERY = 20
ATTACK = 10
AT_ONCE = "at-once"
SYLLABLES = ("ba", "ken", "lu", "mo", "tri", "sanh", "vo", "pha", "den", "qui", "nhe", "kar", "zel")
TEXTS = (
    "Con đường liên thôn đi qua trường tiểu học đã hỏng từ mùa mưa năm ngoái.",
    "Cảm ơn trạm y tế đã khám bệnh miễn phí cho các cụ ở thôn tôi hôm chủ nhật.",
    "Cho tôi hỏi giấy xác nhận cư trú bây giờ nộp ở bộ phận một cửa hay qua mạng?",
    "Đề nghị ban quản lý chợ thu gom rác sớm hơn vì buổi trưa mùi rất khó chịu.",
    "Lịch cắt nước tuần này đăng muộn quá, nhà tôi không kịp trữ nước cho cháu nhỏ.",
)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with one site that holds comments, and one that publishes at once."""
    app = make_app()
    add_site(app, core={"attack_posts": str(ATTACK)})
    add_site(app, AT_ONCE, core={"attack_posts": str(ATTACK)}, comments={"hold": "no"})
    return app


def flood(app: Flask, site: str) -> tuple[Counter[int], list[int]]:
    """Send spam, no two texts alike; return the answers to it, and those to the readers."""
    random = Random(1)
    to_bots: Counter[int] = Counter()
    to_readers = []
    for number in range(POSTS):
        network = number % NETWORKS
        address = f"198.18.{network % NEIGHBOURHOODS}.{network}"
        bot = Reader(app, site=site, page=f"/bai-{number % 7}", address=address)
        text = " ".join(random.choices(SYLLABLES, k=20))
        if number < READS_WELL:
            answer = send(bot, text=text, **solved(bot, ask(bot)))
        elif number % 2:
            answer = send(bot, text=text, challenge=ask(bot)["challenge"], answer="?")
        else:
            answer = send(bot, text=text)
        to_bots[answer.status_code] += 1
        if number % HONEST_EVERY == HONEST_EVERY - 1:
            reader = Reader(app, site=site, address=f"203.0.{number}.7")
            mine = {"text": TEXTS[number // HONEST_EVERY], **solved(reader, ask(reader))}
            to_readers.append(send(reader, **mine).status_code)
    return to_bots, to_readers


def stored(core: Core, site: str) -> list[Status]:
    with core.db.read() as session:
        found = sa.select(Envelope.status).join(Site, Site.id == Envelope.site_id)
        return list(session.scalars(found.where(Site.key == site).order_by(Envelope.id)))


def entries(dashboard: Dashboard) -> int:
    html = dashboard.get("/admin/").text
    return sum(has.get("name") == "id" for _, has in elements(html))


def test_nothing_of_it_is_public_and_every_reader_is_taken(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    to_bots, to_readers = flood(app, SITE)

    assert to_bots == {202: READS_WELL, 422: 25, 428: 25}
    assert to_readers == [202] * len(TEXTS)
    assert Status.PUBLISHED not in stored(core, SITE)
    assert dashboard.get("/admin/").text.count("notice alarm") == 1
    # Who could not answer leaves nothing behind but the challenge that is used up.
    assert row_counts(core)["core_submission"] == READS_WELL + len(TEXTS)


def test_moderators_see_neighbourhoods_and_each_reader(app: Flask, dashboard: Dashboard) -> None:
    flood(app, SITE)

    # What came before the attack was noticed, an entry for each neighbourhood, and the readers.
    assert entries(dashboard) <= ATTACK + NEIGHBOURHOODS + len(TEXTS)
    queue = dashboard.get("/admin/").text
    assert [text for text in TEXTS if text not in queue] == []


def test_where_comments_are_published_at_once_the_attack_ends_that(app: Flask, core: Core) -> None:
    _, to_readers = flood(app, AT_ONCE)

    found = stored(core, AT_ONCE)
    assert Status.PUBLISHED not in found[ATTACK:]
    assert found.count(Status.PUBLISHED) <= ATTACK
    assert to_readers == [202] * len(TEXTS)


def test_a_visitors_past_is_not_looked_for_among_everybodys(core: Core, reader: Reader) -> None:
    assert reader.comment().status_code == 202
    steps = []

    def asked() -> int:
        """Return how many steps SQLite takes to set a challenge to a known visitor."""
        steps.clear()
        assert ask(reader)["challenge"]
        return sum(steps)

    with core.db.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
    raw.set_progress_handler(lambda: steps.append(1), 1)
    asked()
    alone = asked()
    with core.db.write() as session:
        mine = session.scalars(sa.select(Envelope)).one()
        values = {"site_id": mine.site_id, "page_id": mine.page_id, "kind": mine.kind}
        rows = [
            {**values, "visitor": f"{n:032x}", "status": Status.HELD, "created_at": mine.created_at}
            for n in range(1000)
        ]
        session.execute(sa.insert(Envelope), rows)

    assert asked() < 2 * alone
