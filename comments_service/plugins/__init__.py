"""The one import name of every plugin, wherever it lies: comments_service.plugins.NAME."""

from comments_service.paths import CHECKOUT

if CHECKOUT is not None:
    __path__.append(str(CHECKOUT / "plugins"))
