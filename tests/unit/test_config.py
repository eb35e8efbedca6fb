"""Settings: what an operator writes, and what they are told when it can't be used."""

import datetime
import os
from pathlib import Path

import pytest
from comments_service.plugins.comments.plugin import CommentsSiteSettings
from comments_service.plugins.counters.plugin import CountersSiteSettings

from comments_service import create_app
from comments_service.config import (
    ConfigError,
    Settings,
    ensure_secret_key,
    parse_fields,
    split_plugin_settings,
)

from .processes import at_once

SECRET = "a secret key of forty characters, or so.."
PROCESSES = 8


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, str]:
    return {"instance": str(tmp_path), "secret_key": SECRET}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("databse_url", "COMMENTS_DATABASE_URL"),
        ("plugin_dir", "COMMENTS_PLUGINS_DIR"),
        ("trusted_proxy", "COMMENTS_TRUSTED_PROXIES"),
        ("limit_writes", "COMMENTS_LIMIT_WRITE"),
        ("captcha_pol", "COMMENTS_CAPTCHA_POOL"),
    ],
)
def test_a_misspelt_setting_brings_the_nearest_to_mind(
    texts: dict[str, str], name: str, meant: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        create_app({**texts, name: "1"})
    told = f"COMMENTS_{name.upper()} is not a known setting. Did you mean {meant}?"
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("captcha_pool", "five", "COMMENTS_CAPTCHA_POOL='five' is not a valid int"),
        ("limit_write", "often", "COMMENTS_LIMIT_WRITE='often' is no limit"),
        ("limit_login_name", "many", "COMMENTS_LIMIT_LOGIN_NAME='many' is no limit"),
        ("limit_busy_page", "9/minute;99/hour", "LIMIT_BUSY_PAGE='9/minute;99/hour': this takes"),
        ("public_url", "a.vn", "COMMENTS_PUBLIC_URL='a.vn' is not a valid Origin"),
        ("public_url", "https://a.vn/b", "write for example https://"),
        ("limit_login", "", "COMMENTS_LIMIT_LOGIN='' is no limit"),
        ("trusted_proxies", "10.0.0.1,nginx", "COMMENTS_TRUSTED_PROXIES: 'nginx'"),
        ("trusted_proxies", "10.0.0.1/8", "COMMENTS_TRUSTED_PROXIES: 10.0.0.1/8"),
        ("database_url", "rubbish", "COMMENTS_DATABASE_URL"),
        ("database_url", "nosuch://db/comments", "COMMENTS_DATABASE_URL"),
        ("locale", "xx", "COMMENTS_LOCALE='xx': choose among ar, "),
        ("plugins_dir", "/nowhere", "COMMENTS_PLUGINS_DIR=/nowhere is not a folder"),
        ("secret_key", "too short", "COMMENTS_SECRET_KEY needs at least 32 characters"),
    ],
)
def test_a_bad_value_is_named(texts: dict[str, str], name: str, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        create_app({**texts, name: text})
    assert said in str(caught.value)


def test_a_short_secret_is_not_repeated_in_the_message(texts: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        create_app({**texts, "secret_key": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COMMENTS_INSTANCE", str(tmp_path))
    monkeypatch.setenv("COMMENTS_SECRET_KEY", SECRET)
    monkeypatch.setenv("COMMENTS_PLUGINS", " rating, captcha ,")
    monkeypatch.setenv("COMMENTS_CAPTCHA_POOL", "7")
    core = create_app().extensions["comments_service"]
    assert core.settings.plugins == ("rating", "captcha")
    assert core.plugins.by_name["captcha"].settings.pool == 7
    monkeypatch.setenv("COMMENTS_COLOUR", "red")
    with pytest.raises(ConfigError, match="COMMENTS_COLOUR is not a known setting"):
        create_app()


def test_defaults_hold_where_nothing_is_set() -> None:
    assert parse_fields(Settings, {}) == Settings()
    assert Settings().database == f"sqlite:///{Path('instance').absolute() / 'comments.sqlite3'}"
    assert Settings(database_url="postgresql://db/x").database == "postgresql://db/x"


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", True), ("TRUE", True), ("1", True), ("no", False), ("False", False), ("0", False)],
)
def test_yes_and_no_have_several_spellings(text: str, value: object) -> None:
    assert parse_fields(CommentsSiteSettings, {"hold": text}).hold is value


def test_a_day_is_written_year_first() -> None:
    parsed = parse_fields(CountersSiteSettings, {"since": "2011-03-01", "offset": "3184308"})
    assert parsed == CountersSiteSettings(offset=3_184_308, since=datetime.date(2011, 3, 1))
    with pytest.raises(ConfigError, match=r"counters\.since='01/03/2011' is not a valid"):
        parse_fields(CountersSiteSettings, {"since": "01/03/2011"}, label="counters.")


def test_a_plugins_settings_begin_with_its_name() -> None:
    texts = {"plugins": "x", "plugins_dir": "y", "captcha_pool": "6", "captcha": "?", "a_b": "c"}
    core, by_plugin = split_plugin_settings(texts, ["captcha", "plugins"])
    assert core == {"plugins": "x", "plugins_dir": "y", "a_b": "c"}
    assert by_plugin == {"captcha": {"pool": "6", "": "?"}, "plugins": {}}


# --- The secret key ---------------------------------------------------------------------------


def test_the_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path / "new" / "instance")
    key = ensure_secret_key(settings)
    assert len(key) >= 32
    # Any file made there, even for a moment, would change the folder's time.
    os.utime(settings.instance, (0, 0))
    assert ensure_secret_key(settings) == key
    assert settings.instance.stat().st_mtime == 0
    [file] = settings.instance.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("secret.key", 0o600)
    assert ensure_secret_key(Settings(instance=tmp_path / "other")) != key


def test_a_key_that_is_set_is_taken_and_not_written_down(tmp_path: Path) -> None:
    assert ensure_secret_key(Settings(instance=tmp_path, secret_key=SECRET)) == SECRET
    assert list(tmp_path.iterdir()) == []


def test_a_kept_key_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path)
    ensure_secret_key(settings)
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(ConfigError, match="at least 32 characters"):
        ensure_secret_key(settings)


def test_many_processes_make_one_and_the_same_key(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path / "instance")
    keys = at_once(PROCESSES, ensure_secret_key, settings)
    assert keys == [ensure_secret_key(settings)] * PROCESSES
    assert [file.name for file in settings.instance.iterdir()] == ["secret.key"]
