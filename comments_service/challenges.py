"""Challenges: what asks a reader to prove to be a person, whoever draws it.

A provider only presents a challenge and checks an answer. That each is good for one use, on one
site, page and kind, and for a while, is seen to here, the same for all of them. Nothing is stored
for a challenge that is never answered: it travels in its own signed token, and its secret is
derived from the token's nonce.
"""

import dataclasses
import datetime
import hashlib
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from comments_service.db import insert
from comments_service.identity import Keys
from comments_service.models import SpentChallenge

LIFETIME = datetime.timedelta(minutes=20)
TOKEN_LENGTH = 400
NONCE_BYTES = 16


@dataclasses.dataclass(frozen=True)
class Purpose:
    """What a challenge is good for: one kind of submission, on one page of one site."""

    site_id: int
    page_key: str
    kind: str

    def digest(self) -> str:
        text = f"{self.site_id}\n{self.kind}\n{self.page_key}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclasses.dataclass(frozen=True)
class Challenge:
    """One challenge: its token for the form, and 32 secret bytes to derive the question from."""

    provider: str
    nonce: str
    token: str
    secret: bytes


class ChallengeProvider(ABC):
    """Draws challenges of one kind and checks their answers."""

    name: ClassVar[str]
    template: ClassVar[str]
    """Jinja template of the question and its field, inside the form that asks it."""

    @abstractmethod
    def present(self, challenge: Challenge) -> Mapping[str, Any]:
        """Return what the template, and a client of the API, need to show `challenge`."""

    @abstractmethod
    def check(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        """Tell whether `answer`, the submitted form, solves `challenge`."""


class ChallengeError(Exception):
    """The answer does not count; a new challenge is the next step."""


class WrongAnswer(ChallengeError):
    """The challenge was good, the answer was not."""


class NoLongerValid(ChallengeError):
    """Expired, already used, made for something else, or not ours."""


class Challenges:
    """Issues challenges, checks answers, and spends each challenge once."""

    def __init__(self, keys: Keys, providers: Mapping[str, ChallengeProvider]) -> None:
        self._keys = keys
        self._serializer = URLSafeTimedSerializer(keys.derive("challenge"))
        self.providers = providers

    def issue(self, provider: str, purpose: Purpose) -> Challenge:
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        token = str(self._serializer.dumps([provider, nonce, purpose.digest()]))
        return Challenge(provider, nonce, token, self._secret(nonce))

    def _secret(self, nonce: str) -> bytes:
        return self._keys.derive(f"challenge {nonce}")

    def open(self, token: str, purpose: Purpose) -> Challenge:
        """Return the challenge in `token`; raise NoLongerValid unless it was made for `purpose`."""
        if len(token) > TOKEN_LENGTH:
            raise NoLongerValid
        try:
            provider, nonce, digest = self._serializer.loads(
                token, max_age=int(LIFETIME.total_seconds())
            )
        except (BadData, ValueError, TypeError) as error:
            raise NoLongerValid from error
        if digest != purpose.digest() or provider not in self.providers:
            raise NoLongerValid
        return Challenge(provider, nonce, token, self._secret(nonce))

    def is_solved(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        return self.providers[challenge.provider].check(challenge, answer)

    def spend(self, session: Session, challenge: Challenge, now: datetime.datetime) -> None:
        """Use `challenge` up in the session's transaction; raise NoLongerValid if it was already.

        Right and wrong answers both spend it, so the first of many guesses is the only one.
        """
        session.execute(sa.delete(SpentChallenge).where(SpentChallenge.expires_at < now))
        spent = insert(session, SpentChallenge).values(
            nonce=challenge.nonce, expires_at=now + LIFETIME
        )
        stored = spent.on_conflict_do_nothing().returning(SpentChallenge.nonce)
        if session.scalar(stored) is None:
            raise NoLongerValid
