"""What a classifier is told, and how strictly its answers are read."""

import json
from typing import Any

import pytest
from comments_service.plugins.classifier import service
from comments_service.plugins.classifier.service import Classifier, Finding
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Response

from comments_service import remote
from comments_service.verdicts import Outcome

from .conftest import DRAFT, TOKEN, ClassifierDouble


def classifier(double: ClassifierDouble, *, token: str = TOKEN, timeout_s: float = 5) -> Classifier:
    return Classifier(url=double.url, token=token, timeout_s=timeout_s)


@pytest.mark.parametrize("verdict", ["accept", "hold", "reject", "spam"])
def test_each_verdict_is_taken(double: ClassifierDouble, verdict: str) -> None:
    said = {"verdict": verdict, "reason": "ba liên kết", "score": 0.93, "model": "not read"}
    double.answer = Response(json.dumps(said))

    finding = service.ask(DRAFT, classifier(double))

    assert finding == Finding(Outcome[verdict.upper()], "ba liên kết", 0.93)


def test_the_verdict_alone_is_enough(double: ClassifierDouble) -> None:
    assert service.ask(DRAFT, classifier(double)) == Finding(Outcome.HOLD, "", None)


def test_six_texts_leave_the_house_and_no_more(double: ClassifierDouble) -> None:
    service.ask(DRAFT, classifier(double))

    [request] = double.asked
    assert request.get_json() == {
        "site": "portal",
        "page": "/tin-tuc/mot-bai",
        "kind": "comment",
        "author": "Lan",
        "text": "Bài viết rất hữu ích.",
        "locale": "vi",
    }
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_without_a_token_none_is_sent(double: ClassifierDouble) -> None:
    with pytest.raises(remote.BadAnswer, match="403"):
        service.ask(DRAFT, classifier(double, token=""))
    assert "Authorization" not in double.asked[0].headers


@pytest.mark.parametrize(
    "answer",
    [
        Response('{"verdict": "accept"}', status=500),
        Response('{"verdict": "accept"}', status=307, headers={"Location": "/judge"}),
        Response('{"verdict": "accept"}' + " " * 65_536),
    ],
)
def test_what_is_no_answer_is_never_taken_for_one(
    double: ClassifierDouble, answer: Response
) -> None:
    double.answer = answer
    with pytest.raises(remote.BadAnswer):
        service.ask(DRAFT, classifier(double))
    assert len(double.asked) == 1


def test_an_answer_of_64_kb_is_read(double: ClassifierDouble) -> None:
    said = '{"verdict": "spam"}'
    double.answer = Response(said + " " * (65_536 - len(said)))
    assert service.ask(DRAFT, classifier(double)).outcome is Outcome.SPAM


def test_nobody_waits_for_longer_than_set(double: ClassifierDouble) -> None:
    double.answer = Response(double.drip())
    with pytest.raises(remote.NoAnswer):
        service.ask(DRAFT, classifier(double, timeout_s=0.1))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "accept",
        "null",
        "[]",
        '["accept"]',
        "{}",
        '{"verdict": null}',
        '{"verdict": "Accept"}',
        '{"verdict": "publish"}',
        '{"verdict": ["accept"]}',
        '{"verdict": {"accept": 1}}',
        '{"verdict": "accept", "reason": 1}',
        '{"verdict": "accept", "reason": null}',
        '{"verdict": "accept", "score": "0.9"}',
        '{"verdict": "accept", "score": true}',
        '{"verdict": "accept", "score": 1.01}',
        '{"verdict": "accept", "score": -0.01}',
        '{"verdict": "accept", "score": NaN}',
        '{"verdict": "accept", "score": Infinity}',
        '{"verdict": "accept", "score": 1e999}',
        '{"verdict": "accept", "model": NaN}',
        '{"verdict": "accept"} {}',
        "{'verdict': 'accept'}",
        '{"verdict": "accept", "score": 1' + "0" * 5000 + "}",
        "[" * 60_000,
        b'{"verdict": "accept", "reason": "\xff"}',
    ],
)
def test_any_breach_of_the_protocol_is_a_failure(body: str | bytes) -> None:
    with pytest.raises(remote.BadAnswer):
        service.understand(body.encode() if isinstance(body, str) else body)


def test_a_reason_is_one_line_that_every_database_keeps() -> None:
    said = {"verdict": "hold", "reason": "a\x00b\ud800c\u202ed\n\n e" + "x" * 500}
    reason = service.understand(json.dumps(said).encode()).reason
    assert reason.startswith("a b c d ex")
    assert len(reason) == 200


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=5,
)
verdicts = st.sampled_from(["accept", "hold", "reject", "spam"])


@given(
    st.fixed_dictionaries(
        {"verdict": verdicts | json_values},
        optional={"reason": st.text() | json_values, "score": st.floats(0, 1) | json_values},
    )
)
def test_an_answer_is_understood_or_refused(said: dict[str, Any]) -> None:
    try:
        finding = service.understand(json.dumps(said).encode())
    except remote.BadAnswer:
        return
    assert finding.outcome.name.lower() == said["verdict"]
    assert finding.score is None or 0 <= finding.score <= 1
    assert finding.reason.isprintable()
    assert len(finding.reason) <= 200


@given(st.binary())
def test_any_bytes_are_understood_or_refused(body: bytes) -> None:
    try:
        service.understand(body)
    except remote.BadAnswer:
        return
