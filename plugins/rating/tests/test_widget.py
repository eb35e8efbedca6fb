"""What a site may set of its ratings, and how its pages show it; the best rated pages."""

import re

import pytest
from flask import Flask

from comments_service import sites
from comments_service.config import ConfigError
from comments_service.core import Core
from comments_service.testing import ORIGIN, SITE, Reader, add_site, elements, linked_data

from .voting import far, is_right, put, rate_honestly, read

# No store makes a difference to what is shown.
STORES = ("sqlite",)

LABELS = "Rất không hài lòng | Không hài lòng | Bình thường | Hài lòng | Rất hài lòng"
WORDS = [word.strip() for word in LABELS.split("|")]
CRITERIA = "Rõ ràng | Hữu ích"


def set_up(app: Flask, **texts: str) -> Reader:
    """Return a reader of a site with these settings."""
    add_site(app, "own", rating=texts)
    return Reader(app, site="own")


def drawn(reader: Reader) -> str:
    html: str = reader.view("rating", count=False)["widgets"]["rating"]
    return html


def test_below_the_threshold_only_the_number_is_told(app: Flask) -> None:
    reader = set_up(app, threshold="3", schema="Recipe")
    rate_honestly(app, 5, 4, site="own")
    reader.view(title="Bún bò")

    html = drawn(reader)
    assert "2 lượt đánh giá" in html
    assert "trung bình" not in html
    assert "cs-rating-bars" not in html
    shown = read(reader)
    assert (shown["count"], shown["average"], shown["distribution"]) == (2, None, None)
    path = f"/include/own/rating?page={reader.page}"
    assert linked_data(reader.send("GET", path).text) == []

    put(Reader(app, site="own", address=far(9)), 4)
    assert "trung bình: <strong>4,3</strong>/5" in drawn(reader)
    assert read(reader)["distribution"] == {"1": 0, "2": 0, "3": 0, "4": 2, "5": 1}
    [recipe] = linked_data(reader.send("GET", path).text)
    assert recipe["aggregateRating"]["ratingCount"] == 3


def test_words_in_place_of_stars(app: Flask) -> None:
    reader = set_up(app, labels=LABELS)
    for word in WORDS:
        assert f"<span>{word}</span>" in drawn(reader)
    assert reader.rate(4).status_code == 200

    html = drawn(reader)
    assert "Đánh giá của bạn: Hài lòng" in " ".join(html.split())
    assert "sao" not in html
    assert "★" not in html
    radios = [has for tag, has in elements(html) if tag == "input" and has.get("type") == "radio"]
    assert [has["value"] for has in radios if "checked" in has] == ["4"]


def test_words_are_escaped(app: Flask) -> None:
    reader = set_up(app, labels="<b>1</b>|2|3|4|5", criteria="<i>a</i>")
    html = drawn(reader)
    assert "<b>1" not in html
    assert "<i>a" not in html


def test_criteria_are_rated_changed_and_withdrawn(app: Flask, core: Core) -> None:
    reader = set_up(app, criteria=CRITERIA)
    assert "<legend>Rõ ràng</legend>" in drawn(reader)
    thanked = reader.submit("rating", stars="4", criterion1="5", criterion2="2")
    assert thanked.status_code == 200
    put(Reader(app, site="own", address=far(1)), 5, criteria=[4])

    criteria = read(reader)["criteria"]
    assert [(each["name"], each["count"], each["average"], each["mine"]) for each in criteria] == [
        ("Rõ ràng", 2, 4.5, 5),
        ("Hữu ích", 1, 2.0, 2),
    ]
    assert "Rõ ràng: <strong>4,5</strong>/5" in drawn(reader)
    # Answers come with their vote, so what is not sent again is taken back.
    reader.submit("rating", stars="4", criterion1="3")
    assert [each["mine"] for each in read(reader)["criteria"]] == [3, None]
    reader.submit("rating", withdraw="1")
    assert [each["count"] for each in read(reader)["criteria"]] == [1, 0]
    assert is_right(core)


@pytest.mark.parametrize("bad", ["6", "0", "abc", "-1"])
def test_a_criterion_off_the_scale_is_refused(app: Flask, bad: str) -> None:
    reader = set_up(app, criteria=CRITERIA)
    refused = reader.submit("rating", stars="4", criterion2=bad)
    assert refused.status_code == 422
    assert 'id="cs-criterion2-error"' in refused.get_json()["widgets"]["rating"]
    assert put(reader, 4, criteria=[1, bad]).status_code == 422
    assert read(reader)["count"] == 0


