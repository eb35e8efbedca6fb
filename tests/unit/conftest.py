"""Hypothesis draws the same examples at every run, and no machine is too slow for it."""

from hypothesis import settings

settings.register_profile("service", deadline=None, derandomize=True, max_examples=200)
settings.load_profile("service")
