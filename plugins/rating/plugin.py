"""Rating of a page with one to five stars."""

import datetime
import functools
from collections.abc import Mapping
from typing import Any

from flask_babel import ngettext
from sqlalchemy.orm import Session
from wtforms import SubmitField
from wtforms.validators import ValidationError

from comments_service.api import (
    DemoSite,
    Draft,
    Envelope,
    Lasting,
    Page,
    PageContext,
    Plugin,
    Rung,
    Submission,
    SubmissionForm,
    SubmissionKind,
    Whole,
    Widget,
    clock,
    current_core,
    impl,
    lazy_gettext,
    release,
    site_settings,
)

from . import best, dashboard, demo, search_engines, service
from .commands import verify
from .models import STARS
from .settings import RatingSiteSettings
from .views import blueprint, summary_of

BEST = Widget("rating-best", "best.html", lazy_gettext("Best rated"), "40rem", Lasting.SITE_MOMENT)
FORGOTTEN_EVERY = datetime.timedelta(hours=1)
"""So often at most, what was noted of old days is deleted where something is written."""
CHOOSE = lazy_gettext("Please choose one to five stars.")


class Stars(Whole):
    """One to five."""

    def __init__(self, label: Any = "", **kwargs: Any) -> None:  # noqa: ANN401 (WTForms' own)
        super().__init__(label, low=min(STARS), high=max(STARS), message=CHOOSE, **kwargs)


class RatingForm(SubmissionForm):
    stars = Stars(lazy_gettext("Your rating"))
    criterion1 = Stars()
    criterion2 = Stars()
    criterion3 = Stars()
    criterion4 = Stars()
    criterion5 = Stars()
    # Without a label one would be made, and translated, with every form.
    withdraw = SubmitField("")

    def validate_stars(self, field: Whole) -> None:
        if field.data is None and not self.withdraw.data:
            raise ValidationError(CHOOSE)


class RatingKind(SubmissionKind):
    """A visitor's vote: given, changed, or withdrawn."""

    name = "rating"
    form = RatingForm

    def __init__(self) -> None:
        self._forgetting = clock.Occasion(FORGOTTEN_EVERY)

    def price(self, session: Session, draft: Draft) -> Rung:
        settings: RatingSiteSettings = site_settings(draft.site, self.name)
        site, page_id, limits = draft.site, draft.page_id, settings.limits
        rung = service.price(
            session, site, page_id, draft.visitor, draft.networks, limits, draft.now
        )
        if page_id is not None and rung is not Rung.NOTHING:
            release(session)
            # Whoever is refused for it leaves no other trace.
            with current_core().db.write() as writing:
                self._forget(writing, draft.now)
                service.note_asked(writing, site, page_id, draft.networks, limits, draft.now)
        return rung

    def store(
        self, session: Session, submission: Submission, page: Page, envelope: Envelope | None
    ) -> str:
        del envelope
        fields, draft = submission.fields, submission.draft
        self._forget(session, draft.now)
        if draft.page_id is None and not submission.is_proven:
            service.note_opened(session, draft.site, draft.networks, draft.now)
        if fields["withdraw"]:
            service.withdraw(session, page.id, submission.visitor)
            return "withdrawn"
        settings: RatingSiteSettings = site_settings(submission.site, self.name)
        answers = {
            n: fields[f"criterion{n}"] for n, _ in enumerate(settings.criteria_names, start=1)
        }
        ballot = service.Ballot(
            site=submission.site,
            page_id=page.id,
            visitor=submission.visitor,
            stars=fields["stars"],
            answers={n: stars for n, stars in answers.items() if stars},
            networks=draft.networks,
            is_proven=submission.is_proven,
            now=submission.now,
        )
        service.rate(session, ballot, settings.limits)
        return "rated"

    def _forget(self, session: Session, now: datetime.datetime) -> None:
        if self._forgetting.is_due(now):
            service.forget(session, now)


@functools.lru_cache
def _star_names(locale: str) -> tuple[str, ...]:
    """Return what one to five stars are called in the language of the answer, `locale`."""
    del locale
    return tuple(ngettext("%(num)s star", "%(num)s stars", stars) for stars in STARS)


class Rating(Plugin):
    name = "rating"
    title = lazy_gettext("Rating")
    height = "26rem"
    rank = 10
    further_widgets = (BEST,)
    lasting = Lasting.PAGE
    site_settings_class = RatingSiteSettings
    blueprints = (blueprint, dashboard.blueprint)
    dashboard_page = ("admin_rating.index", dashboard.TITLE)
    kinds = (RatingKind(),)
    commands = (verify,)

    @impl
    def widget_data(self, context: PageContext, widget: str) -> Mapping[str, Any]:
        settings: RatingSiteSettings = self.site_settings(context.site)
        if widget == BEST.name:
            return {"pages": best.pages(context, settings.threshold)}
        summary = summary_of(context, settings)
        return {
            "summary": summary,
            "scale": STARS,
            "labels": settings.label_names,
            "names": settings.label_names or _star_names(context.locale),
            "criteria": list(enumerate(settings.criteria_names, start=1)),
            "rated": search_engines.rated(context, summary, settings.schema),
        }

    @impl
    def seed_demo(self, demo_site: DemoSite) -> None:
        demo.seed(demo_site)


plugin = Rating
