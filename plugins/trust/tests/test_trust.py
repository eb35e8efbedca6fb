"""Who is published at once, on a site that holds everybody else."""

from flask import Flask

from comments_service.testing import Dashboard, MakeApp, Reader, add_site

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

WORDS = ["Đường đã sửa xong.", "Đèn đường sáng hơn trước.", "Cảm ơn các bác tổ dân phố."]


def with_history(app: Flask, dashboard: Dashboard, *actions: str) -> Reader:
    """Return a reader of whose comments the first got the first of `actions`, and so on."""
    reader = Reader(app)
    for number, action in enumerate(actions):
        response = reader.comment(f"{WORDS[number]} ({number})")
        assert response.status_code == 202
        dashboard.decide(action, number + 1)
    return reader


def test_who_was_approved_often_enough_is_published(app: Flask, dashboard: Dashboard) -> None:
    reader = with_history(app, dashboard, "approve", "approve")

    assert reader.comment("Lần thứ ba").status_code == 200
    assert "Lần thứ ba" in Reader(app).view("comments")["widgets"]["comments"]


def test_who_was_approved_too_seldom_waits(app: Flask, dashboard: Dashboard) -> None:
    assert with_history(app, dashboard, "approve").comment("Lần thứ hai").status_code == 202


def test_who_was_ever_refused_waits(app: Flask, dashboard: Dashboard) -> None:
    reader = with_history(app, dashboard, "approve", "reject", "approve")

    assert reader.comment("Lần thứ tư").status_code == 202


def test_somebody_else_waits(app: Flask, dashboard: Dashboard) -> None:
    with_history(app, dashboard, "approve", "approve")

    assert Reader(app).comment("Tôi mới đến").status_code == 202


def test_what_was_approved_on_another_site_counts_for_nothing(
    app: Flask, dashboard: Dashboard
) -> None:
    add_site(app, "other", trust={"after": "2"})
    known = with_history(app, dashboard, "approve", "approve")

    there = Reader(app, site="other", visitor=known.visitor)

    assert there.comment("Ở trang khác").status_code == 202


def test_trusts_nobody_unless_the_site_says_so(make_app: MakeApp) -> None:
    app = make_app(plugins="captcha,comments,trust")
    add_site(app)
    core = app.extensions["comments_service"]
    core.accounts.save(Dashboard.NAME, Dashboard.PASSWORD)
    dashboard = Dashboard(app)
    dashboard.log_in()

    reader = with_history(app, dashboard, "approve", "approve", "approve")

    assert reader.comment("Lần thứ tư").status_code == 202
