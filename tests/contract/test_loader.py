"""Finding and loading plugins: what works, and what an operator is told when it can't."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pluggy import PluginValidationError

from comments_service import create_app, loader
from comments_service.config import ConfigError
from comments_service.core import Core
from comments_service.hooks import implementations
from comments_service.testing import SECRET_KEY

from .conftest import MakePlugin

Load = Callable[..., Core]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Make the service with the plugins of a folder; return its core."""

    def make(folder: Path, plugins: str = "") -> Core:
        app = create_app(
            {
                "instance": str(tmp_path),
                "secret_key": SECRET_KEY,
                "plugins_dir": str(folder),
                "plugins": plugins,
            }
        )
        core: Core = app.extensions["comments_service"]
        return core

    return make


def test_a_folder_with_plugin_py_is_a_plugin(load: Load, make_plugin: MakePlugin) -> None:
    core = load(make_plugin("alone"))
    assert "alone" in core.plugins.by_name
    assert {"captcha", "comments", "counters", "rating"} <= set(core.plugins.by_name)


def test_only_those_asked_for_are_loaded(load: Load, make_plugin: MakePlugin) -> None:
    core = load(make_plugin("wanted"), "rating,wanted")
    assert list(core.plugins.by_name) == ["rating", "wanted"]


def test_a_folder_that_is_not_there(load: Load, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"COMMENTS_PLUGINS_DIR=.*nowhere is not a folder"):
        load(tmp_path / "nowhere")


def test_two_plugins_of_one_name_are_both_named(load: Load, make_plugin: MakePlugin) -> None:
    folder = make_plugin("rating")
    bundled = loader.find()["rating"].folder
    with pytest.raises(ConfigError) as caught:
        load(folder)
    assert str(folder / "rating") in str(caught.value)
    assert str(bundled) in str(caught.value)


def test_an_unknown_name_brings_the_nearest_to_mind(load: Load, make_plugin: MakePlugin) -> None:
    with pytest.raises(ConfigError, match=r"COMMENTS_PLUGINS: ratng .* mean rating"):
        load(make_plugin("other"), "comments,ratng")


def test_what_is_required_must_be_loaded(load: Load, make_plugin: MakePlugin) -> None:
    folder = make_plugin("needy", 'requires = ("rating",)')
    with pytest.raises(ConfigError, match="needy needs plugin rating: add it to COMMENTS_PLUGINS"):
        load(folder, "needy")
    assert list(load(folder, "needy,rating").plugins.by_name) == ["needy", "rating"]


def test_a_misspelt_hook_is_refused(load: Load, make_plugin: MakePlugin) -> None:
    folder = make_plugin("misspelt", "@impl\ndef page_veiwed(self, view):\n    pass")
    with pytest.raises(PluginValidationError, match="page_veiwed"):
        load(folder)


def test_a_hooks_misspelt_argument_is_refused(load: Load, make_plugin: MakePlugin) -> None:
    folder = make_plugin("mistaken", "@impl\ndef page_viewed(self, veiw):\n    pass")
    with pytest.raises(PluginValidationError, match="veiw"):
        load(folder)


@pytest.mark.parametrize(
    ("folder_name", "class_name"),
    [("one", "other"), ("Upper", "Upper"), ("two_words", "two_words")],
)
def test_class_and_folder_have_one_lowercase_word(
    load: Load, make_plugin: MakePlugin, folder_name: str, class_name: str
) -> None:
    folder = make_plugin(folder_name, class_name=class_name)
    with pytest.raises(ConfigError, match="same lowercase word") as caught:
        load(folder)
    assert repr(folder_name) in str(caught.value)
    assert repr(class_name) in str(caught.value)


def test_a_further_widget_has_its_plugins_name_before_its_own(
    load: Load, make_plugin: MakePlugin
) -> None:
    def with_widget(name: str) -> str:
        return f'further_widgets = (Widget("{name}", "list.html"),)'

    with pytest.raises(ConfigError, match="'other-list' must be named listing-SOMETHING"):
        load(make_plugin("listing", with_widget("other-list")))
    plugins = load(make_plugin("listed", with_widget("listed-all")), "listed").plugins
    assert list(plugins.widgets) == ["listed-all"]


def test_the_name_of_the_core_is_taken(load: Load, make_plugin: MakePlugin) -> None:
    with pytest.raises(ConfigError, match="core is the service's own"):
        load(make_plugin("core"))


@pytest.mark.parametrize("order", ["first,second,counters", "counters,second,first"])
def test_hooks_run_in_the_order_of_the_setting(
    load: Load, make_plugin: MakePlugin, order: str
) -> None:
    body = "@impl\ndef page_viewed(self, view):\n    view.append(self.name)"
    make_plugin("first", body)
    core = load(make_plugin("second", body), order)
    called: list[str] = []
    for name, call in implementations(core.plugins.manager, "page_viewed", view=called):
        if name != "counters":
            call()
    assert called == [name for name in order.split(",") if name != "counters"]


SETTINGS = """
import dataclasses
@dataclasses.dataclass(frozen=True)
class Settings:
    greeting: str = "hello"
    times: int = 1
settings_class = Settings
"""


def test_a_plugin_reads_its_settings_from_the_environment(
    make_plugin: MakePlugin, tmp_path: Path
) -> None:
    folder = make_plugin("polite", SETTINGS)
    texts = {"instance": str(tmp_path), "secret_key": SECRET_KEY, "plugins_dir": str(folder)}
    core = create_app({**texts, "polite_times": "3"}).extensions["comments_service"]
    assert core.plugins.by_name["polite"].settings.times == 3
    assert core.plugins.by_name["polite"].settings.greeting == "hello"
    with pytest.raises(ConfigError, match=r"COMMENTS_POLITE_TIME .* COMMENTS_POLITE_TIMES"):
        create_app({**texts, "polite_time": "3"})
    with pytest.raises(ConfigError, match="COMMENTS_POLITE_TIMES='often' is not a valid int"):
        create_app({**texts, "polite_times": "often"})


PROVIDER = """
class Quiz(ChallengeProvider):
    name = "captcha"
    template = "quiz/challenge.html"
    def present(self, challenge):
        return {}
    def check(self, challenge, answer):
        return True
challenge_providers = (Quiz(),)
"""


def test_two_challenges_of_one_name_are_refused(load: Load, make_plugin: MakePlugin) -> None:
    with pytest.raises(ConfigError, match="challenges named captcha"):
        load(make_plugin("quiz", PROVIDER))


KIND = """
class Kind(SubmissionKind):
    name = "poll"
    form = SubmissionForm
    challenged = True
    def store(self, session, submission, page, envelope):
        return "stored"
kinds = (Kind(),)
"""


def test_what_is_neither_judged_nor_challenged_is_refused(
    load: Load, make_plugin: MakePlugin
) -> None:
    folder = make_plugin("poll", KIND)
    with pytest.raises(ConfigError, match=r"poll takes a challenge .* add captcha"):
        load(folder, "poll")
    assert list(load(folder, "poll,captcha").plugins.kinds) == ["poll"]


def test_two_kinds_of_one_name_are_refused(load: Load, make_plugin: MakePlugin) -> None:
    make_plugin("poll", KIND)
    with pytest.raises(ConfigError, match="Two plugins have a submission kind poll"):
        load(make_plugin("survey", KIND))
