"""The command line, run within the test's own process: another Python takes seconds to begin."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from comments_service.cli import main


def run_command(words: Sequence[str], environment: Mapping[str, str]) -> Result:
    """Run `comments-service …` with what is added to the process's environment."""
    engines: list[sa.Engine] = []
    create_engine = sa.create_engine

    def remember(url: str, **options: Any) -> sa.Engine:  # noqa: ANN401 (SQLAlchemy's own)
        engines.append(create_engine(url, **options))
        return engines[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sa, "create_engine", remember)
        result = CliRunner().invoke(main, words, env=environment)
    # A command's connections end with its process; here the process goes on.
    for engine in engines:
        engine.dispose()
    return result
