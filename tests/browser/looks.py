"""What axe-core finds, and what it can't measure: targets and width on a small screen."""

from collections.abc import Mapping
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

SCHEMES = ("light", "dark")
WIDE, NARROW = 1280, 320
# Nearly all of the time that axe takes; colours depend on the scheme, all else on the width.
CONTRAST = "color-contrast"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # A frame is a part of a page, and the heading of level one is that page's.
    "rules": {"page-has-heading-one": {"enabled": False}},
    "resultTypes": ["violations"],
}
COLOURS = {**RULES, "runOnly": {"type": "rule", "values": [CONTRAST]}}
ALL_ELSE = {**RULES, "rules": {**RULES["rules"], CONTRAST: {"enabled": False}}}

# Links and fields whose target is smaller than 24 by 24; a link within a sentence may be, and what
# is hidden from people is none.
SMALL_TARGETS = """
() => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((e) => e.shadowRoot)];
  const targets = roots.filter(Boolean).flatMap((root) =>
    [...root.querySelectorAll("a[href], audio, button, input, textarea, label")]);
  const isInSentence = (target) =>
    getComputedStyle(target).display === "inline" && target.closest("p, li, address");
  return targets
    .filter((target) => target.checkVisibility() && !target.closest("[aria-hidden=true]"))
    .filter((target) => !isInSentence(target))
    .filter((target) => {
      const { width, height } = target.getBoundingClientRect();
      return width < 24 || height < 24;
    })
    .map((target) => target.outerHTML);
}
"""


def expect_no_violations(page: Page, rules: Mapping[str, Any] = RULES) -> None:
    """Find nothing wrong on the screen as it is."""
    # A document that has only begun has no styles yet.
    page.wait_for_load_state()
    found = Axe().run(page, options=dict(rules))
    assert not found.violations_count, f"{page.viewport_size}: {found.generate_report()}"


def expect_accessible(page: Page) -> None:
    """Find nothing wrong on a wide screen, nor in the dark, nor on a small screen."""
    # A form that waits for its answer is dimmed.
    expect(page.locator("form[aria-busy]")).to_have_count(0)
    for width, scheme, rules in (
        (WIDE, "light", RULES),
        (WIDE, "dark", COLOURS),
        (NARROW, "dark", ALL_ELSE),
    ):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        expect_no_violations(page, rules)


def expect_fits(page: Page) -> None:
    """See nothing stick out of a small screen, and nothing too small for a finger."""
    page.set_viewport_size({"width": NARROW, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW
    assert page.evaluate(SMALL_TARGETS) == []


def expect_good_looks(page: Page) -> None:
    expect_accessible(page)
    expect_fits(page)
