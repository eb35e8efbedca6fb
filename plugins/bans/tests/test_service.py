"""What can be banned, what a ban meets, how long it lasts; on both databases."""

import dataclasses
import datetime
import ipaddress

import pytest
import sqlalchemy as sa
from comments_service.plugins.bans import queries, service
from comments_service.plugins.bans.models import Sender
from comments_service.plugins.bans.service import Target
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from comments_service import pages
from comments_service.api import TRACE_KEPT, Draft, Envelope, Page, Refused, Site, Standing, Status
from comments_service.core import Core
from comments_service.identity import Keys, network_of, widening
from comments_service.testing import SITE, counted_statements

from .conftest import OPEN

NOW = datetime.datetime(2025, 9, 2, 8, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
DIGEST = Keys("a key").digest
VISITOR = "0123456789abcdef" * 2
OTHER = "f" * 32


@dataclasses.dataclass
class Moderator:
    """Bans, and sees what becomes of drafts."""

    core: Core
    site: Site
    texts: service.Texts = dataclasses.field(default_factory=service.Texts)

    def ban(self, target: Target, *, days: int | None = 7, now: datetime.datetime = NOW) -> int:
        with self.core.db.write() as session:
            made = service.ban(
                session, self.site.id, target, days=days, note="Quấy rối", by="thu", now=now
            )
            return made.id

    def lift(self, number: int, now: datetime.datetime = NOW) -> bool:
        with self.core.db.write() as session:
            ban = queries.by_id(session, number)
            assert ban
            return service.lift(ban, "mai", now)

    def meets(self, **draft: object) -> int | None:
        with self.core.db.read() as session:
            known = service.judge(session, self.draft(**draft), DIGEST, self.texts)
            return known.id if known else None

    def draft(self, **changed: object) -> Draft:
        usual = Draft(
            site=self.site,
            page_key="/a",
            page_id=None,
            page_url=None,
            kind="comment",
            author="Lan",
            email="",
            text="Cảm ơn xã.",
            visitor=OTHER,
            standing=Standing(),
            networks=networks("203.0.113.7"),
            user_agent="",
            locale="vi",
            now=NOW,
        )
        return dataclasses.replace(usual, **changed)  # type: ignore[arg-type]


def networks(address: str) -> list[str]:
    return [DIGEST("network", each) for each in widening(network_of(address))]


def site(core: Core, key: str) -> Site:
    with core.db.read() as session:
        return session.scalars(sa.select(Site).where(Site.key == key)).one()


@pytest.fixture
def moderator(core: Core) -> Moderator:
    return Moderator(core, site(core, SITE))


def test_a_visitor(moderator: Moderator) -> None:
    number = moderator.ban(service.visitor(VISITOR))
    assert moderator.meets(visitor=VISITOR) == number
    assert moderator.meets() is None


@pytest.mark.parametrize(
    ("typed", "scope", "inside", "outside"),
    [
        ("203.0.113.7", "/32", "203.0.113.7", "203.0.113.8"),
        ("203.0.113.7/32", "/32", "203.0.113.7", "203.0.113.8"),
        (" 203.0.113.9/24 ", "/24", "203.0.113.7", "203.0.114.7"),
        ("::ffff:203.0.113.7", "/32", "203.0.113.7", "203.0.113.8"),
        ("2001:db8:1:2::9", "/64", "2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("2001:db8:1:200::/64", "/64", "2001:db8:1:200::1", "2001:db8:1:201::1"),
        ("2001:db8:1:200::/56", "/56", "2001:db8:1:2ff::1", "2001:db8:1:300::1"),
        ("2001:db8:1::/48", "/48", "2001:db8:1:ffff::1", "2001:db8:2::1"),
    ],
)
def test_a_network(moderator: Moderator, typed: str, scope: str, inside: str, outside: str) -> None:
    target = service.network(typed, DIGEST)
    assert target.scope == scope
    number = moderator.ban(target)
    assert moderator.meets(networks=networks(inside)) == number
    assert moderator.meets(networks=networks(outside)) is None


@pytest.mark.parametrize(
    "typed",
    [
        *("203.0.113.0/25", "203.0.0.0/16", "0.0.0.0/0", "2001:db8::/32", "2001:db8::1/128"),
        *("203.0.113.0/", "203.0.113.0/x", "203.0.113.0/24/24", "203.0.113.0/255.255.255.0"),
        *("", "/24", "lan@example.com", "203.0.113", "unknown", "unknown/"),
    ],
)
def test_other_networks_are_refused(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        service.network(typed, DIGEST)
    assert refusal.value.field == "value"


@given(st.ip_addresses())
def test_every_address_is_met_by_each_of_its_networks(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    met = networks(str(address))
    levels = widening(network_of(str(address)))
    typed = [service.network(each, DIGEST) for each in levels]
    assert [each.value for each in typed] == met
    assert service.network(str(address), DIGEST) == typed[0]
    assert [each.scope for each in typed] == service.scopes(len(met))


@given(st.text(max_size=60))
def test_any_typed_text_is_a_network_or_refused(typed: str) -> None:
    try:
        target = service.network(typed, DIGEST)
    except Refused:
        return
    assert target.scope in ("/32", "/24", "/64", "/56", "/48")


@pytest.mark.parametrize(
    ("typed", "met", "others"),
    [
        ("Lan@Example.com", ["lan@example.com", "LAN@EXAMPLE.COM"], ["mai@example.com", ""]),
        ("@Example.com", ["lan@example.com", "mai@EXAMPLE.com"], ["lan@an.example.com", ""]),
    ],
)
def test_an_address_or_a_domain(
    moderator: Moderator, typed: str, met: list[str], others: list[str]
) -> None:
    number = moderator.ban(service.email(typed, DIGEST))
    assert [moderator.meets(email=each) for each in met] == [number] * len(met)
    assert [moderator.meets(email=each) for each in others] == [None] * len(others)


@pytest.mark.parametrize(
    "typed", ["", "@", "lan", "lan@", "@example", "a@b@example.com", "a b@example.com", "@.."]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        service.email(typed, DIGEST)
    assert refusal.value.field == "value"


def test_a_text_or_a_name(moderator: Moderator) -> None:
    number = moderator.ban(service.text("vay*lãi thấp"))
    assert moderator.meets(text="VAY ngay,\nlãi  thấp") == number
    assert moderator.meets(author="Vay lãi thấp") == number
    # Not half in the one, half in the other.
    assert moderator.meets(author="Vay", text="lãi thấp") is None


@pytest.mark.parametrize("typed", ["", "*", "a", " a * ", "a" * 201])
def test_too_little_or_too_much_text_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        service.text(typed)
    assert refusal.value.field == "value"


def test_a_site_has_so_many_bans_of_texts(core: Core, moderator: Moderator) -> None:
    numbers = [moderator.ban(service.text(f"từ {i}")) for i in range(service.TEXT_BANS_MAX)]
    with pytest.raises(Refused) as refusal:
        moderator.ban(service.text("một từ nữa"))
    assert refusal.value.field == "kind"
    moderator.ban(service.visitor(VISITOR))
    Moderator(core, site(core, OPEN)).ban(service.text("một từ nữa"))
    moderator.lift(numbers[0])
    moderator.ban(service.text("một từ nữa"))


def test_bans_end_are_lifted_and_hold_for_one_site(core: Core, moderator: Moderator) -> None:
    target = service.visitor(VISITOR)
    number = moderator.ban(target, days=1)
    last = NOW + DAY - datetime.timedelta(microseconds=1)
    assert moderator.meets(visitor=VISITOR, now=last) == number
    assert moderator.meets(visitor=VISITOR, now=NOW + DAY) is None
    assert moderator.meets(visitor=VISITOR, site=site(core, OPEN)) is None

    forever = moderator.ban(target, days=None, now=NOW + DAY)
    assert moderator.meets(visitor=VISITOR, now=NOW + 9999 * DAY) == forever
    assert moderator.lift(forever, NOW + 2 * DAY)
    assert moderator.meets(visitor=VISITOR, now=NOW + 3 * DAY) is None
    assert not moderator.lift(forever, NOW + 3 * DAY)
    assert not moderator.lift(number, NOW + 3 * DAY)
    with core.db.read() as session:
        kept = queries.page(session, None, NOW, start=0, limit=9)
        lifted = queries.by_id(session, forever)
    assert len(kept) == 2
    assert lifted
    assert (lifted.lifted_by, lifted.lifted_at) == ("mai", NOW + 2 * DAY)


def test_what_is_banned_is_not_banned_again(moderator: Moderator) -> None:
    number = moderator.ban(service.text("vay nóng"))
    with pytest.raises(Refused) as refusal:
        moderator.ban(service.text("vay nóng"))
    assert refusal.value.field == "kind"
    moderator.lift(number)
    assert moderator.ban(service.text("vay nóng")) > number


# SQLite has one writer at a time, whatever is locked.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_bans_is_in_the_way_of_others_who_ban_alone(core: Core, moderator: Moderator) -> None:
    with core.db.write() as banning:
        queries.lock_site(banning, moderator.site.id)
        with core.db.write() as session:
            session.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
            pages.ensure(session, moderator.site, "/moi", title="", now=NOW)
            session.execute(sa.text("SET LOCAL lock_timeout = '1ms'"))
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                queries.lock_site(session, moderator.site.id)
            session.rollback()


def test_judging_takes_one_statement(core: Core, moderator: Moderator) -> None:
    for i in range(20):
        moderator.ban(service.text(f"từ cấm {i}"))
        moderator.ban(service.email(f"a{i}@example.com", DIGEST))
    assert moderator.meets(email="lan@example.com") is None
    with counted_statements(core) as statements:
        assert moderator.meets(email="lan@example.com") is None
    assert len(statements) == 1


def test_bans_of_texts_are_known_at_once_to_who_judged_before(moderator: Moderator) -> None:
    said = "Ai cần vay nóng thì gọi"
    assert moderator.meets(text=said) is None
    elsewhere = Moderator(moderator.core, moderator.site)
    short = elsewhere.ban(service.text("cần*gọi"), days=1)
    assert moderator.meets(text=said) == short
    longer = elsewhere.ban(service.text("vay nóng"), days=2)
    assert moderator.meets(text=said) == short
    assert moderator.meets(text=said, now=NOW + DAY) == longer
    elsewhere.lift(longer, NOW + DAY)
    assert moderator.meets(text=said, now=NOW + DAY) is None


def test_no_address_is_on_disk(core: Core, moderator: Moderator) -> None:
    moderator.ban(service.network("203.0.113.7", DIGEST))
    moderator.ban(service.email("lan@example.com", DIGEST))
    with core.db.read() as session:
        rows = session.execute(sa.text("SELECT * FROM bans_ban")).all()
    assert "203.0" not in str(rows)
    assert "example" not in str(rows)


def test_the_senders_are_forgotten_with_their_traces(core: Core, moderator: Moderator) -> None:
    with core.db.write() as session:
        for number, email in ((1, "lan@example.com"), (2, ""), (3, "mai@example.com")):
            when = NOW + number * TRACE_KEPT
            envelope = stored(session, moderator.site, when)
            draft = moderator.draft(email=email, now=when)
            service.forget(session, when)
            service.remember(session, draft, envelope, DIGEST)
            session.flush()
            kept = session.scalars(sa.select(Sender.email)).all()
            assert kept == ([DIGEST("email", email)] if number == 3 else kept)
            assert bool(service.origin(session, envelope, when).email) is bool(email)
            later = when + TRACE_KEPT + datetime.timedelta(seconds=1)
            assert service.origin(session, envelope, later).email is None


def stored(session: Session, site: Site, when: datetime.datetime) -> Envelope:
    page = Page(
        site_id=site.id,
        key=str(when),
        key_hash=str(when).encode(),
        title="",
        created_at=when,
        changed_at=when,
    )
    session.add(page)
    session.flush()
    envelope = Envelope(
        site_id=site.id,
        page_id=page.id,
        kind="comment",
        visitor=VISITOR,
        status=Status.HELD,
        created_at=when,
    )
    session.add(envelope)
    session.flush()
    return envelope
