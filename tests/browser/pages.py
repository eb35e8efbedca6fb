"""What readers and moderators see and do. Playwright's locators reach into open shadow roots."""

from decimal import ROUND_HALF_UP, Decimal

from playwright.sync_api import Locator, Page, expect

from tests.browser.running import Demo

EMPTY = "them-chuyen-xe-buyt-ve-trung-tam-tinh"
LONG = "nang-cap-duong-lien-thon"
INCLUDED = "lich-tiem-phong-vat-nuoi-thu-dong"
ONE_LINE = "ngay-hoi-chuyen-doi-so-2026"

WRONG_CODE = "IIIII"
"""No image has this letter."""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus."""
    for _ in range(100):
        if wanted.evaluate("element => element.getRootNode().activeElement === element"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


def number(text: str) -> int:
    """Read a whole number as Vietnamese writes it: 3.184.308."""
    value = int(text.replace(".", ""))
    assert f"{value:,}".replace(",", ".") == text
    return value


def shown(page: Page, widget: str) -> Locator:
    """Return the widget; not the fragment that stood there before, in a page that includes one."""
    return page.locator(widget).filter(visible=True)


class Rating:
    """The rating of a page, in the host page or in its frame."""

    def __init__(self, page: Page) -> None:
        self.root = shown(page, ".cs-rating")
        self.status = self.root.get_by_role("status")
        self.legend = self.root.locator("legend")
        self.rate = self.root.get_by_role("button", name="Gửi đánh giá")
        self.change = self.root.get_by_role("button", name="Đổi đánh giá")
        self.withdraw = self.root.get_by_role("button", name="Bỏ đánh giá")

    def star(self, stars: int) -> Locator:
        return self.root.get_by_role("radio", name=f"{stars} sao")

    def votes(self) -> list[int]:
        """Return how many votes there are of one star, two stars, … five stars."""
        votes = self.root.locator(".cs-rating-votes")
        expect(votes).to_have_count(5)
        texts = votes.all_inner_texts()
        return [number(text) for text in reversed(texts)]

    def expect_votes(self, votes: list[int]) -> None:
        """See distribution, count and average tell of `votes`, and of nothing else."""
        stars = sum(star * n for star, n in enumerate(votes, start=1))
        mean = (Decimal(stars) / sum(votes)).quantize(Decimal("0.1"), ROUND_HALF_UP)
        average = str(mean).replace(".", ",")
        expect(self.root.locator(".cs-rating-votes")).to_have_text([str(n) for n in votes[::-1]])
        expect(self.root.locator(".cs-rating-figure")).to_have_text(average)
        told = f"{sum(votes)} lượt đánh giá · trung bình: {average}/5"
        expect(self.root.get_by_text("lượt đánh giá")).to_have_text(told)


class Comments:
    """The comments of a page, in the host page or in its frame."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page = page
        self._demo = demo
        self.root = shown(page, ".cs-comments")
        self.status = self.root.get_by_role("status")
        self.items = self.root.locator(".cs-comment")
        self.form = self.root.locator("form")
        self.text = self.form.get_by_label("Nội dung bình luận")
        self.name = self.form.get_by_label("Họ và tên")
        self.email = self.form.get_by_label("Thư điện tử")
        self.code = self.form.get_by_label("Mã xác thực", exact=True)
        self.image = self.form.get_by_role("img")
        self.listen = self.form.get_by_role("button", name="Nghe mã bằng âm thanh")
        self.play = self.form.get_by_role("button", name="Phát mã đọc")
        self.give_up = self.form.get_by_role("button", name="Tôi không làm được")
        self.submit = self.form.get_by_role("button", name="Gửi bình luận")
        self.more = self.root.get_by_role("link", name="Xem thêm bình luận")

    def fill(self, name: str, text: str) -> None:
        self.text.fill(text)
        self.name.fill(name)
        expect(self.form.locator("[name=challenge]")).to_be_attached()

    def solve(self) -> None:
        """Type what the image, or the voice, says."""
        self.code.fill(self.answer())

    def answer(self) -> str:
        """Return what a person would read or hear."""
        return self._demo.answer_to(self.form.locator("[name=challenge]").input_value())

    def send(self, name: str, text: str) -> None:
        self.fill(name, text)
        self.solve()
        self.submit.click()
        # The thanks for an earlier comment may still stand there.
        expect(self.text).to_have_value("")
        expect(self.status).to_contain_text("đang chờ duyệt")

    def follow(self, link: Locator) -> None:
        """Follow a link to other comments, and wait for them."""
        first = self.ids()[0]
        link.click()
        expect(self.items.first).not_to_have_id(first)
        # In a document of their own, more of them may be on their way.
        self.page.wait_for_load_state("domcontentloaded")

    def by(self, name: str) -> Locator:
        heading = self.page.get_by_role("heading", name=name, exact=True)
        return self.items.filter(has=heading)

    def order(self, name: str) -> Locator:
        return self.root.get_by_role("link", name=name, exact=True)

    def ids(self) -> list[str]:
        ids: list[str] = self.items.evaluate_all("items => items.map((item) => item.id)")
        return ids

    def total(self) -> int:
        heading = self.root.get_by_role("heading", level=2).inner_text()
        return number(heading.partition("(")[2].rstrip(")"))


class Counters:
    """The statistics of the site."""

    def __init__(self, page: Page) -> None:
        self.root = shown(page, ".cs-counters")

    def total(self) -> int:
        return number(self.root.locator(".cs-counters-figure").inner_text())

    def figure(self, name: str) -> int:
        row = self.root.locator(".cs-counters-list div").filter(has_text=name)
        return number(row.locator("dd").inner_text())


class Dashboard:
    """The moderators' pages."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page = page
        self._demo = demo
        self.notice = page.locator("[role=status]:not(.alarm)")
        self.bulk = page.get_by_role("group", name="Các mục đã chọn")

    def log_in(self) -> None:
        self.page.goto(self._demo.dashboard)
        self.page.get_by_label("Tên đăng nhập").fill("admin")
        self.page.get_by_label("Mật khẩu").fill(self._demo.password)
        self.page.get_by_role("button", name="Đăng nhập").click()
        expect(self.page.get_by_role("heading", name="Kiểm duyệt")).to_be_visible()

    def open(self) -> None:
        self.page.goto(self._demo.dashboard)

    def go(self, name: str) -> None:
        self.page.get_by_role("link", name=name).click()

    def entry(self, name: str) -> Locator:
        heading = self.page.get_by_role("heading", name=name, exact=True)
        return self.page.get_by_role("listitem").filter(has=heading)

    def approve(self, name: str) -> None:
        self.entry(name).get_by_role("button", name="Duyệt", exact=False).click()
        expect(self.notice).to_have_text("1 mục: Đã duyệt.")
