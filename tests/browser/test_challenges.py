"""What is asked of readers: nothing that they see, an image, a voice, a question; and the way out.

By keyboard, by what a screen reader is told, and under the strictest policy of a host page.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from comments_service.demo.seeding import SITE_KEY
from tests.browser.conftest import NewContext
from tests.browser.hosts import COMMENTS, open_host, settle, strict_head
from tests.browser.looks import expect_good_looks
from tests.browser.pages import EMPTY, LONG, WRONG_CODE, Comments, Dashboard, tab_to
from tests.browser.running import Demo, until
from tests.browser.test_looks import HEAD

WORK = "ngam"
QUIZ = "hoidap"
QUESTION = "Một tuần có mấy ngày?"
MODULES = "**/challenges.*.js"
# What is played, noted before it is.
LISTENING = """
window.heard = [];
const { start, stop } = AudioBufferSourceNode.prototype;
AudioBufferSourceNode.prototype.start = function () {
  heard.push({ state: this.context.state, seconds: this.buffer.duration });
  start.call(this);
};
AudioBufferSourceNode.prototype.stop = function () {
  stop.call(this);
  heard.push("stopped");
};
"""
THANKS = "Cảm ơn bạn. Bình luận đã được đăng."
WAITS = "Cảm ơn bạn. Bình luận đã được gửi và đang chờ duyệt."
ONE_MORE = "Còn một bước nữa"


@pytest.fixture(scope="session")
def work(demo: Demo) -> str:
    """Add a site whose readers' browsers work, and nobody waits for a moderator."""
    demo.add_site(WORK, core__lowest_rung="work", comments__hold="no")
    return WORK


@pytest.fixture(scope="session")
def quiz(demo: Demo) -> str:
    """Add a site that asks a question, and nobody waits for a moderator."""
    demo.add_site(
        QUIZ,
        core__person="question",
        question__questions=f"{QUESTION} = 7 | bảy",
        comments__hold="no",
    )
    return QUIZ


@pytest.fixture
def written(page: Page, demo: Demo) -> Callable[..., Comments]:
    """Open a page of `site` and write a comment there, up to the challenge."""

    def write(name: str, *, site: str, head: str = HEAD, tag: str = "") -> Comments:
        open_host(page, demo, f"<main><h1>Bài</h1>{COMMENTS}</main>", head=head, site=site, tag=tag)
        comments = Comments(page, demo)
        # By their names in the form: these are the same in every language.
        comments.form.locator("[name=text]").fill(f"Lời của {name}.")
        comments.form.locator("[name=name]").fill(name)
        expect(comments.form.locator("[name=challenge]")).to_be_attached()
        return comments

    return write


Written = Callable[..., Comments]


def expect_no_question(comments: Comments) -> None:
    """See nothing but the form's own fields."""
    expect(comments.form.get_by_role("textbox")).to_have_count(3)
    expect(comments.image).to_have_count(0)
    expect(comments.form.get_by_role("button")).to_have_text(["Gửi bình luận"])


# --- Work -------------------------------------------------------------------------------------


def test_a_browser_works_and_nobody_types_a_code(
    page: Page, demo: Demo, work: str, written: Written
) -> None:
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    comments = written("Chị Ngà", site=work)
    expect_no_question(comments)
    comments.submit.click()

    expect(comments.status).to_have_text(THANKS)
    expect(comments.status).to_be_focused()
    expect(comments.by("Chị Ngà")).to_contain_text("Lời của Chị Ngà.")
    assert any("/challenges." in url for url in asked)
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, asked)}
    assert origins == {demo.portal, demo.service}


def test_a_browser_works_under_the_strictest_policy(
    told: list[str], demo: Demo, work: str, written: Written
) -> None:
    comments = written("Anh Tùng", site=work, head=strict_head(demo))
    comments.submit.click()
    expect(comments.status).to_have_text(THANKS)
    assert told == []


def test_who_gets_no_script_for_the_work_sees_an_image(
    page: Page, work: str, written: Written
) -> None:
    page.route(MODULES, lambda route: route.abort())
    comments = written("Bà Năm", site=work)
    comments.submit.click()

    expect(comments.image).to_be_visible()
    expect(comments.code).to_be_focused()
    expect(comments.code).to_have_accessible_description(re.compile(ONE_MORE))
    expect(comments.text).to_have_value("Lời của Bà Năm.")
    expect(comments.name).to_have_value("Bà Năm")
    comments.solve()
    comments.submit.click()
    expect(comments.status).to_have_text(THANKS)
    expect(comments.by("Bà Năm")).to_be_visible()


def test_a_page_without_encryption_asks_by_an_image(
    page: Page, work: str, written: Written
) -> None:
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })")
    comments = written("Ông Tám", site=work)
    expect(comments.image).to_be_visible()
    comments.solve()
    comments.submit.click()
    expect(comments.status).to_have_text(THANKS)


