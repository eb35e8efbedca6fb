"""How long the statistics page takes on three years of a site like the seed's.

    python benchmarks/counters/statistics.py [--requests 200] [--database-url postgresql://…]

Invents the figures with `comments-service counters generate`, then asks for the page in turn with
each period that it offers, and with one that begins and ends within months, in this process.
"""

import argparse
import os
import statistics
import tempfile
import time

from comments_service import create_app, migrate, sites
from comments_service.cli import main as command_line
from comments_service.core import Core
from comments_service.testing import Dashboard

SITE = "portal"
SECRET_KEY = "a key for this measurement alone, and no other"  # noqa: S105
WITHIN_MONTHS = "from=2026-01-02&to=2026-03-30"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--database-url", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as instance:
        os.environ |= {"COMMENTS_INSTANCE": instance, "COMMENTS_SECRET_KEY": SECRET_KEY}
        if asked.database_url:
            os.environ["COMMENTS_DATABASE_URL"] = asked.database_url
        measure(asked.requests)


def measure(requests: int) -> None:
    app = create_app()
    core: Core = app.extensions["comments_service"]
    migrate.upgrade(core.db, migrate.histories(core.plugins))
    with core.db.write() as session:
        sites.add(session, SITE, name="Portal", origins=["https://portal.example"])
    command_line(["counters", "generate", SITE], standalone_mode=False)
    core.accounts.save(Dashboard.NAME, Dashboard.PASSWORD)
    dashboard = Dashboard(app)
    dashboard.log_in()
    today = time.strftime("%Y-%m-%d")
    three_years = f"from={int(today[:4]) - 3}{today[4:]}"
    periods = [f"period={name}" for name in ("today", "7days", "30days", "month", "year")]
    for query in (*periods, WITHIN_MONTHS, three_years):
        took = sorted(ask(dashboard, query) for _ in range(requests))
        p95 = took[int(0.95 * requests)]
        print(f"{query:32} median {statistics.median(took):6.1f} ms, p95 {p95:6.1f} ms")


def ask(dashboard: Dashboard, query: str) -> float:
    """Return how many milliseconds one answer takes."""
    started = time.perf_counter()
    response = dashboard.get(f"/admin/counters/?site={SITE}&{query}")
    took = 1000 * (time.perf_counter() - started)
    if response.status_code != 200:  # noqa: PLR2004
        raise SystemExit(f"{query}: {response.status}")
    return took


if __name__ == "__main__":
    main()
