"""A host page whose policies allow the service's scripts and answers, and nothing else."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser.hosts import COMMENTS, COUNTERS, RATING, open_host, strict_head
from tests.browser.pages import Comments, Counters, Rating
from tests.browser.running import Demo, until

COLOURS = """
(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}
"""


@pytest.fixture
def strict(page: Page, demo: Demo, told: list[str]) -> Iterator[Page]:
    """Show all widgets on a page with that policy; in the end, see it kept."""
    open_host(page, demo, RATING + COMMENTS + COUNTERS, head=strict_head(demo))
    yield page
    assert told == []


def test_a_breach_of_the_policy_would_be_seen(strict: Page, told: list[str]) -> None:
    with pytest.raises(Error, match="TrustedHTML"):
        strict.evaluate("document.body.innerHTML = '<p>'")
    with strict.expect_console_message():
        strict.evaluate("document.body.append(new Image()), document.images[0].src = 'data:,'")
    # More than one line may tell of one breach.
    assert len(told) >= 2
    told.clear()


def test_rating(strict: Page) -> None:
    rating = Rating(strict)
    rating.star(4).check()
    rating.rate.click()
    expect(rating.legend).to_have_text("Bạn đã đánh giá 4 sao")
    expect(Counters(strict).root).to_be_visible()


def test_commenting(strict: Page, demo: Demo) -> None:
    comments = Comments(strict, demo)
    comments.send("Lan", "Cảm ơn xã.")


def test_the_verification_code_is_painted(strict: Page, demo: Demo) -> None:
    comments = Comments(strict, demo)
    comments.text.focus()
    expect(comments.image).to_be_visible()
    until(lambda: comments.image.evaluate(COLOURS) > 1, "the image has colours")
