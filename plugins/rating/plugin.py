"""Rating of a page with one to five stars."""

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

from . import demo, service
from .models import STARS
from .views import blueprint

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
    blueprints = (blueprint,)
    kinds = (RatingKind(),)

    @impl
    def widget_data(self, context: PageContext) -> Mapping[str, Any]:
        return {
            "summary": service.summary(context.session, context.page_id, context.visitor),
            "scale": STARS,
        }

    @impl
    def seed_demo(self, demo_site: DemoSite) -> None:
        demo.seed(demo_site)


plugin = Rating
