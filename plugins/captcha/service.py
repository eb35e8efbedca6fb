"""Letters and their image: which letters a challenge asks for, and how they are drawn."""

import base64
import hashlib
import hmac
import unicodedata

from captcha.image import ImageCaptcha

# Without letters and digits that look alike.
ALPHABET = "ACEFHJKMNPRTUXY3479"
WIDTH, HEIGHT = 240, 80
ANSWER_LENGTH = 32

_image = ImageCaptcha(width=WIDTH, height=HEIGHT)


def letters(secret: bytes, length: int) -> str:
    """Return the `length` letters that a challenge with this secret asks for."""
    draws = hashlib.shake_256(secret).digest(4 * length)
    numbers = (int.from_bytes(draws[i : i + 4]) for i in range(0, len(draws), 4))
    return "".join(ALPHABET[number % len(ALPHABET)] for number in numbers)


def draw(text: str) -> str:
    """Return the image of `text` as a data: URL, so that it is drawn once and asked for never."""
    png = _image.generate(text, format="png").getvalue()
    return "data:image/png;base64," + base64.b64encode(png).decode()


def matches(text: str, answer: str) -> bool:
    """Tell whether a reader who typed `answer` read `text`; case and spaces don't matter."""
    if len(answer) > ANSWER_LENGTH:
        return False
    typed = "".join(unicodedata.normalize("NFKC", answer).upper().split())
    return hmac.compare_digest(typed.encode(errors="replace"), text.encode())
