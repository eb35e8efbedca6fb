"""What a challenge asks for, and whether a reader typed it."""

import hashlib
import hmac
import itertools
import unicodedata

ANSWER_LENGTH = 32


def drawn(seed: bytes, signs: str, length: int) -> str:
    """Return `length` of the signs, all equally likely; the same ones for the same seed."""
    # Bytes beyond the last whole multiple would make the first signs likelier.
    fair = 256 - 256 % len(signs)
    # At least every second byte is fair, so this is many times what is needed.
    stream = hashlib.shake_256(seed).digest(64 * length)
    taken = itertools.islice((byte for byte in stream if byte < fair), length)
    return "".join(signs[byte % len(signs)] for byte in taken)


def matches(text: str, answer: str) -> bool:
    """Tell whether a reader who typed `answer` read `text`; case and spaces don't matter."""
    if len(answer) > ANSWER_LENGTH:
        return False
    typed = "".join(unicodedata.normalize("NFKC", answer).upper().split())
    return hmac.compare_digest(typed.encode(errors="replace"), text.encode())
