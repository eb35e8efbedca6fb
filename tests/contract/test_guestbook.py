"""A stranger's plugin, from a folder of the operator's, through every door."""

from pathlib import Path

import pytest

from comments_service.testing import PAGE, SITE, Reader, hidden_fields

WORDS = "Chúc quê hương ngày càng đổi mới!"
FRAME = f"/embed/{SITE}/guestbook?page={PAGE}"


def test_has_no_script() -> None:
    folder = Path(__file__).parent / "plugins" / "guestbook"
    assert not list(folder.rglob("*.js"))
    assert "<script" not in (folder / "templates" / "widget.html").read_text()


def test_is_drawn_into_the_host_page_in_its_language(reader: Reader) -> None:
    html = reader.view("guestbook")["widgets"]["guestbook"]
    assert "Sổ lưu bút" in html
    assert '<form class="cs-form" method="post"' in html


def test_is_a_document_of_its_own(reader: Reader) -> None:
    response = reader.client.get(FRAME)
    assert response.status_code == 200
    assert response.text.startswith("<!doctype html>")
    assert '<form class="cs-form" method="post"' in response.text


def test_is_a_fragment_without_a_form(reader: Reader) -> None:
    response = reader.client.get(f"/include/{SITE}/guestbook?page={PAGE}")
    assert response.status_code == 200
    assert "Sổ lưu bút" in response.text
    assert "<form" not in response.text
    assert "<html" not in response.text


def test_form_shows_the_entry_at_once_in_the_host_page(reader: Reader) -> None:
    response = reader.submit("guestbook", name="Lan", message=WORDS)
    assert response.status_code == 200
    html = response.get_json()["widgets"]["guestbook"]
    assert WORDS in html
    assert "Cảm ơn bạn" in html
    assert WORDS in reader.view("guestbook")["widgets"]["guestbook"]


def test_form_works_without_scripts(reader: Reader) -> None:
    client = reader.client
    fields = hidden_fields(client.get(FRAME).text)
    sent = client.post(
        f"/submit/{SITE}/guestbook", data={**fields, "name": "Lan", "message": WORDS}
    )
    assert sent.status_code == 303
    shown = client.get(sent.headers["Location"])
    assert WORDS in shown.text
    assert "Cảm ơn bạn" in shown.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "", "message": WORDS}, "Vui lòng nhập họ và tên."),
        ({"name": "Lan", "message": ""}, "Vui lòng viết vài lời."),
        ({"name": "Lan", "message": "a" * 281}, "280"),
    ],
)
def test_form_says_what_is_wrong_and_keeps_what_was_typed(
    reader: Reader, fields: dict[str, str], said: str
) -> None:
    response = reader.submit("guestbook", **fields)
    assert response.status_code in (413, 422)
    html = response.get_json()["widgets"]["guestbook"]
    assert said in html
    assert fields["name"] in html
    assert fields["message"] in html


def test_entries_are_shown_as_text(reader: Reader) -> None:
    html = reader.submit("guestbook", name="<b>Lan", message="<script>alert(1)</script>").json[
        "widgets"
    ]["guestbook"]
    assert "&lt;script&gt;" in html
    assert "<script" not in html


def test_entries_are_the_pages_own(reader: Reader) -> None:
    reader.submit("guestbook", name="Lan", message=WORDS)
    other = Reader(reader.app, page="/tin-tuc/bai-khac")
    assert WORDS not in other.view("guestbook")["widgets"]["guestbook"]
