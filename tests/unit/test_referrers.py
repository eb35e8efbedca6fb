"""From which host a reader came, and what is none."""

import pytest

from comments_service import referrers
from comments_service.models import Site

SITE = Site(origins=["https://portal.example", "https://cong.example:8443"])


@pytest.mark.parametrize(
    ("said", "host"),
    [
        ("https://Tinh.Example/a?b#c", "tinh.example"),
        ("tinh.example:8443", "tinh.example"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("xn--tnh-tla.example.", "xn--tnh-tla.example"),
        ("localhost", "localhost"),
        # The site itself.
        ("https://portal.example/khac", ""),
        ("cong.example", ""),
        # No names.
        ("", ""),
        ("https://203.0.113.9/", ""),
        ("https://[2001:db8::1]/", ""),
        ("https://[::1", ""),
        ("https://<b>/", ""),
        ("//-.example", ""),
        ("a" * 254, ""),
        ("about:client", ""),
    ],
)
def test_hosts(said: str, host: str) -> None:
    assert referrers.host_of(said, SITE) == host
