"""The queue: what the filters said of each entry, and waves, which are decided as one."""

import pytest
import sqlalchemy as sa
from flask import Flask

from comments_service import moderation
from comments_service.core import Core
from comments_service.models import Decision, Envelope, FilterVerdict, Status
from comments_service.testing import SITE, Dashboard, MakeApp, Reader, add_site, elements

from .asking import ask, send, solved
from .filling import fill

OTHER = "other"
SPAM = "Vay tiền nhanh trong ngày không cần thế chấp, lãi suất chỉ một phần trăm mỗi tháng"
HONEST = "Con đường liên thôn đi qua trường tiểu học đã hỏng từ mùa mưa năm ngoái."
HELD, PUBLISHED = Status.HELD, Status.PUBLISHED


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service on two sites where the third of nearly the same texts begins a wave."""
    app = make_app(plugins="captcha,comments,repeats", limit_busy_page="1000/hour")
    for key in (SITE, OTHER):
        add_site(app, key, repeats={"many": "100"})
    return app


def spam(app: Flask, n: int, *, site: str = SITE, first: int = 0) -> list[int]:
    """Send nearly the same text from `n` networks to as many pages; return the entries' ids."""
    ids = []
    for number in range(first, first + n):
        address, page = f"203.0.{number}.7", f"/bai-{number}"
        reader = Reader(app, site=site, page=page, address=address)
        text = f"{SPAM}, gọi {number}"
        answer = send(reader, name=f"N{number}", text=text, **solved(reader, ask(reader)))
        assert answer.status_code == 202
        ids.append(int(answer.get_json()["id"]))
    return ids


def honest(app: Flask, text: str = HONEST, site: str = SITE) -> int:
    reader = Reader(app, site=site, address="198.51.100.7")
    answer = send(reader, text=text, **solved(reader, ask(reader)))
    assert answer.status_code == 202
    return int(answer.get_json()["id"])


def statuses(core: Core) -> dict[int, Status]:
    with core.db.read() as session:
        return dict(session.execute(sa.select(Envelope.id, Envelope.status)).all())


def of(core: Core, ids: list[int]) -> set[Status]:
    return {status for number, status in statuses(core).items() if number in ids}


def shown(dashboard: Dashboard, status: str = "") -> list[int]:
    """Return the ids of the entries that the queue shows."""
    html = dashboard.get(f"/admin/?status={status}").text
    return [int(has["value"]) for _, has in elements(html) if has.get("name") == "id"]


def decide(dashboard: Dashboard, action: str, entry: int) -> None:
    """Use the button of one row."""
    fields = {"one": f"{action}:{entry}", "newest": dashboard.newest()}
    assert dashboard.post("/admin/decide", **fields).status_code == 303


# --- Reasons -------------------------------------------------------------------------------------


def test_reasons_stand_beside_the_entry_the_gravest_first(app: Flask, dashboard: Dashboard) -> None:
    reader = Reader(app)
    html = ask(reader)["html"]
    trap = next(has["name"] for _, has in elements(html) if has.get("tabindex") == "-1")
    honest(app)
    caught = Reader(app, address="198.51.100.7")
    send(caught, text=HONEST, **solved(caught, ask(caught)), **{trap: "x"})

    page = dashboard.get("/admin/?status=spam").text

    grave = page.index("<strong>Biểu mẫu</strong> Ô ẩn của biểu mẫu đã bị điền.")
    assert page.index("<strong>Nội dung lặp lại</strong> Nội dung này vừa được gửi") > grave
    assert 'class="verdicts"' not in dashboard.get("/admin/").text


