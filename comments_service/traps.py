"""What programs do and readers don't: fill in a hidden field, answer at once."""

import datetime
from collections.abc import Mapping
from typing import Final

from flask_babel import gettext, lazy_gettext

from comments_service.challenges import Challenge, Rung
from comments_service.identity import Keys
from comments_service.judging import Given
from comments_service.models import Site
from comments_service.verdicts import Outcome, Verdict

FILTER: Final = "form"
TITLE: Final = lazy_gettext("Form")
# What programs that fill in forms look for.
_NAMES: Final = ("website", "homepage", "url", "company", "address2")


def field_name(keys: Keys, site: Site) -> str:
    """Return the name of the hidden field: another one at every site."""
    number = int(keys.digest("trap", site.key)[:8], 16)
    return f"{_NAMES[number % len(_NAMES)]}{number % 97}"


def judge(
    challenge: Challenge,
    answer: Mapping[str, str],
    *,
    asked: Rung,
    is_sure: bool,
    trap: str,
    shortest: datetime.timedelta,
    now: datetime.datetime,
) -> list[Given]:
    """Return what speaks against the sender of `answer`.

    `is_sure`: the sender solved all that is asked of them.
    """
    given = []
    if not is_sure:
        given.append(
            Verdict(Outcome.HOLD, gettext("The sender solved less than the site asks for now."))
        )
    if asked is Rung.HOLD:
        given.append(
            Verdict(Outcome.HOLD, gettext("For now a moderator reads whatever strangers send."))
        )
    if answer.get(trap):
        given.append(Verdict(Outcome.SPAM, gettext("The hidden field of the form was filled in.")))
    # The token's clock ticks in seconds.
    age = max(now.replace(microsecond=0) - challenge.issued_at, datetime.timedelta())
    if age < shortest:
        given.append(
            Verdict(
                Outcome.HOLD,
                gettext("Sent %(seconds)s s after the form was opened.", seconds=age.seconds),
            )
        )
    return [Given(FILTER, verdict) for verdict in given]
