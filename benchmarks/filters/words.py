"""Measures how long word lists take a comment, with short lists and with long ones.

    python benchmarks/filters/words.py

Prints, for 10, 10 000 and 100 000 words, what compiling them takes, and what a comment takes: one
of 5 000 characters and a usual one, in CPU time of this thread.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from random import Random

from comments_service.plugins.words import service
from comments_service.plugins.words.lists import STARTERS

THREADS = Path(__file__).parent.parent.parent / "plugins" / "comments" / "demo_threads.json"
COUNTS = (10, 10_000, 100_000)
LONG = 5_000
ROUNDS = 200
SYLLABLES = ("bánh", "cờ", "đêm", "gió", "hòa", "khuya", "lượt", "mưa", "nghề", "phố", "vườn")


def phrases(count: int) -> list[str]:
    """Return phrases of two or three words, a third of them numbered."""
    random = Random(count)  # noqa: S311 (nobody gains by guessing it)
    made: dict[str, None] = {}
    while len(made) < count:
        words = random.choices(SYLLABLES, k=random.choice((2, 3)))
        made[" ".join([*words, str(len(made))])] = None
    return list(made)


def milliseconds(lists: service.Lists, text: str) -> float:
    begun = time.thread_time()
    service.judge(lists, [text])
    return 1000 * (time.thread_time() - begun)


def main() -> None:
    texts = [thread["text"] for thread in json.loads(THREADS.read_text())["threads"]]
    long = "\n\n".join(texts)[:LONG]
    first = None
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "words.txt"
            file.write_text("\n".join(["[reject]", *phrases(count)]))
            lists = service.Lists(STARTERS, file)
            compiling = milliseconds(lists, "")
            median = statistics.median(milliseconds(lists, long) for _ in range(ROUNDS))
            usual = [milliseconds(lists, text) for text in texts]
        first = first or median
        print(
            f"{count:7,} words: compiled in {compiling:.0f} ms;"
            f" {LONG} characters in {median:.2f} ms ({median / first:.2f} times the first);"
            f" usual comments: median {statistics.median(usual):.3f} ms,"
            f" 95th percentile {statistics.quantiles(usual, n=20)[-1]:.3f} ms"
        )


if __name__ == "__main__":
    main()
