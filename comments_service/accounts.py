"""Moderators' accounts: made from the command line, opened with a password."""

import functools
import secrets

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from comments_service import clock
from comments_service.db import Database
from comments_service.models import MODERATOR_NAME_LENGTH, Moderator
from comments_service.text import clean_line

PASSWORD_MIN = 12
PASSWORD_MAX = 1024


class AccountError(ValueError):
    """The account can't be made; the message says why."""


class Accounts:
    """Makes moderators and tells whether a name and a password belong together."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._hasher = PasswordHasher()

    @functools.cached_property
    def _nobody(self) -> str:
        """The hash that is checked for unknown names, so that they take as long as known ones."""
        return self._hasher.hash(secrets.token_urlsafe())

    def save(self, name: str, password: str) -> Moderator:
        """Make a moderator, or give an existing one a new password and end their sessions."""
        name = clean_line(name)
        if not 0 < len(name) <= MODERATOR_NAME_LENGTH:
            raise AccountError(f"A moderator's name has 1 to {MODERATOR_NAME_LENGTH} characters.")
        if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
            raise AccountError(f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters.")
        password_hash = self._hasher.hash(password)
        with self._db.write() as session:
            moderator = session.scalar(sa.select(Moderator).where(Moderator.name == name))
            if moderator is None:
                moderator = Moderator(name=name, session_epoch=0, created_at=clock.now())
                session.add(moderator)
            moderator.password_hash = password_hash
            moderator.session_epoch += 1
            session.flush()
        return moderator

    def authenticate(self, name: str, password: str) -> Moderator | None:
        with self._db.read() as session:
            moderator = session.scalar(
                sa.select(Moderator).where(Moderator.name == clean_line(name))
            )
        # Made with the first log-in of all, whoever that is: it takes as long as the check itself.
        nobody = self._nobody
        password_hash = moderator.password_hash if moderator else nobody
        try:
            self._hasher.verify(password_hash, password[:PASSWORD_MAX])
        except (VerifyMismatchError, InvalidHashError):
            return None
        return moderator

    def find(self, moderator_id: int, session_epoch: int) -> Moderator | None:
        """Return the moderator of a session that was not ended since."""
        with self._db.read() as session:
            return session.scalar(
                sa.select(Moderator).where(
                    Moderator.id == moderator_id, Moderator.session_epoch == session_epoch
                )
            )

    def end_sessions(self, moderator_id: int) -> None:
        with self._db.write() as session:
            session.execute(
                sa.update(Moderator)
                .where(Moderator.id == moderator_id)
                .values(session_epoch=Moderator.session_epoch + 1)
            )
