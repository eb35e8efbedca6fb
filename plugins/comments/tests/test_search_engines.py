"""What search engines are told of a thread, at the doors that they read."""

import re
from typing import Any

import pytest

from comments_service import sites
from comments_service.core import Core
from comments_service.testing import ORIGIN, PAGE, Dashboard, Reader, linked_data

from .conftest import OPEN

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

BREAKOUTS = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "]]> --> <![CDATA[",
    "\u2028alert(1)\u2029",
    "{{ 7*7 }} {% raw %} \\u003c \\",
    "Dấu \"kép\" & 'đơn'",
]


def at_door(reader: Reader, door: str, **query: str) -> str:
    asked = {"page": reader.page, "lang": reader.lang, **query}
    return reader.send("GET", f"/{door}/{reader.site}/comments", query_string=asked).text


def discussion(reader: Reader, door: str = "include", **query: str) -> dict[str, Any]:
    [told] = linked_data(at_door(reader, door, **query))
    return told


def moment(reader: Reader, number: int) -> str:
    path = f"/api/v1/sites/{reader.site}/comments/{number}?page={reader.page}"
    told: str = reader.send("GET", path).get_json()["created_at"]
    return re.sub(r"\.\d+", "", told)


def newest(reader: Reader) -> int:
    path = f"/api/v1/sites/{reader.site}/comments?page={reader.page}&limit=100"
    comments = reader.send("GET", path).get_json()["comments"]
    return max(int(each["id"]) for each in comments)


@pytest.mark.parametrize("door", ["include", "embed"])
def test_the_page_and_its_comments_are_told(open_reader: Reader, door: str) -> None:
    open_reader.comment("Bao giờ xong?")
    open_reader.view(title="Khởi công đường liên xã")

    told = discussion(open_reader, door)

    at = moment(open_reader, newest(open_reader))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", told.pop("datePublished"))
    assert told == {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "headline": "Khởi công đường liên xã",
        "text": "Khởi công đường liên xã",
        "url": ORIGIN + PAGE,
        "identifier": ORIGIN + PAGE,
        "author": {"@type": "Organization", "name": "Cổng thông tin", "url": ORIGIN},
        "commentCount": 1,
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/CommentAction",
            "userInteractionCount": 1,
        },
        "comment": [
            {
                "@type": "Comment",
                "text": "Bao giờ xong?",
                "dateCreated": at,
                "datePublished": at,
                "author": {"@type": "Person", "name": "Lan"},
            }
        ],
    }


def test_replies_stand_in_what_they_answer(open_reader: Reader) -> None:
    open_reader.comment("Hỏi")
    question = newest(open_reader)
    open_reader.comment("Đáp", parent=str(question))
    open_reader.comment("Cảm ơn", parent=str(newest(open_reader)))
    open_reader.comment("Chuyện khác")

    told = discussion(open_reader)

    other, thread = told["comment"]
    assert (other["text"], thread["text"]) == ("Chuyện khác", "Hỏi")
    assert [each["text"] for each in thread["comment"]] == ["Đáp"]
    assert [each["text"] for each in thread["comment"][0]["comment"]] == ["Cảm ơn"]
    assert told["commentCount"] == 4


def test_a_reply_to_what_is_not_shown_stands_by_itself(
    open_reader: Reader, dashboard: Dashboard
) -> None:
    open_reader.comment("Hỏi")
    question = newest(open_reader)
    open_reader.comment("Đáp", parent=str(question))
    dashboard.decide("delete", question)

    told = discussion(open_reader)

    assert [each["text"] for each in told["comment"]] == ["Đáp"]
    assert told["commentCount"] == 1


def test_it_tells_what_is_shown_and_counts_all(open_reader: Reader) -> None:
    for number in range(21):
        open_reader.comment(f"Bình luận {number}")

    told = discussion(open_reader, sort="oldest")

    assert [each["text"] for each in told["comment"]] == [f"Bình luận {n}" for n in range(20)]
    assert told["commentCount"] == 21


@pytest.mark.parametrize("text", BREAKOUTS)
@pytest.mark.parametrize("door", ["include", "embed"])
def test_no_text_ends_the_block(open_reader: Reader, door: str, text: str) -> None:
    open_reader.view(title=text)
    open_reader.comment(f"x {text} y", name=f"x {text} y")

    html = at_door(open_reader, door)

    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert not set(block) & set("<>&'")
    assert block.isascii()
    [told] = linked_data(html)
    stored = open_reader.view("comments", count=False)["widgets"]["comments"]
    assert "alert(1)</script>" not in stored
    assert told["comment"][0]["text"].startswith("x ")
    assert told["comment"][0]["text"].split() == f"x {text} y".split()


def test_the_script_door_carries_none(open_reader: Reader) -> None:
    open_reader.comment()

    assert "<script" not in open_reader.view("comments")["widgets"]["comments"]
    assert "<script" not in open_reader.comment().get_json()["widgets"]["comments"]


def test_held_comments_and_empty_threads_are_not_told(reader: Reader) -> None:
    reader.view(title="Một bài")
    reader.comment("Chờ duyệt")

    assert linked_data(at_door(reader, "include")) == []


def test_a_page_without_title_or_address_is_told_by_its_key(open_reader: Reader) -> None:
    open_reader.page = "bai-17"
    open_reader.comment()

    told = discussion(open_reader)

    assert told["identifier"] == "bai-17"
    assert not {"headline", "text", "url"} & set(told)


def test_an_address_is_written_in_ascii(open_reader: Reader) -> None:
    open_reader.page = "/tin/đường mới?b=1&a=%20é"
    open_reader.comment()

    assert discussion(open_reader)["url"] == (
        f"{ORIGIN}/tin/%C4%91%C6%B0%E1%BB%9Dng%20m%E1%BB%9Bi?b=1&a=%20%C3%A9"
    )


def test_the_first_origin_is_the_pages_own(core: Core, open_reader: Reader) -> None:
    with core.db.write() as session:
        sites.allow(sites.get(session, OPEN), "https://mirror.example")
    open_reader.comment()

    assert discussion(open_reader)["url"] == ORIGIN + PAGE