def test_reasons_are_no_markup(app: Flask, core: Core, dashboard: Dashboard) -> None:
    entry = honest(app)
    with core.db.write() as session:
        reason = "<script>alert(1)</script>"
        session.add(FilterVerdict(submission_id=entry, filter="words", outcome=1, reason=reason))

    page = dashboard.get("/admin/").text

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_readers_are_not_told_why(app: Flask) -> None:
    spam(app, 2)
    reader = Reader(app, address="203.0.9.7")

    answer = send(reader, text=SPAM, **solved(reader, ask(reader)))

    assert answer.status_code == 202
    assert set(answer.get_json()) == {"id", "status", "visitor"}


# --- Waves ---------------------------------------------------------------------------------------


def test_a_wave_is_one_entry(app: Flask, dashboard: Dashboard) -> None:
    single, wave = spam(app, 2), spam(app, 5, first=2)
    mine = honest(app)

    page = dashboard.get("/admin/").text

    assert shown(dashboard) == [*single, wave[0], mine]
    assert page.count('class="wave"') == 1
    assert f'value="spam:{wave[0]}"' in page
    assert "Spam (5)" in page
    # All that wait are counted.
    assert '<span class="count">8</span>' in page


def test_what_is_very_many_is_not_counted_to_its_end(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    spam(app, 1)
    fill(core, 1_200, page_key="/bai-0")

    page = dashboard.get("/admin/").text

    assert '<span class="count">1</span>' in page
    assert '<span class="count">1.000+</span>' in page


def test_a_wave_shows_why_each_of_it_waits_once(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    wave = spam(app, 5)[2:]
    with core.db.write() as session:
        for number in wave[1:]:
            said = FilterVerdict(submission_id=number, filter="words", outcome=2, reason="Từ cấm.")
            session.add(said)
    alone = honest(app)

    page = dashboard.get("/admin/").text

    entry = page[
        page.index(f'name="id" value="{wave[0]}"') : page.index(f'name="id" value="{alone}"')
    ]
    assert entry.count("Từ cấm.") == 1
    assert entry.index("Từ cấm.") < entry.index("<strong>Nội dung lặp lại</strong>")


def test_the_same_wave_on_two_sites_is_two_entries(app: Flask, dashboard: Dashboard) -> None:
    here, there = spam(app, 4), spam(app, 4, site=OTHER)

    assert shown(dashboard) == [*here[:3], *there[:3]]


@pytest.mark.parametrize(
    ("action", "after"),
    [("spam", Status.SPAM), ("delete", Status.DELETED), ("reject", Status.REJECTED)],
)
def test_what_is_decided_on_a_wave_is_done_to_all_of_it(
    app: Flask, core: Core, dashboard: Dashboard, action: str, after: Status
) -> None:
    single, wave = spam(app, 2), spam(app, 4, first=2)
    mine = honest(app)

    decide(dashboard, action, wave[0])

    assert of(core, wave) == {after}
    assert of(core, [*single, mine]) == {HELD}
    with core.db.read() as session:
        trail = session.scalars(sa.select(Decision.submission_id).order_by(Decision.submission_id))
        assert trail.all() == wave
    assert 'role="status">4 ' in dashboard.get("/admin/").text
    assert shown(dashboard) == [*single, mine]


def test_approval_is_for_what_was_seen(app: Flask, core: Core, dashboard: Dashboard) -> None:
    wave = spam(app, 5)[2:]

    decide(dashboard, "approve", wave[0])

    assert of(core, wave[:1]) == {PUBLISHED}
    assert of(core, wave[1:]) == {HELD}


def test_all_of_a_wave_can_be_seen(app: Flask, dashboard: Dashboard) -> None:
    wave = spam(app, 5)[2:]

    page = dashboard.get(f"/admin/?wave={wave[0]}").text

    assert [int(has["value"]) for _, has in elements(page) if has.get("name") == "id"] == wave


def test_what_came_after_the_page_was_drawn_is_left_alone(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    wave = spam(app, 4)[2:]
    newest = dashboard.newest()
    later = spam(app, 2, first=4)

    dashboard.post("/admin/decide", one=f"spam:{wave[0]}", newest=newest)

    assert of(core, wave) == {Status.SPAM}
    assert of(core, later) == {HELD}


@pytest.mark.parametrize("status", ["held", "spam"])
def test_every_entry_can_be_reached(
    app: Flask, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(moderation, "QUEUE_LENGTH", 2)
    wanted = [honest(app, f"{HONEST[number:]} ({number})") for number in (0, 9, 25, 40, 55)]
    if status == "spam":
        dashboard.decide("spam", *wanted)
    found: list[int] = []
    path = f"/admin/?status={status}"
    while path:
        page = elements(dashboard.get(path).text)
        found += [int(has["value"]) for _, has in page if has.get("name") == "id"]
        more = (has["href"] for name, has in page if name == "a" and "start=" in has["href"])
        path = next(more, "")

    assert sorted(found) == wanted


def test_ticked_rows_stand_for_their_waves(app: Flask, core: Core, dashboard: Dashboard) -> None:
    first, *others = spam(app, 5)
    wave = others[1:]
    mine = honest(app)

    dashboard.decide("delete", first, wave[0])

    assert of(core, [first, *wave]) == {Status.DELETED}
    assert of(core, [others[0], mine]) == {HELD}


def test_another_sites_wave_is_left_alone(app: Flask, core: Core, dashboard: Dashboard) -> None:
    here, there = spam(app, 5), spam(app, 5, site=OTHER)

    decide(dashboard, "spam", here[2])

    assert of(core, here[2:]) == {Status.SPAM}
    assert of(core, [*here[:2], *there]) == {HELD}


def test_what_was_decided_before_stays_so(app: Flask, core: Core, dashboard: Dashboard) -> None:
    approved = spam(app, 4)[2:]
    dashboard.decide("approve", *approved)
    later = spam(app, 3, first=4)

    decide(dashboard, "spam", later[0])

    assert of(core, later) == {Status.SPAM}
    assert of(core, approved) == {PUBLISHED}


def test_who_mends_one_decision_mends_it_alone(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    wave = spam(app, 6)[2:]
    decide(dashboard, "spam", wave[0])
    later = spam(app, 2, first=6)
    assert sorted(shown(dashboard, "spam")) == wave

    decide(dashboard, "approve", wave[1])

    assert of(core, [wave[1]]) == {PUBLISHED}
    assert of(core, [wave[0], *wave[2:]]) == {Status.SPAM}
    assert of(core, later) == {HELD}


def test_of_a_great_wave_the_oldest_are_decided_and_the_others_still_wait(
    app: Flask, core: Core, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "WAVE_LENGTH", 3)
    wave = spam(app, 7)[2:]

    decide(dashboard, "spam", wave[0])

    assert of(core, wave[:3]) == {Status.SPAM}
    assert of(core, wave[3:]) == {HELD}
    assert shown(dashboard)[-1] == wave[3]
    decide(dashboard, "spam", wave[3])
    assert of(core, wave) == {Status.SPAM}


def test_a_queue_of_waves_shows_honest_readers_too(
    app: Flask, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "QUEUE_LENGTH", 4)
    spam(app, 9)
    mine = honest(app)

    assert shown(dashboard)[-1] == mine


def test_an_entry_that_is_gone_is_no_failure(app: Flask, core: Core, dashboard: Dashboard) -> None:
    wave = spam(app, 3)[2:]
    decide(dashboard, "spam", wave[0])

    decide(dashboard, "spam", wave[0])
    decide(dashboard, "approve", 2_000_000)

    assert of(core, wave) == {Status.SPAM}


def test_a_stranger_decides_nothing(app: Flask, core: Core) -> None:
    wave = spam(app, 3)[2:]

    sent_away = Dashboard(app).post("/admin/decide", one=f"approve:{wave[0]}")

    assert (sent_away.status_code, sent_away.location) == (303, "/admin/login")
    assert of(core, wave) == {HELD}