def test_a_frame_asks_by_an_image(page: Page, demo: Demo, work: str) -> None:
    page.goto(demo.frame("comments", EMPTY, site=work))
    expect(Comments(page, demo).image).to_be_visible()


# --- A voice ----------------------------------------------------------------------------------


def test_who_can_not_see_comments_by_keyboard_and_ear(page: Page, demo: Demo) -> None:
    page.add_init_script(LISTENING)
    page.goto(demo.article(EMPTY))
    comments = Comments(page, demo)
    tab_to(page, comments.text)
    page.keyboard.type("Tôi nghe thấy rõ.")
    tab_to(page, comments.name)
    page.keyboard.type("Bác Thính")

    tab_to(page, comments.listen)
    page.keyboard.press("Enter")
    expect(comments.play).to_be_focused()
    expect(comments.image).to_have_count(0)
    expect(comments.text).to_have_value("Tôi nghe thấy rõ.")
    page.keyboard.press("Enter")
    page.wait_for_function("heard.length")
    [sound] = page.evaluate("heard")
    assert sound["state"] == "running"
    assert sound["seconds"] > 3

    tab_to(page, comments.code)
    expect(comments.code).to_have_accessible_description(re.compile("sáu chữ số bạn nghe được"))
    page.keyboard.type("000")
    page.keyboard.press("Enter")
    expect(comments.code).to_be_focused()
    expect(comments.code).to_have_accessible_description(re.compile("Mã xác thực không đúng."))
    expect(comments.code).to_have_attribute("aria-invalid", "true")
    expect(comments.text).to_have_value("Tôi nghe thấy rõ.")

    # Whoever was wrong is asked by another voice, not by an image.
    expect(comments.play).to_be_visible()
    page.keyboard.type(comments.answer())
    page.keyboard.press("Enter")
    expect(comments.status).to_have_text(WAITS)
    expect(comments.status).to_be_focused()


