"""What becomes of comments in other languages, and what moderators are told of it."""

import pytest
import sqlalchemy as sa
from flask import Flask

from comments_service.core import Core
from comments_service.models import Envelope, FilterVerdict, Status
from comments_service.testing import Reader, add_site

from .conftest import OPEN

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

RUSSIAN = "Быстрые займы без справок и поручителей, оформите заявку за пять минут"
SPANISH = "Este artículo me parece muy interesante y quiero felicitar a todos los que trabajan."


def told(core: Core) -> tuple[Status, str | None]:
    with core.db.read() as session:
        envelope = session.scalars(sa.select(Envelope)).one()
        return envelope.status, session.scalar(sa.select(FilterVerdict.reason))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            RUSSIAN,
            "Viết bằng hệ chữ khác (Chữ Kirin) với các ngôn ngữ của trang: Tiếng Việt, Tiếng Anh.",
        ),
        (SPANISH, "Có vẻ không thuộc ngôn ngữ nào của trang: Tiếng Việt, Tiếng Anh."),
    ],
)
def test_another_language_is_held(app: Flask, core: Core, text: str, reason: str) -> None:
    Reader(app, site=OPEN, lang="en").comment(text)
    assert told(core) == (Status.HELD, reason)


@pytest.mark.parametrize("text", ["Duong vao thon toi hong nang tu mua mua nam ngoai", "Хорошо!"])
def test_what_fits_or_is_short_passes(app: Flask, core: Core, text: str) -> None:
    Reader(app, site=OPEN).comment(text)
    assert told(core) == (Status.PUBLISHED, None)


def test_a_site_says_which_languages_it_takes(app: Flask, core: Core) -> None:
    add_site(app, "own", comments={"hold": "no"}, language={"accepted": "vi,ru"})
    Reader(app, site="own").comment(RUSSIAN)
    assert told(core) == (Status.PUBLISHED, None)
