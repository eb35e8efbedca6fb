"""The filter as readers and moderators meet it."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from comments_service.plugins.learning.plugin import LearningSettings, LearningSiteSettings
from flask import Flask

from comments_service.core import Core
from comments_service.models import REASON_LENGTH, Envelope, FilterVerdict, Status
from comments_service.testing import SITE, Dashboard, Reader, add_site
from comments_service.verdicts import Outcome

TRAINED = "trained"
FEW = {"at_least": "3"}
WANTED = ["Đường ra bến đò ngập quá", "Cảm ơn các cô giáo đã dạy cháu", "Bao giờ thì sửa xong cầu"]
SPAM = ["Vay tiền nhanh lãi thấp", "Vay tiền nhanh không thế chấp", "Cần tiền gấp vay tiền nhanh"]
WORST = "Vay tiền nhanh lãi thấp không thế chấp"


@pytest.fixture
def trained(app: Flask, core: Core, dashboard: Dashboard) -> Reader:
    """Return a reader of a site whose moderators have decided on a few comments."""
    add_site(app, TRAINED, learning=FEW)
    reader = Reader(app, site=TRAINED)
    for _ in range(2):
        for text in WANTED:
            dashboard.decide("approve", send(core, reader, text).id)
        for text in SPAM:
            dashboard.decide("spam", send(core, reader, text).id)
    return reader


def send(core: Core, reader: Reader, text: str, name: str = "Lan") -> Envelope:
    assert reader.comment(text, name=name).status_code in (200, 202)
    with core.db.read() as session:
        return session.scalars(sa.select(Envelope).order_by(Envelope.id.desc()).limit(1)).one()


def said(core: Core, envelope: Envelope) -> FilterVerdict | None:
    with core.db.read() as session:
        return session.scalar(
            sa.select(FilterVerdict).where(
                FilterVerdict.submission_id == envelope.id, FilterVerdict.filter == "learning"
            )
        )


def set_up(core: Core, **settings: Any) -> None:  # noqa: ANN401 (texts by name)
    from comments_service import sites  # noqa: PLC0415

    with core.db.write() as session:
        sites.get(session, TRAINED).settings = {"learning": {**FEW, **settings}}


def test_decisions_train_and_spam_is_kept_out_with_its_reason(core: Core, trained: Reader) -> None:
    envelope = send(core, trained, WORST)

    verdict = said(core, envelope)
    assert envelope.status is Status.SPAM
    assert verdict is not None
    assert verdict.score is not None
    assert verdict.score > 0.98
    told = r"Học từ 6 bình luận đã đăng và \d bình luận rác: khả năng là rác 9\d(,\d)?%\."
    assert re.match(told, verdict.reason)
    assert "vay tiền nhanh" in verdict.reason
    assert len(verdict.reason) <= REASON_LENGTH


def test_what_resembles_the_wanted_gets_no_verdict(core: Core, trained: Reader) -> None:
    envelope = send(core, trained, "Cầu sửa xong thì đường hết ngập")

    assert envelope.status is Status.HELD
    assert said(core, envelope) is None


def test_thresholds_are_the_sites_own(core: Core, trained: Reader) -> None:
    set_up(core, spam_above="100")
    held = send(core, trained, WORST)
    set_up(core, hold_above="100", spam_above="100")
    silent = send(core, trained, WORST)
    set_up(core, accept_below="40")
    accepted = send(core, trained, "Đường ra bến đò ngập quá, bao giờ sửa")

    assert held.status is Status.HELD
    assert said(core, held) is not None
    assert said(core, silent) is None
    assert accepted.status is Status.PUBLISHED


def test_a_changed_decision_is_learned_anew(
    core: Core, trained: Reader, dashboard: Dashboard
) -> None:
    with core.db.read() as session:
        spam = session.scalars(sa.select(Envelope.id).where(Envelope.status == Status.SPAM)).all()
    dashboard.decide("approve", *spam)

    assert said(core, send(core, trained, WORST)) is None


def test_another_site_knows_nothing_of_it(core: Core, trained: Reader, app: Flask) -> None:
    add_site(app, "third", learning=FEW)

    assert said(core, send(core, Reader(app, site="third"), WORST)) is None


def test_another_process_knows_it_at_once(
    app: Flask, core: Core, trained: Reader, dashboard: Dashboard
) -> None:
    del dashboard
    from comments_service import create_app  # noqa: PLC0415
    from comments_service.testing import SECRET_KEY  # noqa: PLC0415

    url = core.db.engine.url.render_as_string(hide_password=False)
    second = create_app(
        {
            "database_url": url,
            "secret_key": SECRET_KEY,
            "instance": str(core.settings.instance),
            "plugins": "comments,captcha,learning",
        }
    )
    reader = Reader(second, site=TRAINED)
    before = send(core, reader, WORST)
    decide = Dashboard(app)
    decide.log_in()
    with core.db.read() as session:
        spam = session.scalars(sa.select(Envelope.id).where(Envelope.status == Status.SPAM)).all()
    decide.decide("approve", *spam)
    after = send(core, reader, WORST)
    second.extensions["comments_service"].db.engine.dispose()

    assert said(core, before) is not None
    assert said(core, after) is None


def test_twenty_of_each_are_needed_by_default(core: Core, reader: Reader) -> None:
    assert reader.site == SITE
    assert LearningSiteSettings().at_least == 20
    assert said(core, send(core, reader, WORST)) is None


@pytest.mark.parametrize(
    ("score", "outcome"),
    [(0.0, None), (0.5, None), (0.8, Outcome.HOLD), (0.979, Outcome.HOLD), (0.98, Outcome.SPAM)],
)
def test_outcomes_by_default(score: float, outcome: Outcome | None) -> None:
    assert LearningSiteSettings().outcome(score) is outcome


def test_one_hundred_percent_is_never() -> None:
    settings = LearningSiteSettings(hold_above=100, spam_above=100)

    assert settings.outcome(1.0) is None


@pytest.mark.parametrize(
    "bad",
    [
        {"at_least": 0},
        {"hold_above": 99},
        {"spam_above": 101},
        {"accept_below": -1},
        {"accept_below": 81},
    ],
)
def test_settings_that_make_no_sense_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"learning\."):
        LearningSiteSettings(**bad)


def test_a_process_keeps_at_least_one_site() -> None:
    with pytest.raises(ValueError, match="COMMENTS_LEARNING_SITES"):
        LearningSettings(sites=0)
