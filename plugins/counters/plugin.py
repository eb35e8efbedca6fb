"""Visitor and online counters."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from comments_service.api import (
    DemoSite,
    Lasting,
    PageContext,
    PageView,
    Plugin,
    Site,
    current_core,
    impl,
    lazy_gettext,
)

from . import dashboard
from .commands import flush, generate, import_, reset_peak, verify
from .counting import Counting
from .figures import Figures
from .labels import labels
from .settings import CountersSettings, CountersSiteSettings
from .views import blueprint
from .views_images import blueprint as images


class Counters(Plugin):
    name = "counters"
    title = lazy_gettext("Statistics")
    height = "19rem"
    rank = 30
    settings_class = CountersSettings
    site_settings_class = CountersSiteSettings
    frame_counts = True
    blueprints = (blueprint, images, dashboard.blueprint)
    dashboard_page = ("admin_counters.index", dashboard.TITLE)
    command_group = "stats"
    commands = (flush, generate, import_, reset_peak, verify)

    def __init__(self, folder: Path, settings: CountersSettings, instance: Path) -> None:
        super().__init__(folder, settings, instance)
        self._counting: Counting | None = None
        self._making = threading.Lock()

    @property
    def counting(self) -> Counting:
        """What counts in this process, made on its first use: a process that forks is another."""
        with self._making:
            if self._counting is None or self._counting.process != os.getpid():
                self._counting = Counting(
                    current_core().db,
                    self.instance,
                    self.site_settings,
                    flush_seconds=self.settings.flush_seconds,
                )
            return self._counting

    def lasting_at(self, site: Site, widget: str) -> Lasting:
        del widget
        settings: CountersSiteSettings = self.site_settings(site)
        if settings.badge:
            # It tells each reader how they came.
            return Lasting.NEVER
        return Lasting.MOMENT if "page" in settings.fields else Lasting.SITE_MOMENT

    def figures(self, context: PageContext) -> Figures:
        return self.counting.figures(context.site, context.page_key, context.now)

    def close(self) -> None:
        if self._counting is not None:
            self._counting.close()

    @impl
    def widget_data(self, context: PageContext) -> Mapping[str, Any]:
        settings: CountersSiteSettings = self.site_settings(context.site)
        # Most sites show no figure of the page: none is looked up for them.
        page_key = context.page_key if "page" in settings.fields else None
        figures = self.counting.figures(context.site, page_key, context.now)
        return {
            "figures": figures,
            "names": labels(settings.fields, figures.unit, context.locale),
            "badge": settings.badge,
        }

    @impl
    def page_viewed(self, view: PageView) -> None:
        self.counting.count(view)

    @impl
    def seed_demo(self, demo_site: DemoSite) -> None:
        from . import demo  # noqa: PLC0415 (loads numpy)

        demo.seed(demo_site)


plugin = Counters
