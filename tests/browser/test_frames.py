"""Widgets in frames: data-mode="frame"."""

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.hosts import COMMENTS, RATING, open_host, settle
from tests.browser.pages import Comments, Rating
from tests.browser.running import Demo, until

MODE = 'data-mode="frame"'
TITLE = "Bài"
HEIGHT = "element => element.getBoundingClientRect().height"


def element(page: Page, widget: str) -> Locator:
    return page.locator(f"comments-service[widget={widget}] iframe")


def inside(page: Page, widget: str) -> FrameLocator:
    return element(page, widget).content_frame


def expect_as_high_as_its_document(page: Page, widget: str) -> float:
    """See the frame have its document's height, and return it."""
    document = inside(page, widget).locator("html")
    for _ in range(100):
        height: float = element(page, widget).evaluate(HEIGHT)
        if abs(height - document.evaluate(HEIGHT)) <= 1:
            return height
        settle(page)
    raise AssertionError(f"the frame is {height} px high")


@pytest.fixture
def host(page: Page, demo: Demo) -> Page:
    """Show a page with the rating and the comments, and wait for both."""
    open_host(page, demo, RATING + COMMENTS, tag=MODE)
    expect(inside(page, "rating").locator(".cs-rating")).to_be_visible()
    element(page, "comments").scroll_into_view_if_needed()
    expect(inside(page, "comments").locator(".cs-comments")).to_be_visible()
    return page


def test_each_widget_is_one_lazy_frame(host: Page) -> None:
    expect(host.locator("iframe")).to_have_count(2)
    for frame in host.locator("iframe").all():
        expect(frame).to_have_attribute("loading", "lazy")


def test_a_frame_has_the_title_that_it_tells(host: Page) -> None:
    titles = []
    for widget, name in (("rating", "Đánh giá"), ("comments", "Bình luận")):
        frame = element(host, widget)
        expect(frame).not_to_have_attribute("title", TITLE)
        titles.append(str(frame.get_attribute("title")))
        assert name in titles[-1]
    assert len(set(titles)) == len(titles)


def test_a_frame_that_has_told_nothing_is_called_as_the_page(page: Page, demo: Demo) -> None:
    page.route("**/embed/**", lambda route: route.fulfill(body="<p>Tin"))
    open_host(page, demo, RATING, tag=MODE, head=LISTEN)
    expect(element(page, "rating")).to_have_attribute("title", TITLE)


LISTEN = """<script>
window.heard = [];
for (const type of ["ready", "error"]) {
  document.addEventListener(`comments-service:${type}`, ({ target, detail }) => {
    heard.push([type, target.getAttribute("widget"), detail]);
  });
}
</script>"""


NOTE_LOADS = """
window.loads = [];
const { createElement } = Document.prototype;
Document.prototype.createElement = function (name) {
  const element = createElement.call(this, name);
  if (name === "iframe") element.addEventListener("load", () => loads.push(element));
  return element;
};
"""


def test_a_frame_is_ready_once(page: Page, demo: Demo) -> None:
    open_host(page, demo, RATING, tag=MODE, head=LISTEN)
    page.wait_for_function("heard.length")
    inside(page, "rating").get_by_role("button", name="Gửi đánh giá").click()
    expect_as_high_as_its_document(page, "rating")
    settle(page)
    assert page.evaluate("heard") == [["ready", "rating", {"widget": "rating"}]]


def test_another_frame_in_its_place_is_ready_anew(page: Page, demo: Demo) -> None:
    open_host(page, demo, RATING, tag=MODE, head=LISTEN)
    page.wait_for_function("heard.length === 1")
    page.evaluate("CommentsService.refresh('/trang-khac')")
    page.wait_for_function("heard.length === 2")
    assert page.evaluate("heard[1][0]") == "ready"


def test_a_frame_that_tells_nothing_is_an_error_in_the_end(page: Page, demo: Demo) -> None:
    page.clock.install()
    page.route("**/embed/**", lambda route: route.abort())
    open_host(page, demo, RATING, tag=MODE, head=LISTEN)
    expect(element(page, "rating")).to_be_attached()

    def gives_up() -> bool:
        page.clock.fast_forward(25_000)
        return bool(page.evaluate("heard.length"))

    # Its patience begins when the browser has loaded its own page there.
    until(gives_up, "the error")
    assert page.evaluate("heard.map(([type]) => type)") == ["error"]


