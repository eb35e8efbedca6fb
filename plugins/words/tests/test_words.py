"""Word lists at work: what a reader sends, and what moderators are told of it."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from comments_service.config import ConfigError
from comments_service.core import Core
from comments_service.models import Envelope, FilterVerdict, Status
from comments_service.testing import MakeApp, Reader, add_site

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)


def judged(core: Core) -> tuple[Status, list[str]]:
    """Return the last submission's status, and this plugin's reasons."""
    with core.db.read() as session:
        envelope = session.scalars(sa.select(Envelope).order_by(Envelope.id.desc())).first()
        assert envelope is not None
        reasons = session.scalars(
            sa.select(FilterVerdict.reason).where(
                FilterVerdict.submission_id == envelope.id, FilterVerdict.filter == "words"
            )
        )
        return envelope.status, list(reasons)


def send(reader: Reader, text: str, **fields: str) -> tuple[Status, list[str]]:
    reader.comment(text, **fields)
    return judged(reader.app.extensions["comments_service"])


def test_an_innocent_comment_is_public_and_nothing_is_said(reader: Reader) -> None:
    assert send(reader, "Cảm ơn xã đã làm đường.") == (Status.PUBLISHED, [])


def test_a_held_word_waits_and_moderators_are_told_which(reader: Reader) -> None:
    assert send(reader, "Ai cần vay nóng thì gọi.") == (
        Status.HELD,
        ["Từ trong danh sách: “vay nóng” (danh sách vi)"],
    )


def test_a_rejected_word_is_kept_out(reader: Reader) -> None:
    status, [reason] = send(reader, "Soi cầu miễn phí tại đây")
    assert status is Status.REJECTED
    assert "“soi cầu miễn phí” (danh sách vi)" in reason


def test_without_marks_a_rejected_word_is_only_held(reader: Reader) -> None:
    status, [reason] = send(reader, "soi cau mien phi tai day")
    assert status is Status.HELD
    assert "“soi cầu miễn phí” viết khác đi hoặc không dấu (danh sách vi)" in reason


def test_the_authors_name_is_read_too(reader: Reader) -> None:
    status, _ = send(reader, "Bài viết hay.", name="Vay tiền nhanh")
    assert status is Status.HELD


def test_a_sites_own_words_and_no_more_than_three_are_named(app: Flask) -> None:
    settings = {"use": "", "reject": "một", "hold": "hai,ba,bốn,năm", "allow": "năm mới"}
    add_site(app, "other", comments={"hold": "no"}, words=settings)
    status, reasons = send(Reader(app, site="other"), "bốn ba hai một, chúc năm mới, phim sex")
    assert status is Status.REJECTED
    own = "(danh sách của trang này)"
    shown = f"“một” {own}; “bốn” {own}; “ba” {own}"
    assert reasons == [f"Từ trong danh sách: {shown}; và 1 từ nữa"]


def test_the_operators_file_holds_for_every_site(make_app: MakeApp, tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("[reject]\nxấu lắm\n")
    app = make_app(plugins="words,comments,captcha", words_file=str(file))
    add_site(app, comments={"hold": "no"})
    status, [reason] = send(Reader(app), "Đường xấu lắm.")
    assert status is Status.REJECTED
    assert "danh sách của người vận hành" in reason


@pytest.mark.parametrize("content", [None, b"[rejekt]\nx", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_an_error_at_the_start(
    make_app: MakeApp, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "words.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match="COMMENTS_WORDS_FILE="):
        make_app(plugins="words,comments,captcha", words_file=str(file))


def test_an_unknown_starter_list_is_an_error(core: Core) -> None:
    words = core.plugins.by_name["words"]
    with pytest.raises(ConfigError, match="no list is named xx"):
        words.site_settings(type("Site", (), {"settings": {"words": {"use": "xx"}}})())
