"""Whether words in Latin letters could be Vietnamese, with marks or without, or English."""

import functools
import re
import unicodedata

# A Vietnamese word is one syllable: a beginning of this list and an end of the other, as they are
# left without marks.
_BEGINS = "b|ch?|d|gh?|gi|h|kh?|l|m|n|ngh?|nh|ph?|qu|r|s|th?|tr|v|x"
_ENDS = """
a(?:c|ch|i|m|n|ng|nh|o|p|t|u|y)? |
e(?:c|ch|m|n|ng|nh|o|p|t|u)? |
i(?:a|ch|m|n|nh|p|t|u|e(?:c|m|n|ng|p|t|u))? |
y(?:e(?:m|n|ng|t|u))? |
o(?:c|i|m|n|ng|p|t|oc|ong|a(?:c|ch|i|m|n|ng|nh|o|p|t|y)?|e(?:m|n|o|t)?)? |
u(?:c|i|m|n|ng|p|t|u|a(?:c|n|ng|nh|t|y)?|e(?:ch|n|nh|o|t)?|o(?:c|i|m|n|ng|p|t|u)?
  |y(?:a|ch|en|et|n|nh|t|u)?)?
"""
_SYLLABLE = re.compile(f"(?:{_BEGINS})?(?:{_ENDS})", re.VERBOSE)
_VOWEL = re.compile("[aeiouy]")
_WORDS = re.compile(r"[^\W\d_]+")
_LONGEST = len("nghieng")
# Words; of syllables there are fewer.
_REMEMBERED = 8192
# Leaves out the marks of decomposed letters; decomposition leaves one letter whole.
_UNMARKED = {**dict.fromkeys(range(0x300, 0x370)), ord("đ"): "d"}

# Words that hold English sentences together, and are no words of its neighbours.
_ENGLISH_TEXT = """
about after again all also am and another any are article as ask back bad be because been before
being best better both but by check click comment could day did does down each even every first for
found from get give go good got great had has have help her here high him his how if information
into is its job just keep know last let life like line link little long look love made make many
more most much must my need never new news next nice now of off one only or other our out over own
page people place please point post prices read real really right said same save say see service
should site some still such sure take tell thank thanks their there these they thing things think
this those three through time too try two under up us use used very want was way we website well
were what when where which while who why will with work world would year years you your
"""
_ENGLISH = frozenset(_ENGLISH_TEXT.split())


def split(text: str) -> list[str]:
    """Return the words of `text` without marks, but for those that have no vowel to judge by."""
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_UNMARKED)
    return [word for word in _WORDS.findall(folded) if _VOWEL.search(word)]


def is_vietnamese(word: str) -> bool:
    return len(word) <= _LONGEST and _is_syllable(word)


@functools.lru_cache(_REMEMBERED)
def _is_syllable(word: str) -> bool:
    return _SYLLABLE.fullmatch(word) is not None


def is_english(word: str) -> bool:
    return word in _ENGLISH
