"""How long the statistics page takes on three years of a site like the seed's.

    python benchmarks/counters/statistics_page.py [--requests 200] [--database-url postgresql://…]

Invents the figures with `comments-service stats generate`, then asks for the page in turn with
each period that it offers, and with one that begins and ends within months, in this process.
"""

import argparse
import os
import tempfile
import time

from comments_service import create_app, histories, migrate, sites
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
    migrate.upgrade(core.db, histories.every(core.plugins))
    with core.db.write() as session:
        sites.add(session, SITE, name="Portal", origins=["https://portal.example"])
    command_line(["stats", "generate", SITE], standalone_mode=False)
    core.accounts.save(Dashboard.NAME, Dashboard.PASSWORD)
    dashboard = Dashboard(app)
    dashboard.log_in()
    today = time.strftime("%Y-%m-%d")
    three_years = f"from={int(today[:4]) - 3}{today[4:]}"
    periods = [f"period={name}" for name in ("today", "7days", "30days", "month", "year")]
    print("milliseconds: median, p95; of these computing: median, p95")
    for query in (*periods, WITHIN_MONTHS, three_years):
        ask(dashboard, query)
        answers = [ask(dashboard, query) for _ in range(requests)]
        took, computed = (sorted(each) for each in zip(*answers, strict=True))
        median, p95 = requests // 2, int(0.95 * requests)
        print(
            f"{query:30} | {took[median]:5.1f} | {took[p95]:5.1f}"
            f" | {computed[median]:5.1f} | {computed[p95]:5.1f}"
        )


def ask(dashboard: Dashboard, query: str) -> tuple[float, float]:
    """Return the milliseconds that one answer takes, and those of them that it computes."""
    started, computing = time.perf_counter(), time.process_time()
    response = dashboard.get(f"/admin/counters/?site={SITE}&{query}")
    took, computed = time.perf_counter() - started, time.process_time() - computing
    if response.status_code != 200:  # noqa: PLR2004
        raise SystemExit(f"{query}: {response.status}")
    return 1000 * took, 1000 * computed


if __name__ == "__main__":
    main()
