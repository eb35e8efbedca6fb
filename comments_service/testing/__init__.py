"""Fixtures and helpers for tests of the service and of plugins: pytest -p comments_service.testing.

Every test that asks for `app` runs twice, on SQLite and on PostgreSQL, each time on a migrated and
empty database: real commits, real constraints.
"""

# The service is imported in fixtures: what is loaded with -p runs before coverage begins.
from comments_service.testing.clients import (
    BROWSER,
    ORIGIN,
    PAGE,
    SITE,
    Dashboard,
    Frame,
    Reader,
    answer_to,
)
from comments_service.testing.databases import (
    STORES,
    PostgresDatabase,
    database_url,
    postgres_database,
    postgres_url,
    pytest_generate_tests,
    sqlite_template,
)
from comments_service.testing.doubles import Double, listening
from comments_service.testing.html import element, elements, hidden_fields, linked_data
from comments_service.testing.service import (
    PATIENCE_SECONDS,
    SECRET_KEY,
    MakeApp,
    add_site,
    app,
    core,
    counted_statements,
    dashboard,
    make_app,
    reader,
    row_counts,
)

__all__ = [
    "BROWSER",
    "ORIGIN",
    "PAGE",
    "PATIENCE_SECONDS",
    "SECRET_KEY",
    "SITE",
    "STORES",
    "Dashboard",
    "Double",
    "Frame",
    "MakeApp",
    "PostgresDatabase",
    "Reader",
    "add_site",
    "answer_to",
    "app",
    "core",
    "counted_statements",
    "dashboard",
    "database_url",
    "element",
    "elements",
    "hidden_fields",
    "linked_data",
    "listening",
    "make_app",
    "postgres_database",
    "postgres_url",
    "pytest_generate_tests",
    "reader",
    "row_counts",
    "sqlite_template",
]
