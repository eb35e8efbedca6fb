import pytest
from flask import Flask

from comments_service.testing import MakeApp, add_site

QUESTIONS = "Thủ đô nước ta là gì? = Hà Nội | thành phố Hà Nội\n\n1 + 2 = ? = 3 | ba"
OTHERS = "Một tuần có mấy ngày? = 7 | bảy"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with this plugin; `portal` has questions, `other` others, `bare` none."""
    app = make_app(plugins="comments,question")
    open_comments = {"hold": "no"}
    add_site(app, comments=open_comments, question={"questions": QUESTIONS})
    add_site(app, "other", comments=open_comments, question={"questions": OTHERS})
    add_site(app, "bare", comments=open_comments)
    return app