def test_what_a_screen_reader_is_told_of_a_voice(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.fill("Bác Thính", "Tôi nghe thấy rõ.")
    comments.listen.click()
    expect(comments.form.locator(".cs-challenge")).to_match_aria_snapshot("""
      - button "Phát mã đọc"
      - button "Đổi mã khác"
      - text: Mã xác thực
      - textbox "Mã xác thực"
      - paragraph: /sáu chữ số/
      - paragraph:
        - button "Dùng mã hình ảnh"
        - 'button "Tôi không làm được: nhờ người kiểm duyệt đọc trước"'
    """)


def test_another_code_silences_the_one_before(page: Page, demo: Demo) -> None:
    page.add_init_script(LISTENING)
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.fill("Bác Thính", "Tôi nghe thấy rõ.")
    comments.listen.click()
    comments.play.click()
    page.wait_for_function("heard.length === 1")
    first = comments.answer()
    comments.form.get_by_role("button", name="Đổi mã khác").click()
    page.wait_for_function("heard.at(-1) === 'stopped'")
    expect(comments.play).to_be_focused()
    assert comments.answer() != first


def test_a_voice_is_played_twice_at_once_by_nobody(page: Page, demo: Demo) -> None:
    page.add_init_script(LISTENING)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.fill("Bác Thính", "Tôi nghe thấy rõ.")
    comments.listen.click()
    comments.play.click()
    page.wait_for_function("heard.length === 1")
    comments.play.evaluate("button => (button.click(), button.click())")
    page.wait_for_function("heard.length >= 5")
    heard = page.evaluate("heard.map((each) => each.state || each)")
    assert heard == ["running", "stopped", "running", "stopped", "running"]
    assert errors == []


def test_a_button_pressed_before_its_script_came_plays(page: Page, demo: Demo) -> None:
    page.add_init_script(LISTENING)
    held: list[Route] = []
    page.route(MODULES, lambda route: held.append(route))  # noqa: PLW0108 (Playwright asks for the signature)
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.fill("Bác Thính", "Tôi nghe thấy rõ.")
    comments.listen.click()
    comments.play.click()
    until(lambda: held or settle(page), "the script is asked for")
    assert page.evaluate("heard") == []
    held[0].continue_()
    page.wait_for_function("heard.length === 1")


def test_a_voice_under_the_strictest_policy(
    page: Page, told: list[str], demo: Demo, written: Written
) -> None:
    page.add_init_script(LISTENING)
    comments = written("Bác Thính", site=SITE_KEY, head=strict_head(demo))
    comments.listen.click()
    comments.play.click()
    # Not `wait_for_function`, which needs `eval` in the page as soon as it has to look twice.
    until(lambda: page.evaluate("heard.length") == 1, "the voice")
    comments.solve()
    comments.submit.click()
    expect(comments.status).to_have_text(WAITS)
    assert told == []


def test_a_voice_whose_script_does_not_come_is_told(page: Page, demo: Demo) -> None:
    page.route(MODULES, lambda route: route.abort())
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.fill("Bác Thính", "Tôi nghe thấy rõ.")
    comments.listen.click()
    expect(comments.form.get_by_role("alert")).to_be_visible()
    expect(comments.give_up).to_be_visible()


def test_a_voice_without_scripts(new_context: NewContext, demo: Demo) -> None:
    page = new_context(java_script_enabled=False).new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(demo.frame("comments", EMPTY))
    comments = Comments(page, demo)
    comments.fill("Bác Thính", "Tôi nghe thấy rõ, không cần JavaScript.")
    comments.listen.click()

    audio = page.get_by_label("Mã xác thực bằng giọng đọc")
    expect(audio).to_be_visible()
    expect(audio).to_be_focused()
    # It was decoded, so the policy lets it in.
    until(lambda: audio.evaluate("audio => audio.readyState"), "the voice is loaded")
    assert audio.evaluate("audio => audio.controls && audio.seekable.end(0)") > 3
    expect(comments.text).to_have_value("Tôi nghe thấy rõ, không cần JavaScript.")
    comments.solve()
    comments.submit.click()
    expect(comments.status).to_have_text(WAITS)
    assert told == []


# --- A question, and the way of those who can't do any of it -----------------------------------


def test_a_question_is_answered(quiz: str, written: Written) -> None:
    comments = written("Cô Giáo", site=quiz)
    answer = comments.form.get_by_label(QUESTION)
    answer.fill("tám")
    comments.submit.click()
    expect(answer).to_be_focused()
    expect(answer).to_have_accessible_description(re.compile("không đúng"))
    expect(comments.text).to_have_value("Lời của Cô Giáo.")
    answer.fill("Bảy")
    answer.press("Enter")
    expect(comments.status).to_have_text(THANKS)
    expect(comments.by("Cô Giáo")).to_be_visible()


def test_who_can_not_do_it_is_read_by_a_moderator(
    quiz: str, written: Written, dashboard: Dashboard
) -> None:
    comments = written("Cụ Mười", site=quiz)
    comments.give_up.click()
    told = comments.form.get_by_text("Người kiểm duyệt đọc nội dung này trước khi đăng.")
    expect(told).to_be_focused()
    expect_no_question(comments)
    expect(comments.text).to_have_value("Lời của Cụ Mười.")
    comments.submit.click()
    expect(comments.status).to_have_text(WAITS)
    expect(comments.by("Cụ Mười")).to_have_count(0)

    dashboard.open()
    expect(dashboard.entry("Cụ Mười")).to_contain_text("Người gửi xác thực ở mức thấp hơn")


def test_the_way_out_without_scripts(new_context: NewContext, demo: Demo) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(demo.frame("comments", LONG))
    comments = Comments(page, demo)
    comments.fill("Cụ Chín", "Tôi không nhìn, không nghe được.")
    comments.give_up.click()
    expect_no_question(comments)
    comments.submit.click()
    expect(comments.status).to_have_text(WAITS)


# --- How they look ----------------------------------------------------------------------------


def image(comments: Comments) -> None:
    expect(comments.image).to_be_visible()


def voice(comments: Comments) -> None:
    # By place, not by name: it is so in every language.
    comments.form.locator("[name=renew][value=spoken]").click()
    expect(comments.form.locator("[data-cs-sound]")).to_be_visible()


def refusal(comments: Comments) -> None:
    comments.form.locator("[name=answer]").fill(WRONG_CODE)
    comments.form.locator(".cs-actions button").click()
    expect(comments.form.locator("#cs-answer-error")).to_be_visible()


def way_out(comments: Comments) -> None:
    comments.form.locator("[name=renew][value=moderator]").click()
    expect(comments.form.locator(".cs-challenge .cs-hint")).to_be_visible()


STATES = {"image": image, "voice": voice, "refusal": refusal, "way out": way_out}


@pytest.mark.parametrize("language", ["vi", "ar"])
@pytest.mark.parametrize("state", STATES)
def test_how_a_challenge_looks(page: Page, written: Written, state: str, language: str) -> None:
    comments = written("Lan", site=SITE_KEY, tag=f'data-lang="{language}"')
    STATES[state](comments)
    expect_good_looks(page)


def test_how_work_looks(page: Page, work: str, written: Written) -> None:
    written("Lan", site=work)
    expect_good_looks(page)


def test_how_a_question_looks(page: Page, quiz: str, written: Written) -> None:
    comments = written("Lan", site=quiz)
    expect_good_looks(page)
    refusal(comments)
    expect_good_looks(page)


def test_how_a_voice_looks_without_scripts(page: Page, demo: Demo) -> None:
    page.goto(demo.frame("comments", EMPTY))
    comments = Comments(page, demo)
    comments.listen.click()
    expect(page.locator("audio")).to_be_visible()
    expect_good_looks(page)
