"""The parts of one running service, held together for whoever answers a request."""

import dataclasses
import datetime
from typing import cast

from flask import current_app, request

from comments_service.accounts import Accounts
from comments_service.challenges import Challenges
from comments_service.config import Settings
from comments_service.db import Database
from comments_service.identity import Keys, Visitors
from comments_service.judging import Judges
from comments_service.ladder import Ladder
from comments_service.loader import Plugins
from comments_service.moderation import Moderation
from comments_service.submission import Road


@dataclasses.dataclass(frozen=True)
class Core:
    """Made once by create_app."""

    settings: Settings
    keys: Keys
    db: Database
    plugins: Plugins
    visitors: Visitors
    challenges: Challenges
    ladder: Ladder
    road: Road
    moderation: Moderation
    accounts: Accounts

    @classmethod
    def build(cls, settings: Settings, secret: str, plugins: Plugins) -> "Core":
        keys = Keys(secret)
        db = Database(settings.database)
        challenges = Challenges(keys, plugins.challenge_providers)
        judges = Judges(plugins.manager)
        shortest = datetime.timedelta(seconds=settings.form_seconds)
        return cls(
            settings=settings,
            keys=keys,
            db=db,
            plugins=plugins,
            visitors=Visitors(keys),
            challenges=challenges,
            ladder=Ladder(challenges.providers),
            road=Road(db, challenges, judges, shortest),
            moderation=Moderation(db, plugins.kinds, judges),
            accounts=Accounts(db),
        )


def current_core() -> Core:
    return cast("Core", current_app.extensions["comments_service"])


def is_secure() -> bool:
    """Tell whether browsers reach the service by https, even if a proxy doesn't say so."""
    return request.is_secure or current_core().settings.public_url.startswith("https://")


def public_url() -> str:
    """Return the service's own origin as browsers write it."""
    # Not request.host_url: that is for people to read, with punycode decoded.
    return current_core().settings.public_url or f"{request.scheme}://{request.host}"
