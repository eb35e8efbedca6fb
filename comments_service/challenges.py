"""Challenges: what asks a reader to prove to be a person, whoever draws it.

A provider only presents a challenge and checks an answer. That each is good for one use, on one
site, page and kind, from one neighbourhood of the net, and for a while, is seen to here, the same
for all of them. Nothing is stored for a challenge that is never answered: it travels in its own
signed token, and its secret is derived from the token's nonce.
"""

import dataclasses
import datetime
import enum
import hashlib
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from comments_service import clock
from comments_service.db import made_once, table
from comments_service.identity import Keys
from comments_service.models import Site, SpentChallenge
from comments_service.pools import Exhausted, Pool

LIFETIME = datetime.timedelta(minutes=20)
TOKEN_LENGTH = 400
NONCE_BYTES = 16


CLEARED_EVERY = datetime.timedelta(minutes=1)
"""So often at most, those that have expired are deleted where one is spent."""

# These run with every submission, so they are made once, of tables rather than entities.
_SPENT = table(SpentChallenge)
_IS_SPENT = sa.select(_SPENT.c.nonce).where(_SPENT.c.nonce == sa.bindparam("nonce"))
_EXPIRED = sa.delete(_SPENT).where(
    _SPENT.c.expires_at < sa.bindparam("now", type_=_SPENT.c.expires_at.type)
)


@made_once
def _spend(insert: Any) -> Any:  # noqa: ANN401 (two dialects' Insert)
    return insert(_SPENT).on_conflict_do_nothing().returning(_SPENT.c.nonce)


class Rung(enum.IntEnum):
    """How much is asked of a reader, from the least to the most."""

    NOTHING = 0
    """A signed form that was open for a while and whose trap stayed empty."""
    WORK = 1
    """The browser computes in the background."""
    PERSON = 2
    """The reader answers: an image, a sound, a question."""
    HOLD = 3
    """As PERSON, and a moderator looks at it."""


@dataclasses.dataclass(frozen=True)
class Purpose:
    """What a challenge is good for: one kind of submission, on one page, from one network."""

    site_id: int
    page_key: str
    kind: str
    network: str
    """Keyed hash of the widest network around the reader: a phone changes the narrow ones."""

    def digest(self) -> str:
        text = f"{self.site_id}\n{self.kind}\n{self.network}\n{self.page_key}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclasses.dataclass(frozen=True)
class Challenge:
    """One challenge: its token for the form, and 32 secret bytes to derive the question from."""

    provider: str
    variant: str
    """What the provider told itself apart by: a level, a language, a cost."""
    nonce: str
    token: str
    secret: bytes
    site: Site
    issued_at: datetime.datetime
    hardness: int
    """How much harder than usual it was to be when it was issued."""
    is_excused: bool
    """It stands in for one that could not be set: what it lets through is held."""
    made: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What `ChallengeProvider.make` returned for it; empty once it is answered."""


class ChallengeProvider(ABC):
    """Draws challenges of one kind and checks their answers."""

    name: ClassVar[str]
    template: ClassVar[str]
    """Jinja template of the question and its field, inside the form that asks it."""
    rung: ClassVar[Rung] = Rung.PERSON
    needs_script: ClassVar[bool] = False
    """Without scripts nobody could solve it."""
    alternative_to: ClassVar[str] = ""
    """Set only to readers who ask for it in place of the provider of this name."""
    invitation: ClassVar[Any] = ""
    """What the button says that asks for it (lazy_gettext), if it is an alternative."""
    is_remote: ClassVar[bool] = False
    """Another server checks the answer: meanwhile no connection to the database is held."""
    pool_size: int = 0
    """How many to make ahead of each variant, because making one is slow; 0: none."""

    def is_offered(self, site: Site, locale: str) -> bool:
        """Tell whether it can be set on `site`, to readers of the language `locale`."""
        del site, locale
        return True

    def variant(self, site: Site, locale: str, hardness: int) -> str:
        """Name the variant for this reader; `hardness` goes from 0 up, with what was seen lately.

        At most 16 characters; `make` and `check` are given it.
        """
        del site, locale, hardness
        return ""

    def make(self, secret: bytes, variant: str) -> Mapping[str, Any]:
        """Return what is slow to make of a challenge with this secret."""
        del secret, variant
        return {}

    def present(self, challenge: Challenge) -> Mapping[str, Any]:
        """Return what the template, and a client of the API, need to show `challenge`."""
        return challenge.made

    @abstractmethod
    def check(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        """Tell whether `answer`, the submitted form, solves `challenge`.

        Raises Unavailable if that can't be told at the moment.
        """


class ChallengeError(Exception):
    """The answer does not count; a new challenge is the next step."""


class WrongAnswer(ChallengeError):
    """The challenge was good, the answer was not."""


class NoLongerValid(ChallengeError):
    """Expired, already used, made for something else, or not ours."""


class Unavailable(Exception):
    """The provider can't set or check a challenge now."""


