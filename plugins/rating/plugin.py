"""Rating of a page with one to five stars."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session
from wtforms import SubmitField
from wtforms.validators import ValidationError

from comments_service.api import (
    DemoSite,
    Envelope,
    Page,
    PageContext,
    Plugin,
    Submission,
    SubmissionForm,
    SubmissionKind,
    Whole,
    impl,
    lazy_gettext,
)

from . import demo, search_engines, service
from .models import STARS
from .views import blueprint


@dataclasses.dataclass(frozen=True)
class RatingSiteSettings:
    schema: str = ""
    """What every page of the site is about, in schema.org's word; empty: engines aren't told."""

    def __post_init__(self) -> None:
        if self.schema and self.schema not in search_engines.TYPES:
            known = ", ".join(search_engines.TYPES)
            raise ValueError(
                f"rating.schema={self.schema!r} is nothing that Google shows ratings of."
                f" Choose among {known}; or leave it empty."
            )


CHOOSE = lazy_gettext("Please choose one to five stars.")


class RatingForm(SubmissionForm):
    stars = Whole(lazy_gettext("Your rating"), low=min(STARS), high=max(STARS), message=CHOOSE)
    withdraw = SubmitField()

    def validate_stars(self, field: Whole) -> None:
        if field.data is None and not self.withdraw.data:
            raise ValidationError(CHOOSE)


class RatingKind(SubmissionKind):
    """A visitor's vote: given, changed, or withdrawn."""

    name = "rating"
    form = RatingForm

    def store(
        self, session: Session, submission: Submission, page: Page, envelope: Envelope | None
    ) -> str:
        del envelope
        if submission.fields["withdraw"]:
            service.withdraw(session, page.id, submission.visitor)
            return "withdrawn"
        stars = submission.fields["stars"]
        service.rate(session, page.id, submission.visitor, stars, submission.now)
        return "rated"


class Rating(Plugin):
    name = "rating"
    title = lazy_gettext("Rating")
    height = "26rem"
    rank = 10
    site_settings_class = RatingSiteSettings
    blueprints = (blueprint,)
    kinds = (RatingKind(),)

    @impl
    def widget_data(self, context: PageContext) -> Mapping[str, Any]:
        summary = service.summary(context.session, context.page_id, context.visitor)
        schema = self.site_settings(context.site).schema
        return {
            "summary": summary,
            "scale": STARS,
            "rated": search_engines.rated(context, summary, schema),
        }

    @impl
    def seed_demo(self, demo_site: DemoSite) -> None:
        demo.seed(demo_site)


plugin = Rating
