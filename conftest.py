"""How Hypothesis looks for examples, in every test."""

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
