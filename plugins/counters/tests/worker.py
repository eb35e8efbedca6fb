"""One worker of the service, as a process of its own: opens a page again and again, until killed.

Called with the settings as JSON and the page's key. Each view that the service has answered, and
said to be counted, is acknowledged by one byte on the standard output.
"""

import json
import os
import sys
import threading

from comments_service import create_app
from comments_service.testing import Reader

# Much oftener than in earnest: so that many deaths are in the midst of it.
FLUSH_SECONDS = 0.02


def main() -> None:
    texts, page = json.loads(sys.argv[1]), sys.argv[2]
    app = create_app(texts)
    reader = Reader(app, page=page)

    def flush_often() -> None:
        with app.app_context():
            counting = app.extensions["comments_service"].plugins.by_name["counters"].counting
        rest = threading.Event()
        while not rest.wait(FLUSH_SECONDS):
            counting.flush()

    threading.Thread(target=flush_often, daemon=True).start()
    while True:
        if reader.view("counters")["counted"]:
            os.write(1, b".")


if __name__ == "__main__":
    main()
