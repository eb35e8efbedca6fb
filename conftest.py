"""How Hypothesis looks for examples, and what order tests are in."""

import pytest
from hypothesis import HealthCheck, settings

# The same examples everywhere, however slow the machine: what fails, fails again.
settings.register_profile(
    "service",
    deadline=None,
    derandomize=True,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("service")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser's tests last: their event loop goes on, and no other can run beside it."""
    items.sort(key=lambda item: item.nodeid.startswith("tests/browser/"))
