"""The classifier's protocol: one JSON object there, one back, and no benefit of the doubt."""

import dataclasses
import json
from typing import Any, NoReturn

from comments_service.api import Draft, Outcome, remote

OUTCOMES = {
    "accept": Outcome.ACCEPT,
    "hold": Outcome.HOLD,
    "reject": Outcome.REJECT,
    "spam": Outcome.SPAM,
}
REASON_LENGTH = 200


@dataclasses.dataclass(frozen=True)
class Classifier:
    """Whom to ask, and for how long."""

    url: str
    token: str = dataclasses.field(repr=False)
    """Sent as the bearer's; empty: none is."""
    timeout_s: float


@dataclasses.dataclass(frozen=True)
class Finding:
    """What the classifier says of one draft."""

    outcome: Outcome
    reason: str
    score: float | None


def question(draft: Draft) -> dict[str, str]:
    """Return what the classifier is told of `draft`."""
    return {
        "site": draft.site.key,
        "page": draft.page_key,
        "kind": draft.kind,
        "author": draft.author,
        "text": draft.text,
        "locale": draft.locale,
    }


def ask(draft: Draft, classifier: Classifier) -> Finding:
    """Return what the classifier says of `draft`; raise remote.Failure if it does not say."""
    bearer = {"Authorization": f"Bearer {classifier.token}"} if classifier.token else {}
    answer = remote.post(
        classifier.url,
        json=question(draft),
        headers=bearer,
        timeout_s=classifier.timeout_s,
    )
    return understand(answer.body)


def understand(body: bytes) -> Finding:
    """Return what `body` says; raise remote.BadAnswer if it breaks the protocol anywhere."""
    try:
        said = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise remote.BadAnswer("no JSON") from None
    if not isinstance(said, dict):
        raise remote.BadAnswer("no JSON object")
    verdict = said.get("verdict")
    if not isinstance(verdict, str) or verdict not in OUTCOMES:
        raise remote.BadAnswer("no known verdict")
    reason = said.get("reason", "")
    if not isinstance(reason, str):
        raise remote.BadAnswer("a reason that is no text")
    return Finding(OUTCOMES[verdict], _on_one_line(reason), _score(said.get("score")))


def _refuse(word: str) -> NoReturn:
    # Python's reader knows NaN and Infinity; JSON does not.
    raise ValueError(word)


def _score(value: Any) -> float | None:  # noqa: ANN401 (any JSON)
    if value is None:
        return None
    # To Python, true is a number too.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise remote.BadAnswer("a score that is no number from 0 to 1")
    return float(value)


def _on_one_line(text: str) -> str:
    """Return `text` shortened, and without what no database keeps or what nobody sees."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(shown.split())[:REASON_LENGTH]
