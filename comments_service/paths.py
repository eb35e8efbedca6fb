"""Where files lie: in a checkout or in an installed wheel, decided once."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def _checkout() -> Path | None:
    root = PACKAGE.parent
    is_checkout = (root / "pyproject.toml").is_file() and (root / "plugins").is_dir()
    return root if is_checkout else None


CHECKOUT = _checkout()
EMBED_JS = PACKAGE / "static" / "embed.js" if CHECKOUT is None else CHECKOUT / "embed.js"
