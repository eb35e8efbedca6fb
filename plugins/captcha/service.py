"""Whether what a reader typed is what was asked for."""

import hmac
import unicodedata

ANSWER_LENGTH = 32


def matches(text: str, answer: str) -> bool:
    """Tell whether a reader who typed `answer` read `text`; case and spaces don't matter."""
    if len(answer) > ANSWER_LENGTH:
        return False
    typed = "".join(unicodedata.normalize("NFKC", answer).upper().split())
    return hmac.compare_digest(typed.encode(errors="replace"), text.encode())
