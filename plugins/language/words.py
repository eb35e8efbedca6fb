"""Whether words in Latin letters could be Vietnamese, with marks or without, or English."""

import re
import unicodedata
from typing import Final

# A Vietnamese word is one syllable: a beginning of this list, or none, and an end of the other, as
# they are left without marks.
_BEGINS = "b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_ENDS = """
a ac ach ai am an ang anh ao ap at au ay e ec ech em en eng enh eo ep et eu i ia ich im in inh ip it
iu iec iem ien ieng iep iet ieu y yem yen yeng yet yeu o oc oi om on ong op ot ooc oong oa oac oach
oai oam oan oang oanh oao oap oat oay oe oem oen oeo oet u uc ui um un ung up ut uu ua uac uan uang
uanh uat uay ue uech uen uenh ueo uet uo uoc uoi uom uon uong uop uot uou uy uya uych uyen uyet uyn
uynh uyt uyu
"""
VIETNAMESE: Final = frozenset(
    begin + end for begin in ("", *_BEGINS.split()) for end in _ENDS.split()
)

# Words that have a vowel: of others nobody could judge the language.
_WORDS = re.compile(r"(?<![^\W\d_])[^\W\d_aeiouy]*+[aeiouy][^\W\d_]*+")
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
ENGLISH: Final = frozenset(_ENGLISH_TEXT.split())


def split(text: str) -> list[str]:
    """Return the words of `text` without marks, but for those that have no vowel to judge by."""
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_UNMARKED)
    return _WORDS.findall(folded)
