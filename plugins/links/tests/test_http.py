"""What becomes of comments with addresses, and what moderators are told of it."""

import pytest
import sqlalchemy as sa
from flask import Flask

from comments_service.core import Core
from comments_service.models import Envelope, FilterVerdict, Site, Status
from comments_service.testing import Reader, add_site

from .conftest import OPEN

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)


@pytest.fixture
def reader(app: Flask) -> Reader:
    """Return a reader of the site whose comments are public at once."""
    return Reader(app, site=OPEN)


def told(core: Core) -> tuple[Status, str]:
    """Return where the newest submission stands, and the reason."""
    with core.db.read() as session:
        newest = sa.select(Envelope).order_by(Envelope.id.desc()).limit(1)
        envelope = session.scalars(newest).one()
        reason = session.scalar(
            sa.select(FilterVerdict.reason).where(
                FilterVerdict.submission_id == envelope.id, FilterVerdict.filter == "links"
            )
        )
        return envelope.status, reason or ""


def test_an_address_from_somebody_new_is_held(core: Core, reader: Reader) -> None:
    reader.comment("Xem abc.xyz nhé")
    assert told(core) == (
        Status.HELD,
        "Số địa chỉ trong nội dung: 1; cho phép với người mới: 0.",
    )


def test_a_text_without_addresses_passes(core: Core, reader: Reader) -> None:
    reader.comment("Cảm ơn tác giả, xem thêm ở https://portal.example/bai-2")
    assert told(core) == (Status.PUBLISHED, "")


def test_the_email_address_is_no_link_and_the_name_none(core: Core, reader: Reader) -> None:
    reader.comment("Bài rất hay", email="lan@gmail.com")
    assert told(core) == (Status.PUBLISHED, "")
    reader.comment("Bài hay lắm", name="www.abc.com")
    assert told(core) == (Status.HELD, "Tên người gửi là một địa chỉ: www.abc.com.")


def test_the_reason_is_in_the_sites_language_whatever_the_readers(
    app: Flask, core: Core, reader: Reader
) -> None:
    reader.lang = "en"
    reader.comment("https://vietcombank.com.vn@evil.test/")
    assert "thực ra dẫn đến evil.test" in told(core)[1]
    add_site(app, "english", comments={"hold": "no"})
    with core.db.write() as session:
        session.execute(sa.update(Site).where(Site.key == "english").values(locale="en"))
    Reader(app, site="english", lang="vi").comment("https://vietc0mbank.top")
    assert "The host vietc0mbank.top looks like vietcombank.com.vn." in told(core)[1]


def test_a_site_sets_its_own_rules(app: Flask, core: Core) -> None:
    add_site(
        app,
        "own",
        comments={"hold": "no"},
        links={"max": "1", "max_new": "1", "allow": "baochinhphu.vn", "protected": "mydomain.vn"},
    )
    reader = Reader(app, site="own")
    reader.comment("abc.xyz baochinhphu.vn vanban.baochinhphu.vn")
    assert told(core)[0] is Status.PUBLISHED
    reader.comment("abc.xyz def.xyz")
    assert told(core) == (Status.HELD, "Số địa chỉ trong nội dung: 2; cho phép: 1.")
    reader.comment("mydoma1n.vn")
    assert told(core) == (Status.HELD, "Tên miền mydoma1n.vn giống với mydomain.vn.")


def test_a_wave_for_one_domain_is_one_in_the_queue(core: Core, app: Flask) -> None:
    for i in range(3):
        Reader(app, site=OPEN, address=f"203.0.113.{i}").comment(f"Lời {i}: https://abc.xyz/{i}")
    with core.db.read() as session:
        waves = session.scalars(sa.select(Envelope.cluster)).all()
    assert len(waves) == 3
    assert len(set(waves)) == 1
    assert None not in waves
