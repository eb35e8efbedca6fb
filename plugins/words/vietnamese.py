"""How Vietnamese is written: which words are syllables of it, and where their tones are."""

import re
import unicodedata

GRAVE, ACUTE, TILDE, HOOK, DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"
_TONE = re.compile(f"[{GRAVE}{ACUTE}{TILDE}{HOOK}{DOT}]")

_INITIALS = "b|ch?|d|đ|gh?|gi|h|kh?|l|m|n|nh|ngh?|ph?|qu|r|s|th?|tr|v|x"
_OPEN_RHYMES = (
    "a|ai|am|an|ang|anh|ao|au|ay|ăm|ăn|ăng|âm|ân|âng|âu|ây"
    "|e|em|en|eng|eo|ê|êm|ên|êng|ênh|êu"
    "|i|ia|im|in|inh|iu|iêm|iên|iêng|iêu"
    "|o|oa|oai|oam|oan|oang|oanh|oao|oay|oăm|oăn|oăng|oe|oem|oen|oeo|oi|om|on|ong|oong"
    "|ô|ôi|ôm|ôn|ông|ơ|ơi|ơm|ơn"
    "|u|ua|uân|uâng|uây|uê|uênh|ui|um|un|ung|uôi|uôm|uôn|uông|uơ|uy|uya|uyên|uynh|uyu"
    "|ư|ưa|ưi|ưm|ưn|ưng|ưu|ươi|ươm|ươn|ương|ươu"
    "|y|yêm|yên|yêng|yêu"
)
_STOPPED_RHYMES = (
    "ac|ach|ap|at|ăc|ăp|ăt|âc|âp|ât|ec|ep|et|êch|êp|êt|ich|ip|it|iêc|iêp|iêt"
    "|oac|oach|oap|oat|oăc|oăt|oc|oet|ooc|op|ot|ôc|ôp|ôt|ơp|ơt"
    "|uât|uc|uêch|uôc|uôt|up|ut|uych|uyêt|uyt|ưc|ưt|ươc|ươp|ươt|yêt"
)
_OPEN = re.compile(f"(?:{_INITIALS})?(?:{_OPEN_RHYMES})")
_STOPPED = re.compile(f"(?:{_INITIALS})?(?:{_STOPPED_RHYMES})")


def part(word: str) -> tuple[str, str]:
    """Return the letters of `word` with all their marks but the tone, and the tone."""
    decomposed = unicodedata.normalize("NFD", word)
    tone = "".join(_TONE.findall(decomposed))
    return unicodedata.normalize("NFC", _TONE.sub("", decomposed)), tone


def is_syllable(letters: str, tone: str) -> bool:
    """Tell whether a word in these parts is written as Vietnamese words are.

    "cac" is not: a syllable that ends in c, ch, p or t has an acute or a dot below.
    """
    if _STOPPED.fullmatch(letters):
        return tone in (ACUTE, DOT)
    return len(tone) <= 1 and _OPEN.fullmatch(letters) is not None
