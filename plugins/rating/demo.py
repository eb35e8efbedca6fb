"""Ratings of the demonstration site's readers."""

from sqlalchemy.orm import Session

from comments_service.api import DemoSite, clock

from . import queries
from .models import STARS

# How often each number of stars is given, one to five: a public a little kinder than strict.
WEIGHTS = (4, 5, 14, 37, 40)
VOTERS = (24, 187)


def seed(demo_site: DemoSite) -> None:
    session: Session = demo_site.session
    for demo_page in demo_site.pages:
        voters = demo_site.random.randint(*VOTERS)
        stars = demo_site.random.choices(STARS, WEIGHTS, k=voters)
        votes = [(f"{demo_site.random.getrandbits(128):032x}", each) for each in stars]
        day = clock.local_day(demo_site.now, demo_site.site.time_zone)
        queries.add_votes(session, demo_page.page.id, votes, demo_site.now, day)
        queries.add_up(session, demo_page.page.id)
