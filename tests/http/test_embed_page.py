"""The dashboard's pages for webmasters: what to paste into a site."""

import html
import re

import pytest
from flask import Flask

from comments_service import snippets
from comments_service.core import Core
from comments_service.testing import ORIGIN, SITE, Dashboard, MakeApp, elements

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

PATHS = ("/admin/sites/", f"/admin/sites/{SITE}/")


@pytest.mark.parametrize("path", PATHS)
def test_strangers_are_sent_to_log_in(app: Flask, path: str) -> None:
    response = Dashboard(app).get(path)
    assert (response.status_code, response.location) == (303, "/admin/login")


def test_the_navigation_leads_there(dashboard: Dashboard) -> None:
    page = dashboard.get("/admin/").text
    assert "Nhúng vào trang" in page
    assert {"href": "/admin/sites/"} in [has for tag, has in elements(page) if tag == "a"]


def test_every_site_is_listed_with_its_origins(dashboard: Dashboard) -> None:
    page = dashboard.get("/admin/sites/").text
    assert "Cổng thông tin" in page
    assert ORIGIN in page
    assert f'href="/admin/sites/{SITE}/"' in page


def test_without_a_site_the_command_is_told(make_app: MakeApp) -> None:
    app = make_app()
    core: Core = app.extensions["comments_service"]
    core.accounts.save(Dashboard.NAME, Dashboard.PASSWORD)
    dashboard = Dashboard(app)
    dashboard.log_in()
    assert "comments-service site add" in dashboard.get("/admin/sites/").text


def test_every_snippet_is_shown_with_its_policy(dashboard: Dashboard) -> None:
    page = dashboard.get(f"/admin/sites/{SITE}/").text
    names = [has["id"] for tag, has in elements(page) if tag == "h2"]
    assert names == ["attack", *(kind.name for kind in snippets.KINDS), "stars"]
    shown = [
        html.unescape(code) for code in re.findall(r"<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)
    ]
    assert shown[0].startswith('<script async src="http://localhost/embed.js"')
    assert len(shown) == len(snippets.KINDS)
    assert "script-src http://localhost; connect-src http://localhost" in page
    assert [tag for tag, _has in elements(page) if tag in ("iframe", "comments-service")] == []


def test_the_rule_of_stars_is_explained(dashboard: Dashboard) -> None:
    page = dashboard.get(f"/admin/sites/{SITE}/").text
    assert f"comments-service site set {SITE} rating.schema=Product" in page
    assert "SoftwareApplication" in page


@pytest.mark.parametrize("key", ["nothing", "A B", "%00", "x" * 200])
def test_an_unknown_site_is_not_found(dashboard: Dashboard, key: str) -> None:
    response = dashboard.get(f"/admin/sites/{key}/")
    assert response.status_code == 404
