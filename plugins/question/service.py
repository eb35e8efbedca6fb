"""A site's own questions: how they are written, which one is drawn, what answers it."""

import dataclasses
import hashlib
import unicodedata
from collections.abc import Sequence

QUESTION_LENGTH = 200
ANSWER_LENGTH = 80
VARIANT_LENGTH = 16
# Letters that Unicode does not take apart into a plain one and its mark.
_WITHOUT_STROKE = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "\u0131": "i"})


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked, and all that is accepted, folded."""

    text: str
    answers: frozenset[str]

    def accepts(self, answer: str) -> bool:
        return len(answer) <= ANSWER_LENGTH and fold(answer) in self.answers


def fold(text: str) -> str:
    """Return the letters and digits of `text`, without capitals, marks and spaces.

    People type "ha noi" for "Hà Nội", and digits of their own script.
    """
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_WITHOUT_STROKE)
    kept = [c for c in unicodedata.normalize("NFKD", plain) if c.isalnum()]
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in kept)


def parse(lines: str) -> tuple[Question, ...]:
    """Return the questions in `lines`; raise ValueError that names the first bad line.

    Each line is `question = answer | another answer`. Empty lines don't count.
    """
    return tuple(_parse_line(line.strip()) for line in lines.splitlines() if line.strip())


def _parse_line(line: str) -> Question:
    # The last one parts them: a question may hold an equals sign itself.
    text, _, answers = line.rpartition("=")
    text = " ".join(text.split())
    accepted = [answer.strip() for answer in answers.split("|")]
    if not text or not all(map(fold, accepted)):
        raise ValueError(f"write a question and its answers like: 1 + 2 = ? = 3 | ba; not {line!r}")
    if len(text) > QUESTION_LENGTH or any(len(each) > ANSWER_LENGTH for each in accepted):
        raise ValueError(
            f"a question has {QUESTION_LENGTH} characters at most, an answer {ANSWER_LENGTH}:"
            f" {line[:QUESTION_LENGTH]!r}"
        )
    return Question(text, frozenset(map(fold, accepted)))


def draw(questions: Sequence[Question], secret: bytes) -> Question:
    """Return the question that a challenge with this secret asks."""
    number = int.from_bytes(hashlib.sha256(b"question " + secret).digest())
    return questions[number % len(questions)]


def digest(questions: Sequence[Question]) -> str:
    """Return what tells this list from the list after its next change."""
    lines = [f"{each.text}={sorted(each.answers)}" for each in questions]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:VARIANT_LENGTH]
