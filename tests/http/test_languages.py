"""Which language an answer is in."""

import pytest
from flask import Flask

from comments_service import sites
from comments_service.core import Core
from comments_service.testing import ORIGIN, PAGE, Frame, Reader

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

TITLES = {"vi": "Bình luận", "en": "Comments"}
LABELS = {"vi": "Họ và tên", "en": "Your name"}
"""What the form asks, drawn once for each language."""
WANTED = [
    ("vi", "vi"),
    ("vi-VN", "vi"),
    ("en", "en"),
    ("en-US", "en"),
    ("en_GB", "en"),
    ("EN", "en"),
]
UNSPOKEN = ["", "xx-bogus", "e", "../vi", "\u202e", "v" * 3000]


@pytest.mark.parametrize("site_locale", ["vi", "en"])
def test_the_page_says_which_or_the_site_does(app: Flask, core: Core, site_locale: str) -> None:
    with core.db.write() as session:
        sites.add(session, "other", name="Other", origins=[ORIGIN], locale=site_locale)

    for lang, expected in [*WANTED, *((each, site_locale) for each in UNSPOKEN)]:
        told = Reader(app, site="other", lang=lang).view("comments")
        assert told["lang"] == expected, lang
        assert TITLES[expected] in told["widgets"]["comments"], lang
        assert f">{LABELS[expected]}</label>" in told["widgets"]["comments"], lang


@pytest.mark.parametrize(("lang", "expected"), [("vi", "vi"), ("en-US", "en"), ("xx", "vi")])
def test_a_document_is_marked_with_its_language(app: Flask, lang: str, expected: str) -> None:
    html = Frame(app, "comments").open(lang=lang).text

    assert f'<html lang="{expected}" dir="ltr" ' in html
    assert TITLES[expected] in html


def test_the_language_stays_after_a_form(app: Flask) -> None:
    frame = Frame(app, "rating")
    frame.open(lang="en")

    thanks = frame.follow(frame.send(stars="5"))

    assert "Thank you. Your rating has been saved." in thanks.text


@pytest.mark.parametrize(
    ("lang", "title"),
    [("vi", "Vui lòng sửa các mục được đánh dấu."), ("en", "Please correct the marked fields.")],
)
def test_a_refusal_speaks_the_same_language(reader: Reader, lang: str, title: str) -> None:
    path = f"/api/v1/sites/{reader.site}/rating?page={PAGE}"
    response = reader.send("PUT", path, json={"stars": 9, "lang": lang})

    assert response.get_json()["title"] == title


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        ("en-GB,en;q=0.9", "There is nothing at this address."),
        ("vi", "Không có nội dung nào ở địa chỉ này."),
        ("sw", "Không có nội dung nào ở địa chỉ này."),
        ("", "Không có nội dung nào ở địa chỉ này."),
    ],
)
def test_what_belongs_to_no_site_speaks_the_browsers_language(
    app: Flask, accepted: str, title: str
) -> None:
    response = app.test_client().get("/nowhere", headers={"Accept-Language": accepted})

    assert response.get_json()["title"] == title
