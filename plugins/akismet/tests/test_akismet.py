"""Comments that Akismet is asked about: what becomes of them, and what moderators are told."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments_service import create_app
from comments_service.config import ConfigError
from comments_service.models import Envelope, FilterVerdict
from comments_service.testing import SECRET_KEY, MakeApp, Reader, add_site

from .conftest import ADDRESS, KEY, AkismetDouble

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)


def make(make_app: MakeApp, double: AkismetDouble, **texts: str) -> Flask:
    """Make a service that asks the double, and the site `portal` that holds nothing by itself."""
    asked = {"akismet_key": KEY, "akismet_user_ip": ADDRESS, "akismet_url": double.url}
    app = make_app(plugins="akismet,captcha,comments", **{**asked, **texts})
    add_site(app, comments={"hold": "no"})
    return app


def judged(app: Flask) -> list[tuple[Any, ...]]:
    """Return the status of each submission, with the reason that Akismet gave for it."""
    core = app.extensions["comments_service"]
    mine = sa.and_(FilterVerdict.submission_id == Envelope.id, FilterVerdict.filter == "akismet")
    query = sa.select(Envelope.status, FilterVerdict.reason).join(FilterVerdict, mine, isouter=True)
    with core.db.read() as session:
        return [tuple(row) for row in session.execute(query)]


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("Bài viết rất hữu ích.", "published", None),
        ("blatant", "spam", "Akismet cho rằng đây rõ ràng là spam."),
        ("garbage", "held", "Akismet không đưa ra kết luận; xem nhật ký của dịch vụ."),
        ("slow", "held", "Không liên lạc được với Akismet trong 1 giây."),
    ],
)
def test_akismet_decides(
    make_app: MakeApp, double: AkismetDouble, text: str, status: str, reason: str | None
) -> None:
    app = make(make_app, double, akismet_timeout="1" if text == "slow" else "10")
    Reader(app).comment(text)
    assert judged(app) == [(status, reason)]


def test_spam_by_the_documented_author(make_app: MakeApp, double: AkismetDouble) -> None:
    app = make(make_app, double)
    Reader(app).comment(name="akismet-guaranteed-spam")
    assert judged(app) == [("spam", "Akismet cho rằng đây là spam.")]


def test_its_author_is_told_no_more_than_that_it_is_held(
    make_app: MakeApp, double: AkismetDouble
) -> None:
    app = make(make_app, double)
    assert Reader(app).comment("blatant").status_code == 202


def test_an_operator_may_do_without_an_answer(make_app: MakeApp, double: AkismetDouble) -> None:
    app = make(make_app, double, akismet_on_failure="ignore")
    Reader(app).comment("garbage")
    assert judged(app) == [("published", None)]


def test_without_a_key_nobody_is_asked(make_app: MakeApp, double: AkismetDouble) -> None:
    app = make(make_app, double, akismet_key="", akismet_user_ip="")
    Reader(app).comment("blatant")
    assert judged(app) == [("published", None)]
    assert double.asked == []


def test_no_address_of_the_reader_is_sent(make_app: MakeApp, double: AkismetDouble) -> None:
    app = make(make_app, double)
    Reader(app, address="203.0.113.77").comment()
    [request] = double.asked
    assert "203.0.113" not in str(request.form) + str(request.headers)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"akismet_key": KEY}, "192.0.2.1"),
        ({"akismet_user_ip": "somewhere"}, "COMMENTS_AKISMET_USER_IP is an IP address"),
        ({"akismet_url": "rest.akismet.com"}, "COMMENTS_AKISMET_URL is like https://"),
        ({"akismet_timeout": "0"}, "COMMENTS_AKISMET_TIMEOUT goes from 1 to 10"),
        ({"akismet_timeout": "11"}, "COMMENTS_AKISMET_TIMEOUT goes from 1 to 10"),
        ({"akismet_on_failure": "accept"}, "COMMENTS_AKISMET_ON_FAILURE is hold or ignore"),
    ],
)
def test_settings_that_can_not_work_are_refused(
    tmp_path: Path, texts: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        create_app({"instance": str(tmp_path), "secret_key": SECRET_KEY, **texts})
