"""What Akismet is told, and what is made of its answers."""

import dataclasses

import pytest
from comments_service.plugins.akismet import service
from comments_service.plugins.akismet.service import Account, Opinion
from hypothesis import given
from hypothesis import strategies as st

from comments_service import remote

from .conftest import ADDRESS, DRAFT, KEY, AkismetDouble


def account(double: AkismetDouble, *, key: str = KEY, timeout_s: float = 5) -> Account:
    return Account(url=double.url, key=key, user_ip=ADDRESS, timeout_s=timeout_s)


@pytest.mark.parametrize(
    ("text", "opinion"),
    [
        ("Bài viết rất hữu ích.", Opinion.HAM),
        ("blatant", Opinion.BLATANT),
    ],
)
def test_the_content_is_judged(double: AkismetDouble, text: str, opinion: Opinion) -> None:
    assert service.ask(dataclasses.replace(DRAFT, text=text), account(double)) is opinion


def test_the_documented_test_author_is_spam(double: AkismetDouble) -> None:
    draft = dataclasses.replace(DRAFT, author="akismet-guaranteed-spam")
    assert service.ask(draft, account(double)) is Opinion.SPAM


def test_akismet_is_told_this_and_no_more(double: AkismetDouble) -> None:
    service.ask(DRAFT, account(double))

    [request] = double.asked
    assert request.form.to_dict() == {
        "api_key": KEY,
        "blog": "https://portal.example/",
        "blog_lang": "vi",
        "blog_charset": "UTF-8",
        "user_ip": ADDRESS,
        "user_agent": "Mozilla/5.0",
        "permalink": "https://portal.example/tin-tuc/mot-bai",
        "comment_type": "comment",
        "comment_author": "Lan",
        "comment_author_email": "lan@example.vn",
        "comment_content": "Bài viết rất hữu ích.",
        "comment_date_gmt": "2026-11-22T10:00:00+00:00",
    }
    assert request.headers["User-Agent"] == "comments-service | akismet"
    assert "Cookie" not in request.headers


def test_what_is_empty_and_a_key_that_leads_nowhere_are_left_out(double: AkismetDouble) -> None:
    service.ask(
        dataclasses.replace(DRAFT, email="", page_key="bai-17", page_url=None), account(double)
    )

    assert not {"comment_author_email", "permalink"} & set(double.asked[0].form)


@pytest.mark.parametrize("text", ["garbage", "500", "redirect", "long"])
def test_what_is_no_answer_is_never_taken_for_one(double: AkismetDouble, text: str) -> None:
    with pytest.raises(remote.BadAnswer):
        service.ask(dataclasses.replace(DRAFT, text=text), account(double))
    assert len(double.asked) == 1


@pytest.mark.parametrize("text", ["slow", "drip"])
def test_nobody_waits_for_longer_than_set(double: AkismetDouble, text: str) -> None:
    with pytest.raises(remote.NoAnswer):
        service.ask(dataclasses.replace(DRAFT, text=text), account(double, timeout_s=0.1))


def test_a_wrong_key_is_told_to_the_operator_without_the_key(
    double: AkismetDouble, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(remote.BadAnswer):
        service.ask(DRAFT, account(double, key="a-wrong-key"))
    assert "Unknown key" in caplog.text
    assert "a-wrong-key" not in caplog.text
    assert DRAFT.text not in caplog.text


def test_what_is_missing_is_told_to_the_operator(
    double: AkismetDouble, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = dataclasses.replace(account(double), user_ip="")
    with pytest.raises(remote.BadAnswer):
        service.ask(DRAFT, nobody)
    assert 'Empty "user_ip" value' in caplog.text


@given(body=st.binary() | st.sampled_from([b"true", b" false\n", b"invalid", b"TRUE", b"trues"]))
def test_only_two_words_are_an_opinion(body: bytes) -> None:
    known = {b"true": Opinion.SPAM, b"false": Opinion.HAM}
    mine = Account(url="", key=KEY, user_ip=ADDRESS, timeout_s=1)
    try:
        assert service.understand(body, {}, mine) is known[body.strip()]
    except remote.BadAnswer:
        assert body.strip() not in known
