"""All that plugins import from the service; nothing else of it is promised to stay."""

from flask_babel import lazy_gettext

from comments_service import clock, create_app, remote
from comments_service.cache import Lasting
from comments_service.challenges import Challenge, ChallengeProvider, Rung, Unavailable
from comments_service.context import DemoPage, DemoSite, Door, PageContext, PageView
from comments_service.core import current_core
from comments_service.dashboard import (
    asked_day,
    bad_field,
    chosen_site,
    dashboard_blueprint,
    unknown_site,
)
from comments_service.db import Base, Database, count_to, insert, made_once, release, table
from comments_service.findings import Finding, Level
from comments_service.forms import Line, SubmissionForm, Text, Whole
from comments_service.hookspecs import impl
from comments_service.i18n import day, moment, number, text_direction
from comments_service.identity import daily_salt, kept_salt, network_of, widening
from comments_service.judging import TRACE_KEPT
from comments_service.limits import limited
from comments_service.models import Envelope, Page, Site, Status, Trace
from comments_service.page_views import count_view
from comments_service.pages import address as page_address
from comments_service.pages import ensure as ensure_page
from comments_service.pages import find_all as find_pages
from comments_service.pages import name as name_page
from comments_service.pages import touch as touch_pages
from comments_service.plugin import Plugin, Widget
from comments_service.problems import Problem
from comments_service.receiving import receive
from comments_service.requests import form_values, is_ahead, json_object, page_context
from comments_service.sites import every as every_site
from comments_service.sites import get as get_site
from comments_service.spreadsheets import as_csv
from comments_service.submission import Content, Refused, Submission, SubmissionKind, Summary
from comments_service.text import by_word, is_storable
from comments_service.verdicts import Draft, Judged, Outcome, Standing, Verdict
from comments_service.widgets import make_form, site_settings

__all__ = [
    "TRACE_KEPT",
    "Base",
    "Challenge",
    "ChallengeProvider",
    "Content",
    "Database",
    "DemoPage",
    "DemoSite",
    "Door",
    "Draft",
    "Envelope",
    "Finding",
    "Judged",
    "Lasting",
    "Level",
    "Line",
    "Outcome",
    "Page",
    "PageContext",
    "PageView",
    "Plugin",
    "Problem",
    "Refused",
    "Rung",
    "Site",
    "Standing",
    "Status",
    "Submission",
    "SubmissionForm",
    "SubmissionKind",
    "Summary",
    "Text",
    "Trace",
    "Unavailable",
    "Verdict",
    "Whole",
    "Widget",
    "as_csv",
    "asked_day",
    "bad_field",
    "by_word",
    "chosen_site",
    "clock",
    "count_to",
    "count_view",
    "create_app",
    "current_core",
    "daily_salt",
    "dashboard_blueprint",
    "day",
    "ensure_page",
    "every_site",
    "find_pages",
    "form_values",
    "get_site",
    "impl",
    "insert",
    "is_ahead",
    "is_storable",
    "json_object",
    "kept_salt",
    "lazy_gettext",
    "limited",
    "made_once",
    "make_form",
    "moment",
    "name_page",
    "network_of",
    "number",
    "page_address",
    "page_context",
    "receive",
    "release",
    "remote",
    "site_settings",
    "table",
    "text_direction",
    "touch_pages",
    "unknown_site",
    "widening",
]
