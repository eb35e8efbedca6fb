"""Proof of work by the second protocol of ALTCHA, which its own widget and libraries solve too.

Nothing is kept for a task: it is signed with the secret of the challenge that it belongs to.
"""

import datetime
import secrets
from typing import Any

import altcha

ALGORITHM = "PBKDF2/SHA-256"
ITERATIONS = 1000
"""Of one key: about a millisecond of a browser, and of this service for each task that it sets."""
HARDEST = 4
"""How often the work may be doubled."""
MOST_KEYS = 4096
LIFETIME = datetime.timedelta(minutes=20)
ANSWER_LENGTH = 4096


def task(secret: bytes, keys: int, issued_at: datetime.datetime) -> dict[str, Any]:
    """Return a task that takes `keys` derivations on average, as ALTCHA's widget reads it."""
    challenge = altcha.create_challenge(
        ALGORITHM,
        ITERATIONS,
        # Which key is the right one is known: then checking an answer costs one hash.
        counter=1 + secrets.randbelow(2 * keys),
        expires_at=issued_at + LIFETIME,
        hmac_secret=secret,
        hmac_key_secret=secret[::-1],
    )
    return challenge.to_dict()


def is_done(secret: bytes, answer: str) -> bool:
    """Tell whether `answer`, base64 of JSON, solves a task that was signed with `secret`."""
    if not 0 < len(answer) <= ANSWER_LENGTH:
        return False
    result = altcha.verify_solution(answer, secret, hmac_key_secret=secret[::-1])
    return result.verified
