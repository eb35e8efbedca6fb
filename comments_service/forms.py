"""Forms of the public side: fields that clean what they take, and a token instead of a session.

A reader's browser holds no cookie of ours in the host page, so Flask-WTF's session token can't
work there. The token here is signed, and bound to the site and to the kind of submission.
"""

import functools
import time
from typing import Any, cast

from flask import current_app, g
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import Field, Form, IntegerField, StringField, TextAreaField
from wtforms.csrf.core import CSRF
from wtforms.validators import StopValidation, ValidationError

from comments_service.text import clean_line, clean_text, is_storable

TOKEN_FIELD = "t"  # noqa: S105 (the field's name)
TOKEN_SECONDS = 24 * 3600
TOO_LONG = lazy_gettext("This is too long. Please shorten it to %(max)s characters at most.")


class SignedToken(CSRF):
    """Token of a public form, good for one site and one kind of submission."""

    def setup_form(self, form: Form) -> list[tuple[str, Any]]:
        self._kind = form.meta.kind
        return list(super().setup_form(form))

    @property
    def _bound_to(self) -> list[Any]:
        return [g.site.id, self._kind]

    @property
    def _key(self) -> bytes:
        return cast("bytes", current_app.extensions["comments_service"].keys.derive("form"))

    def generate_csrf_token(self, csrf_token_field: Field) -> Any:  # noqa: ANN401 (has no types)
        del csrf_token_field
        # Signed when it is drawn: one blank form is drawn for many sites, and for long.
        return LazyString(lambda: _signed(self._key, *self._bound_to, int(time.time())))

    def validate_csrf_token(self, form: Form, field: Field) -> None:
        del form
        try:
            bound_to = _serializer(self._key).loads(field.data or "", max_age=TOKEN_SECONDS)
        except BadData:
            bound_to = None
        if bound_to != self._bound_to:
            raise ValidationError(
                lazy_gettext("This form has been open for too long. Please send it again.")
            )


@functools.lru_cache(1)
def _serializer(key: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key)


# A token says its second: within one, all of a site are the same.
@functools.lru_cache
def _signed(key: bytes, site_id: int, kind: str, second: int) -> str:
    del second
    return str(_serializer(key).dumps([site_id, kind]))


class SubmissionForm(FlaskForm):
    """Base of the forms of submission kinds."""

    class Meta:
        csrf = True
        csrf_class = SignedToken
        csrf_field_name = TOKEN_FIELD
        kind = ""
        """Name of the submission kind, given when the form is made."""

    @property
    def is_too_long(self) -> bool:
        return any(getattr(field, "is_too_long", False) for field in self)


class _Cleaned:
    """Mixin for text fields: cleans the value, and refuses more than `limit` characters."""

    clean = staticmethod(clean_text)
    limit: int
    is_too_long = False
    data: str | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        value = valuelist[0] if valuelist else ""
        if not isinstance(value, str) or not is_storable(value):
            self.data = ""
            raise ValueError(lazy_gettext("This text has characters that can't be kept."))
        self.data = self.clean(value)
        # What is left of it is what "required" and "optional" go by.
        self.raw_data = [self.data]

    def pre_validate(self, form: Form) -> None:
        del form
        self.is_too_long = len(self.data or "") > self.limit
        if self.is_too_long:
            raise ValidationError(TOO_LONG % {"max": self.limit})


class Line(_Cleaned, StringField):
    """One line of text of at most `limit` characters."""

    clean = staticmethod(clean_line)

    def __init__(self, label: Any, *args: Any, limit: int, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(label, *args, **kwargs)
        self.limit = limit


class Text(_Cleaned, TextAreaField):
    """Paragraphs of text of at most `limit` characters."""

    def __init__(self, label: Any, *args: Any, limit: int, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(label, *args, **kwargs)
        self.limit = limit


class Whole(IntegerField):
    """A whole number from `low` to `high`, or None for nothing; `message` refuses others."""

    def __init__(
        self,
        label: Any,  # noqa: ANN401 (WTForms' own)
        *args: Any,  # noqa: ANN401
        low: int,
        high: int,
        message: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(label, *args, **kwargs)
        self._low = low
        self._high = high
        self._message = message
        self._is_bad = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        # Longer is out of range anyway, and int() is slow on very long ones.
        is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(self._high))
        self.data = int(text) if is_number else None
        in_range = self.data is not None and self._low <= self.data <= self._high
        self._is_bad = bool(text) and not in_range

    def pre_validate(self, form: Form) -> None:
        del form
        if self._is_bad:
            raise StopValidation(self._message)