class Nothing(ChallengeProvider):
    """The lowest rung: the token itself, which is of its time and for one use."""

    name = "nothing"
    template = "core/nothing.html"
    rung = Rung.NOTHING

    def check(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        del challenge, answer
        return True


class Challenges:
    """Issues challenges, checks answers, and spends each challenge once."""

    def __init__(self, keys: Keys, providers: Mapping[str, ChallengeProvider]) -> None:
        self._keys = keys
        self._serializer = URLSafeTimedSerializer(keys.derive("challenge"))
        self.providers: dict[str, ChallengeProvider] = {Nothing.name: Nothing(), **providers}
        self._clearing = clock.Occasion(CLEARED_EVERY)
        self._pools: dict[tuple[str, str], Pool[tuple[str, Mapping[str, Any]]]] = {}

    def issue(
        self,
        provider: ChallengeProvider,
        variant: str,
        site: Site,
        purpose: Purpose,
        *,
        hardness: int = 0,
        is_excused: bool = False,
    ) -> Challenge:
        """Return a new challenge; raise Unavailable if none is ready and too many are asked for."""
        nonce, made = self._draw(provider, variant)
        digest = purpose.digest()
        payload = [provider.name, variant, nonce, digest, hardness, int(is_excused)]
        return Challenge(
            provider=provider.name,
            variant=variant,
            nonce=nonce,
            token=str(self._serializer.dumps(payload)),
            secret=self._secret(nonce),
            site=site,
            issued_at=clock.now(),
            hardness=hardness,
            is_excused=is_excused,
            made=made,
        )

    def _draw(self, provider: ChallengeProvider, variant: str) -> tuple[str, Mapping[str, Any]]:
        if not provider.pool_size:
            return self._make(provider, variant)
        pool = self._pools.get((provider.name, variant))
        if pool is None:
            # Of two that are made at once, the one that was entered stays.
            pool = self._pools.setdefault(
                (provider.name, variant),
                Pool(lambda: self._make(provider, variant), provider.pool_size),
            )
        try:
            return pool.take()
        except Exhausted:
            raise Unavailable from None

    def _make(self, provider: ChallengeProvider, variant: str) -> tuple[str, Mapping[str, Any]]:
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        return nonce, provider.make(self._secret(nonce), variant)

    def _secret(self, nonce: str) -> bytes:
        return self._keys.derive(f"challenge {nonce}")

    def open(self, token: str, site: Site, purpose: Purpose) -> Challenge:
        """Return the challenge in `token`; raise NoLongerValid unless it was made for `purpose`."""
        if len(token) > TOKEN_LENGTH:
            raise NoLongerValid
        try:
            payload, issued_at = self._serializer.loads(
                token, max_age=int(LIFETIME.total_seconds()), return_timestamp=True
            )
            provider, variant, nonce, digest, hardness, is_excused = payload
        except (BadData, ValueError, TypeError) as error:
            raise NoLongerValid from error
        if digest != purpose.digest() or provider not in self.providers:
            raise NoLongerValid
        return Challenge(
            provider=provider,
            variant=variant,
            nonce=nonce,
            token=token,
            secret=self._secret(nonce),
            site=site,
            issued_at=issued_at,
            hardness=hardness,
            is_excused=bool(is_excused),
        )

    def is_spent(self, session: Session, challenge: Challenge) -> bool:
        return session.connection().scalar(_IS_SPENT, {"nonce": challenge.nonce}) is not None

    def is_remote(self, challenge: Challenge) -> bool:
        """Tell whether `is_solved` waits for another server."""
        return self.providers[challenge.provider].is_remote

    def is_solved(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        return self.providers[challenge.provider].check(challenge, answer)

    def spend(self, session: Session, challenge: Challenge, now: datetime.datetime) -> None:
        """Use `challenge` up in the session's transaction; raise NoLongerValid if it was already.

        Right and wrong answers both spend it, so the first of many guesses is the only one.
        """
        connection = session.connection()
        if self._clearing.is_due(now):
            connection.execute(_EXPIRED, {"now": now})
        spent = {"nonce": challenge.nonce, "expires_at": now + LIFETIME}
        if connection.scalar(_spend(session), spent) is None:
            raise NoLongerValid