def test_criteria_that_a_site_does_not_ask_are_not_kept(app: Flask, core: Core) -> None:
    reader = Reader(app)
    assert put(reader, 4, criteria=[1, 2, 3, 4, 5, 1, 1], criterion1="2").status_code == 200
    assert "criteria" not in read(reader)
    assert is_right(core)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("threshold", "0", "rating.threshold goes from 1."),
        ("free", "-1", "rating.free goes from 0"),
        ("free", "21", "rating.free goes from 0 to rating.crowd"),
        ("crowd", "0", "rating.free goes from 0 to rating.crowd"),
        ("labels", "Tốt | Xấu", "rating.labels has five words"),
        ("labels", "1 | 2 | 3 | 4 | ", "rating.labels has five words"),
        ("criteria", "1|2|3|4|5|6", "rating.criteria has at most 5 names"),
        ("criteria", "Rõ ràng |", "rating.criteria has at most 5 names"),
    ],
)
def test_what_can_not_be_set_is_refused(core: Core, name: str, text: str, said: str) -> None:
    with core.db.write() as session:
        site = sites.get(session, SITE)
        with pytest.raises(ConfigError, match=said):
            sites.set_setting(core.plugins, site, f"rating.{name}", text)


# --- The best rated pages -------------------------------------------------------------------------


def best(reader: Reader, **query: str) -> list[str]:
    path = f"/api/v1/sites/{reader.site}/rating/best"
    response = reader.send("GET", path, query_string=query)
    assert response.status_code == 200
    return [each["page"] for each in response.get_json()["pages"]]


def rate_titled(app: Flask, page: str, *stars: int, title: str = "Một bài") -> None:
    """Rate a page of the site that `set_up` makes, and view it with its title."""
    rate_honestly(app, *stars, page=page, site="own")
    Reader(app, site="own", page=page).view(title=title)


def test_many_good_ratings_stand_above_few_perfect(app: Flask) -> None:
    reader = set_up(app)
    rate_titled(app, "/tot", *[5] * 29, 4)
    rate_titled(app, "/it", 5, 5, 5)
    rate_titled(app, "/te", *[1] * 6)

    assert best(reader) == ["/tot", "/it", "/te"]
    assert best(reader, limit="1") == ["/tot"]
    assert best(reader, limit="x") == ["/tot", "/it", "/te"]
    assert best(reader, limit="9" * 5000) == ["/tot", "/it", "/te"]


def test_the_best_are_of_the_site_and_above_its_threshold(app: Flask) -> None:
    reader = set_up(app, threshold="4")
    rate_titled(app, "/it", 5, 5, 5)
    rate_titled(app, "/du", 3, 3, 3, 3)
    assert best(reader) == ["/du"]
    assert best(Reader(app)) == []


def test_a_strangers_words_are_not_among_the_best(app: Flask) -> None:
    reader = set_up(app)
    rate_titled(app, "GỌI NGAY 0900", 5, 5, 5)
    rate_honestly(app, 5, 5, 5, page="/GỌI-NGAY-0900", site="own")
    rate_titled(app, "/hai-luot", 5, 5)
    rate_titled(app, "/that", 4, 4, 4)
    assert best(reader) == ["/that"]
    assert re.findall(r"<li>", shown_best(reader, "include")) == ["<li>"]


@pytest.mark.parametrize("door", ["script", "embed", "include"])
def test_the_widget_of_the_best_lists_them_at_every_door(app: Flask, door: str) -> None:
    reader = set_up(app)
    rate_titled(app, "/du", 3, 3, 3)
    rate_titled(app, "/tot", 5, 5, 4, 4, title="Một bài <hay>")

    html = shown_best(reader, door)

    assert re.findall(r'<a href="([^"]+)"', html) == [f"{ORIGIN}/tot", f"{ORIGIN}/du"]
    assert ">Một bài &lt;hay&gt;</a>" in html
    assert re.findall(r"<strong>(.*?)</strong>/5 · (.*?)<", html) == [
        ("4,5", "4 lượt đánh giá"),
        ("3,0", "3 lượt đánh giá"),
    ]
    # A link in a frame would open there.
    assert ('target="_top"' in html) == (door == "embed")


@pytest.mark.parametrize("door", ["script", "embed", "include"])
def test_a_site_without_best_says_so(app: Flask, door: str) -> None:
    assert "Chưa có trang nào đủ lượt đánh giá." in shown_best(Reader(app), door)


def shown_best(reader: Reader, door: str) -> str:
    if door == "script":
        return str(reader.view("rating-best", count=False)["widgets"]["rating-best"])
    return reader.client.get(f"/{door}/{reader.site}/rating-best?page=/&lang=vi").text


def test_nothing_was_rated(app: Flask) -> None:
    assert best(Reader(app)) == []
    assert (
        Reader(app, site="nobody").send("GET", "/api/v1/sites/nobody/rating/best").status_code
        == 404
    )