def test_a_frame_that_has_told_is_no_error_later(page: Page, demo: Demo) -> None:
    page.clock.install()
    page.add_init_script(NOTE_LOADS)
    open_host(page, demo, RATING, tag=MODE, head=LISTEN)
    page.wait_for_function("heard.length")
    # Patience begins with this, and it may come after what the frame tells.
    page.wait_for_function("loads.length")
    page.clock.fast_forward(25_000)
    assert page.evaluate("heard.map(([type]) => type)") == ["ready"]


def test_a_frame_is_as_high_as_its_content(host: Page, demo: Demo) -> None:
    expect_as_high_as_its_document(host, "rating")
    before = expect_as_high_as_its_document(host, "comments")
    form = inside(host, "comments").locator("form")
    form.get_by_role("button", name="Gửi bình luận").click()
    expect(form.locator(".cs-error").first).to_be_visible()
    assert expect_as_high_as_its_document(host, "comments") > before


def test_nobody_else_may_speak_for_a_frame(host: Page, demo: Demo) -> None:
    before = expect_as_high_as_its_document(host, "rating")
    title = str(element(host, "rating").get_attribute("title"))
    host.evaluate(
        """(origin) => {
          const other = document.body.appendChild(document.createElement("iframe"));
          const data = { commentsService: { height: 7, title: "Giả" } };
          const place = document.querySelector("[widget=rating]");
          const own = place.shadowRoot.firstChild.contentWindow;
          const from = (origin, source) =>
            dispatchEvent(new MessageEvent("message", { data, origin, source }));
          from(origin, window);
          from(origin, other.contentWindow);
          from(location.origin, own);
          from("null", own);
          from(origin, null);
          for (const wrong of [null, "7", { commentsService: { height: "7" } }]) {
            dispatchEvent(new MessageEvent("message", { data: wrong, origin, source: own }));
          }
          window.postMessage(data, "*");
        }""",
        demo.service,
    )
    settle(host)
    assert element(host, "rating").evaluate(HEIGHT) == before
    expect(element(host, "rating")).to_have_attribute("title", title)


def test_the_measure_of_messages_would_see_one(host: Page, demo: Demo) -> None:
    # The frame has told its own height, and tells it no more.
    expect_as_high_as_its_document(host, "rating")
    host.evaluate(
        """(origin) => {
          const place = document.querySelector("[widget=rating]");
          const source = place.shadowRoot.firstChild.contentWindow;
          const data = { commentsService: { height: 7, title: "Thật" } };
          dispatchEvent(new MessageEvent("message", { data, origin, source }));
        }""",
        demo.service,
    )
    assert element(host, "rating").evaluate(HEIGHT) == 7
    expect(element(host, "rating")).to_have_attribute("title", "Thật")


def test_a_page_that_may_not_embed_shows_no_frame(page: Page, demo: Demo) -> None:
    stranger = demo.portal.replace("localhost", "stranger.localhost")
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        open_host(page, demo, RATING, tag=MODE, portal=stranger)
    expect(inside(page, "rating").locator(".cs-rating")).to_have_count(0)


def test_rating_and_commenting(host: Page, demo: Demo) -> None:
    frames = {frame.url.split("?")[0].rpartition("/")[2]: frame for frame in host.frames}
    rating, comments = Rating(frames["rating"]), Comments(frames["comments"], demo)
    rating.star(2).check()
    rating.rate.click()
    expect(rating.status).to_have_text("Cảm ơn bạn. Đã ghi nhận đánh giá.")
    comments.send("Lan", "Cảm ơn xã.")
    expect_as_high_as_its_document(host, "comments")


def test_a_page_from_memory_keeps_what_is_typed(host: Page) -> None:
    text = inside(host, "comments").get_by_label("Nội dung bình luận")
    text.fill("Đang viết dở")
    host.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    settle(host)
    expect(text).to_have_value("Đang viết dở")


def test_another_page_has_its_own_frames(host: Page) -> None:
    host.evaluate("history.pushState(null, '', '/trang-khac')")
    page_key = inside(host, "rating").locator("input[name=page]")
    expect(page_key).to_have_value("/trang-khac")
    expect(host.locator("iframe")).to_have_count(2)
