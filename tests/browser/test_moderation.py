"""The moderators' pages when there is much to do: reasons, waves, attacks, bans."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.looks import expect_good_looks
from tests.browser.pages import Dashboard
from tests.browser.running import Demo

SITE = "lulut"
NAME = f"Cổng {SITE}"
# The first two stand alone: nothing was like them yet.
ALONE, ALIKE = 2, 30


@pytest.fixture(scope="session")
def flooded(demo: Demo) -> str:
    """Add a site that takes what anybody sends, and send it a wave of nearly the same."""
    demo.add_site(
        SITE,
        core__lowest_rung="nothing",
        core__attack_posts="0",
        repeats__many="1000",
    )
    with httpx.Client(
        base_url=f"{demo.service}/api/v1/sites/{SITE}/",
        headers={"Origin": demo.portal},
        timeout=30,
        trust_env=False,
    ) as client:
        for number in range(ALONE + ALIKE):
            about = {"page": "/tin-tuc/lu-lut", "lang": "vi"}
            asked = client.post("challenge", json={**about, "kind": "comment"}).json()
            sent = client.post(
                "comments",
                json={
                    **about,
                    "name": f"Máy {number:02}",
                    "text": "Vay tiền nhanh trong ngày, không cần thế chấp, lãi suất thấp nhất,"
                    f" xem http://vay{number}.example/ngay hôm nay",
                    "challenge": asked["challenge"],
                },
            )
            assert sent.status_code == 202, sent.text
    return SITE


@pytest.fixture
def attacked(dashboard: Dashboard, flooded: str, demo: Demo) -> Iterator[str]:
    """Switch attack mode on for that site, and off again."""
    page = dashboard.page
    page.goto(f"{demo.dashboard}sites/{flooded}")
    page.get_by_role("button", name="Bật trong một giờ").click()
    expect(page.get_by_text("đang ở chế độ chống tấn công")).to_be_visible()
    yield flooded
    page.goto(f"{demo.dashboard}sites/{flooded}")
    page.get_by_role("button", name="Tắt", exact=True).click()
    expect(page.get_by_text("đang ở chế độ chống tấn công")).to_have_count(0)


def test_a_wave_is_one_entry_with_its_reasons(dashboard: Dashboard, flooded: str) -> None:
    del flooded
    dashboard.open()
    first = dashboard.entry(f"Máy {ALONE:02}")
    expect(first).to_contain_text(f"Còn {ALIKE - 1} bài cùng đợt đang chờ.")
    expect(first.get_by_label("Nhận xét của các bộ lọc")).to_contain_text("gần giống")
    expect(dashboard.entry(f"Máy {ALONE + 1:02}")).to_have_count(0)
    expect_good_looks(dashboard.page)

    first.get_by_role("button", name="Từ chối").click()
    expect(dashboard.notice).to_have_text(f"{ALIKE} mục: Đã từ chối.")
    expect(first).to_have_count(0)
    expect(dashboard.entry(f"Máy {ALONE - 1:02}")).to_be_visible()


def test_an_attack_is_told_on_every_page(dashboard: Dashboard, attacked: str, demo: Demo) -> None:
    page = dashboard.page
    expect(page.get_by_text("Đang bật đến")).to_be_visible()
    expect_good_looks(page)

    page.goto(demo.dashboard)
    banner = page.get_by_role("status").filter(has_text=f"{NAME} đang ở chế độ chống tấn công")
    banner.get_by_role("link", name="Chế độ chống tấn công").click()
    expect(page).to_have_url(f"{demo.dashboard}sites/{attacked}/#attack")


def test_a_ban(dashboard: Dashboard, flooded: str) -> None:
    page = dashboard.page
    dashboard.open()
    dashboard.go("Danh sách chặn")
    expect_good_looks(page)

    page.get_by_role("link", name="Thêm lệnh chặn").click()
    expect_good_looks(page)
    page.get_by_label("Trang web").select_option(flooded)
    what = page.get_by_label("Địa chỉ, mạng hoặc từ cần tìm")
    what.fill("khong-phai-thu")
    page.get_by_role("button", name="Chặn", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect_good_looks(page)

    what.fill("vay@example.com")
    page.get_by_role("button", name="Chặn", exact=True).click()
    expect(dashboard.notice).to_contain_text("đã có hiệu lực")
    expect_good_looks(page)


def test_a_ban_from_the_queue(dashboard: Dashboard, flooded: str) -> None:
    del flooded
    dashboard.open()
    dashboard.entry("Máy 00").get_by_role("link", name="Chặn…").click()
    expect(dashboard.page.get_by_role("heading", level=1)).to_be_visible()
    expect_good_looks(dashboard.page)
