"""Visitor and online counters."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from comments_service.api import DemoSite, PageContext, PageView, Plugin, impl, lazy_gettext

from . import demo, service
from .views import blueprint


@dataclasses.dataclass(frozen=True)
class CountersSiteSettings:
    offset: int = 0
    """Views counted elsewhere, before this service counted."""
    since: datetime.date | None = None
    """Day from which the total is counted, those counted elsewhere included."""


class Counters(Plugin):
    name = "counters"
    title = lazy_gettext("Statistics")
    height = "17rem"
    rank = 30
    site_settings_class = CountersSiteSettings
    frame_counts = True
    blueprints = (blueprint,)

    @impl
    def widget_data(self, context: PageContext) -> Mapping[str, Any]:
        settings = self.site_settings(context.site)
        return {"figures": service.figures(context, settings.offset, settings.since)}

    @impl
    def page_viewed(self, view: PageView) -> None:
        service.count(view)

    @impl
    def seed_demo(self, demo_site: DemoSite) -> None:
        demo.seed(demo_site)


plugin = Counters
