"""Comments that a classifier is asked about: what becomes of them, and what moderators are told."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.wrappers import Response

from comments_service import create_app
from comments_service.config import ConfigError
from comments_service.models import Envelope, FilterVerdict
from comments_service.testing import SECRET_KEY, MakeApp, Reader, add_site

from .conftest import TOKEN, ClassifierDouble

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)


def make(make_app: MakeApp, double: ClassifierDouble, *, hold: str = "no", **texts: str) -> Flask:
    """Make a service that asks the double, and the site `portal`."""
    asked = {"classifier_url": double.url, "classifier_token": TOKEN}
    app = make_app(plugins="captcha,classifier,comments", **{**asked, **texts})
    add_site(app, comments={"hold": hold})
    return app


def judged(app: Flask) -> list[tuple[Any, ...]]:
    """Return the status of each submission, with what the classifier said of it."""
    core = app.extensions["comments_service"]
    mine = sa.and_(FilterVerdict.submission_id == Envelope.id, FilterVerdict.filter == "classifier")
    query = sa.select(Envelope.status, FilterVerdict.reason, FilterVerdict.score)
    with core.db.read() as session:
        return [
            tuple(row) for row in session.execute(query.join(FilterVerdict, mine, isouter=True))
        ]


@pytest.mark.parametrize(
    ("verdict", "status"),
    [("accept", "published"), ("hold", "held"), ("reject", "rejected"), ("spam", "spam")],
)
@pytest.mark.parametrize("hold", ["yes", "no"])
def test_the_classifier_decides(
    make_app: MakeApp, double: ClassifierDouble, verdict: str, status: str, hold: str
) -> None:
    said = {"verdict": verdict, "reason": "ba liên kết", "score": 0.5}
    double.answer = Response(json.dumps(said))
    app = make(make_app, double, hold=hold)
    Reader(app).comment()
    assert judged(app) == [(status, "Bộ phân loại cho biết: ba liên kết", 0.5)]


def test_a_verdict_without_a_reason(make_app: MakeApp, double: ClassifierDouble) -> None:
    app = make(make_app, double)
    Reader(app).comment()
    assert judged(app) == [("held", "Bộ phân loại không nêu lý do.", None)]


@pytest.mark.parametrize(("on_failure", "status"), [("hold", "held"), ("ignore", "published")])
def test_a_broken_answer(
    make_app: MakeApp, double: ClassifierDouble, on_failure: str, status: str
) -> None:
    double.answer = Response('{"verdict": "accept", "score": 7}')
    app = make(make_app, double, classifier_on_failure=on_failure)
    Reader(app).comment()
    reason = "Không dùng được câu trả lời của bộ phân loại; xem nhật ký của dịch vụ."
    assert judged(app) == [(status, reason if on_failure == "hold" else None, None)]


def test_an_answer_that_is_not_whole_in_time(make_app: MakeApp, double: ClassifierDouble) -> None:
    double.answer = Response(double.drip())
    app = make(make_app, double, classifier_timeout="1")
    Reader(app).comment()
    assert judged(app) == [("held", "Không liên lạc được với bộ phân loại trong 1 giây.", None)]


def test_without_an_address_nobody_is_asked(make_app: MakeApp, double: ClassifierDouble) -> None:
    app = make(make_app, double, classifier_url="")
    Reader(app).comment()
    assert judged(app) == [("published", None, None)]
    assert double.asked == []


def test_nothing_that_a_reader_wrote_is_logged_nor_the_token(
    make_app: MakeApp, double: ClassifierDouble, caplog: pytest.LogCaptureFixture
) -> None:
    double.answer = Response("Một lời rất riêng")
    Reader(make(make_app, double)).comment("Một lời rất riêng")
    assert "no verdict from the classifier: no JSON" in caplog.text
    assert "riêng" not in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"classifier_url": "classifier.example"}, "COMMENTS_CLASSIFIER_URL is like https://"),
        ({"classifier_url": "https://me:secret@example.com/"}, "COMMENTS_CLASSIFIER_URL is like"),
        ({"classifier_token": "two\nlines"}, "COMMENTS_CLASSIFIER_TOKEN holds what no HTTP"),
        ({"classifier_token": "mật"}, "COMMENTS_CLASSIFIER_TOKEN holds what no HTTP"),
        ({"classifier_timeout": "0"}, "COMMENTS_CLASSIFIER_TIMEOUT goes from 1 to 10"),
        ({"classifier_on_failure": "accept"}, "COMMENTS_CLASSIFIER_ON_FAILURE is hold or ignore"),
    ],
)
def test_settings_that_can_not_work_are_refused(
    tmp_path: Path, texts: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as refusal:
        create_app({"instance": str(tmp_path), "secret_key": SECRET_KEY, **texts})
    assert "secret" not in str(refusal.value)
