"""What is held because it was there before; on both databases."""

import dataclasses
import datetime
import random
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from comments_service.plugins.repeats import queries, service
from comments_service.plugins.repeats.models import Fingerprint
from comments_service.plugins.repeats.plugin import RepeatsSiteSettings
from comments_service.plugins.repeats.service import Opinion, Rules, Sign

from comments_service.api import Draft, Envelope, Outcome, Page, Site, Standing, Status
from comments_service.core import Core
from comments_service.testing import SITE

NOW = datetime.datetime(2025, 9, 2, 8, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
RULES = Rules(**dataclasses.asdict(RepeatsSiteSettings()))
SPAM = (
    "Vay tiền nhanh trong ngày không cần thế chấp, lãi suất chỉ từ 1% một tháng, giải ngân sau mười"
    " phút, liên hệ ngay để được tư vấn miễn phí"
)
FILLING = ("đẹp", "tốt", "rẻ", "bền", "chắc", "khỏe", "vui", "mới", "sạch", "gọn", "êm", "sáng")


@dataclasses.dataclass
class Sender:
    """Judges drafts, and stores them as the core does."""

    core: Core
    site: Site
    pages: dict[str, int]
    now: datetime.datetime = NOW
    sent: int = 0

    def draft(self, text: str, *, page: str = "/a", visitor: str = "", network: str = "") -> Draft:
        self.sent += 1
        return Draft(
            site=self.site,
            page_key=page,
            page_id=self.pages[page],
            page_url=None,
            kind="comment",
            author="Lan",
            email="",
            text=text,
            visitor=visitor or f"visitor {self.sent}",
            standing=Standing(),
            networks=[network or f"network {self.sent}", "wide"],
            user_agent="",
            locale="vi",
            now=self.now,
        )

    def judge(self, draft: Draft, rules: Rules = RULES) -> Opinion:
        with self.core.db.read() as session:
            return service.inspect(session, draft, rules)

    def store(self, draft: Draft, *, days: int = 3) -> None:
        with self.core.db.write() as session:
            envelope = Envelope(
                site_id=draft.site.id,
                page_id=draft.page_id or 0,
                kind=draft.kind,
                visitor=draft.visitor,
                status=Status.HELD,
                created_at=draft.now,
            )
            session.add(envelope)
            session.flush()
            service.keep(session, draft, envelope, RULES)
            service.forget(session, draft.now, days)

    def send(self, text: str, **how: str) -> Opinion:
        draft = self.draft(text, **how)
        opinion = self.judge(draft)
        self.store(draft)
        return opinion


@pytest.fixture
def sender(core: Core) -> Sender:
    with core.db.write() as session:
        site = session.scalars(sa.select(Site).where(Site.key == SITE)).one()
        pages = [
            Page(
                site_id=site.id,
                key=key,
                key_hash=key.encode(),
                title="",
                created_at=NOW,
                changed_at=NOW,
            )
            for key in ("/a", "/b")
        ]
        session.add_all(pages)
        session.flush()
        return Sender(core, site, {page.key: page.id for page in pages})


def signs(opinion: Opinion) -> list[Sign]:
    return [finding.sign for finding in opinion.findings]


@pytest.fixture
def statements(core: Core) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(core.db.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(core.db.engine, "before_cursor_execute", note)


def variant(number: int, changes: int = 1) -> str:
    chance = random.Random(number)
    words = SPAM.split()
    for place in chance.sample(range(len(words)), changes):
        words[place] = chance.choice(FILLING)
    return " ".join(words)


# --- Waves ------------------------------------------------------------------------------------


def test_a_wave_is_held_and_then_spam(sender: Sender) -> None:
    opinions = [sender.send(variant(i), page="/a" if i % 2 else "/b") for i in range(8)]
    outcomes = [opinion.outcome if opinion.findings else None for opinion in opinions]
    assert outcomes == [None, None, *[Outcome.HOLD] * 3, *[Outcome.SPAM] * 3]
    assert [signs(opinion) for opinion in opinions[2:]] == [[Sign.WAVE]] * 6
    assert [each.findings[0].number for each in opinions[2:]] == [2, 3, 4, 5, 5, 5]


def test_a_wave_has_one_name(sender: Sender) -> None:
    opinions = [sender.send(variant(i, changes=3)) for i in range(60)]
    known = [opinion.cluster for opinion in opinions[5:] if opinion.cluster]
    assert len(known) >= 50
    assert max(known.count(name) for name in known) >= 50
    assert all(len(name) <= service.CLUSTER_LENGTH for name in known)


def test_two_waves_have_two_names(sender: Sender) -> None:
    other = "Trúng thưởng xe máy khi mua điện thoại hôm nay, gọi tổng đài để nhận quà tặng giá trị"
    names = [sender.send(text).cluster for _ in range(4) for text in (SPAM, other)]
    assert names[-2:] == names[-4:-2]
    assert None not in names[-2:]
    assert names[-1] != names[-2]


def test_honest_texts_between_pass(sender: Sender) -> None:
    for i in range(10):
        sender.send(variant(i))
    for text in (
        "Con đường liên thôn đi qua trường tiểu học đã hỏng từ mùa mưa năm ngoái mà chưa ai sửa.",
        "Cảm ơn các bác sĩ ở trạm y tế xã đã tận tình khám cho mẹ tôi hôm thứ bảy vừa rồi.",
        "Hay quá",
    ):
        assert sender.send(text) == Opinion([])


@pytest.mark.parametrize("text", ["Hay quá!", "Cảm ơn tác giả", "👍" * 40])
def test_short_texts_are_no_wave(sender: Sender, text: str) -> None:
    assert [signs(sender.send(text)) for _ in range(9)] == [[]] * 9


def test_a_wave_of_long_ago_is_forgotten(sender: Sender) -> None:
    for _ in range(6):
        sender.send(SPAM)
    sender.now += datetime.timedelta(hours=47)
    assert signs(sender.judge(sender.draft(SPAM))) == [Sign.WAVE]
    sender.now += datetime.timedelta(hours=2)
    assert signs(sender.judge(sender.draft(SPAM))) == []


def test_another_sites_wave_is_its_own(sender: Sender) -> None:
    for _ in range(6):
        sender.send(SPAM)
    elsewhere = dataclasses.replace(sender.draft(SPAM), site=Site(id=sender.site.id + 1))
    assert sender.judge(elsewhere) == Opinion([])


# --- The same again, and floods ---------------------------------------------------------------


@pytest.mark.parametrize("same", ["visitor", "network"])
@pytest.mark.parametrize("text", ["Hay quá", SPAM])
def test_the_same_text_again_is_held(sender: Sender, text: str, same: str) -> None:
    sender.send(text, **{same: "one"})
    assert signs(sender.judge(sender.draft(f" {text}\n", **{same: "one"}))) == [Sign.AGAIN]
    assert signs(sender.judge(sender.draft(f"{text}, thật", **{same: "one"}))) == []
    assert signs(sender.judge(sender.draft(text, page="/b", **{same: "one"}))) == []
    assert signs(sender.judge(sender.draft(text))) == []
    sender.now += 11 * MINUTE
    assert signs(sender.judge(sender.draft(text, **{same: "one"}))) == []


@pytest.mark.parametrize(
    ("same", "allowed", "sign"),
    [("visitor", 5, Sign.VISITOR_FLOODS), ("network", 250, Sign.NETWORK_FLOODS)],
)
def test_a_flood_is_held(sender: Sender, same: str, allowed: int, sign: Sign) -> None:
    seen = [sender.send(f"Lời thứ {i}", **{same: "one"}) for i in range(allowed + 2)]
    assert [signs(each) for each in seen] == [*[[]] * allowed, [sign], [sign]]
    assert seen[-1].findings[0] == service.Finding(sign, Outcome.HOLD, seen[-1].findings[0].number)
    assert seen[-1].cluster == ("n-one" if same == "network" else None)
    assert signs(sender.judge(sender.draft("Lời khác"))) == []
    sender.now += 11 * MINUTE
    assert signs(sender.judge(sender.draft("Lời nữa", **{same: "one"}))) == []


def test_nobody_floods_from_an_unknown_network(sender: Sender) -> None:
    for i in range(12):
        draft = dataclasses.replace(sender.draft(f"Lời thứ {i}"), networks=[])
        assert sender.judge(draft) == Opinion([])
        sender.store(draft)


# --- Bounds -----------------------------------------------------------------------------------


def test_a_flood_costs_no_more_statements_or_rows(sender: Sender, statements: list[str]) -> None:
    def cost(action: Callable[[], object]) -> int:
        statements.clear()
        action()
        return len(statements)

    draft = sender.draft(SPAM, visitor="one", network="one")
    for _ in range(6):
        sender.store(draft)
    judging, storing = cost(lambda: sender.judge(draft)), cost(lambda: sender.store(draft))
    for _ in range(60):
        sender.store(draft)
    assert cost(lambda: sender.judge(draft)) == judging
    assert cost(lambda: sender.store(draft)) == storing
    assert sum("repeats_fingerprint" in text for text in statements) <= 3
    with sender.core.db.read() as session:
        sent = queries.before(
            session,
            sender.site.id,
            None,
            NOW - MINUTE,
            visitor="one",
            network="one",
            sent_since=NOW - MINUTE,
            limit=10,
        )
    assert list(map(len, sent)) == [0, 10, 10]


def test_old_fingerprints_go_a_few_at_a_time(sender: Sender) -> None:
    def left() -> int:
        with sender.core.db.read() as session:
            return session.scalars(sa.select(sa.func.count()).select_from(Fingerprint)).one()

    for i in range(7):
        sender.store(sender.draft(f"Lời thứ {i}"))
    with sender.core.db.write() as session:
        queries.delete_old(session, sender.now + datetime.timedelta(days=1), most=5)
    assert left() == 2
    sender.now += datetime.timedelta(days=4)
    sender.store(sender.draft("Lời mới"))
    assert left() == 1


def test_a_few_stay_a_few_whatever_plan_the_database_makes(sender: Sender) -> None:
    for i in range(7):
        sender.store(sender.draft(f"Lời thứ {i}"))
    with sender.core.db.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            # What is left compares each fingerprint with the oldest, chosen anew each time.
            for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
                session.execute(sa.text(f"SET LOCAL enable_{way} = off"))
        queries.delete_old(session, sender.now + datetime.timedelta(days=1), most=5)
    with sender.core.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Fingerprint)) == 2


def test_a_fingerprint_goes_with_its_submission(sender: Sender) -> None:
    sender.store(sender.draft(SPAM))
    with sender.core.db.write() as session:
        session.execute(sa.delete(Envelope))
        assert session.scalars(sa.select(Fingerprint)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"few": 6},
        {"minutes": 0},
        {"hours": 10_000},
        {"posts": 100_000},
        {"hours": 1, "minutes": 90},
    ],
)
def test_settings_that_can_not_be_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="repeats"):
        RepeatsSiteSettings(**wrong)
