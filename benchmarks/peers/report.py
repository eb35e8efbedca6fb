"""Tables of the medians, and the page that holds them."""

import math
import os
import platform
import re
import string
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.peers.results import Results, short

TEMPLATE = Path(__file__).with_name("report.md")
OURS = "comments-service"
ISSO = "Isso"
DASH = "\N{EN DASH}"
ONE_READER = "A, one reader"
LARGER_CASES = ("B", "C", "C, small cache", "C, cold")
READ_CASES = ("A", ONE_READER, *LARGER_CASES)
WRITE_CASES = ("A, 1", "A, 8", "C, 1", "C, 8")
MEGABYTE = 1e6


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


class Report:
    """Says what was found."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def _who(self, *questions: str) -> list[str]:
        """Return everybody of whom there are figures, in the order of measuring."""
        return list(dict.fromkeys(k.who for k in self._results.samples if k.question in questions))

    def _cases(self, question: str, known: Sequence[str]) -> list[str]:
        found = {k.case for k in self._results.samples if k.question == question}
        return [case for case in known if case in found]

    def reads(self) -> str:
        rows: list[list[str]] = []
        for case in self._cases("reads", READ_CASES):
            rows += [
                self._read(who, case)
                for who in self._who("reads")
                if not math.isnan(self._of("reads", who, case, "per_second"))
            ]
        head = ("set", "", "comments", "per second", "p50 ms", "p99 ms", "CPU s per 1 000", "bytes")
        return table((*head, "memory MB", "rate, ours is", "CPU, ours is"), rows)

    def larger(self) -> str:
        """Compare what our answers cost on the larger sets with what they cost on A."""
        small = self._of("reads", OURS, "A", "cpu")
        cases = self._cases("reads", LARGER_CASES)
        return ", ".join(
            f"{case} {times(self._of('reads', OURS, case, 'cpu'), small)}" for case in cases
        )

    def one_reader(self) -> str:
        """Compare our answers to one reader alone with Isso's on A, who knows no readers."""
        ours, theirs = self._finder("reads", OURS, ONE_READER), self._finder("reads", ISSO, "A")
        rate = times(ours("per_second"), theirs("per_second"))
        return f"{rate} Isso's rate at {times(ours('cpu'), theirs('cpu'))} its CPU"

    def _read(self, who: str, case: str) -> list[str]:
        find = self._finder("reads", who, case)
        resident, proportional = find("resident"), find("proportional")
        return [
            case,
            who + self._trouble("reads", who, case),
            f"{find('comments'):.0f}".replace("nan", DASH),
            *(short(find(figure)) for figure in ("per_second", "p50", "p99", "cpu", "bytes")),
            f"{resident / MEGABYTE:.0f} ({proportional / MEGABYTE:.0f})",
            *self._ratios("reads", who, case),
        ]

    def _ratios(self, question: str, who: str, case: str) -> tuple[str, str]:
        """Return our rate and our CPU as multiples of those of `who`."""
        if who == OURS:
            return "", ""
        ours, theirs = self._finder(question, OURS, case), self._finder(question, who, case)
        return times(ours("per_second"), theirs("per_second")), times(ours("cpu"), theirs("cpu"))

    def writes(self) -> str:
        rows = []
        for case in self._cases("writes", WRITE_CASES):
            rows += [self._write("writes", who, case) for who in self._who("writes")]
            rows += [self._write("ratings", who, case) for who in self._who("ratings")]
        found = [row for row in rows if row]
        head = ("set, writers", "", "per second", "p50 ms", "p99 ms", "CPU s per 1 000")
        return table((*head, "rate, ours is", "CPU, ours is"), found)

    def _write(self, question: str, who: str, case: str) -> list[str]:
        find = self._finder(question, who, case)
        if math.isnan(find("per_second")):
            return []
        name = f"{who}, ratings" if question == "ratings" else who
        return [
            case,
            name + self._trouble(question, who, case),
            *(short(find(figure)) for figure in ("per_second", "p50", "p99", "cpu")),
            *self._ratios("writes", who, case),
        ]

    def unchanged(self) -> str:
        figures = ("per_second", "p50", "p99", "cpu", "bytes")
        rows = [
            [door, *(short(self._of("unchanged", OURS, door, figure)) for figure in figures)]
            for door in self._cases("unchanged", ("include", "embed"))
        ]
        return table(("door", "per second", "p50 ms", "p99 ms", "CPU s per 1 000", "bytes"), rows)

    def growth(self) -> str:
        rows = [
            [
                who,
                short(self._of("growth", who, "disk", "bytes")),
                *(self._seconds(who, case) for case in ("A", "C")),
            ]
            for who in self._who("growth")
        ]
        head = ("", "bytes of database per comment", "start on A, s", "start on C, s")
        return table(head, rows)

    def _seconds(self, who: str, case: str) -> str:
        return short(self._of("reads", who, case, "start"))

    def default(self) -> str:
        rows = []
        for case in ("A, start", "A, load", "C, start", "C, load"):
            find = self._finder("growth", OURS, case)
            held = (f"{find(kind) / MEGABYTE:.0f}" for kind in ("resident", "proportional"))
            rows.append([case, short(find("start")), short(find("cpu")), *held])
        return table(("", "first answer, s", "CPU s", "resident MB", "shared once, MB"), rows)

    def browser(self) -> str:
        figures = ("visible", "bytes", "requests", "main_thread", "shift")
        rows = [
            [who, *(short(self._of("browser", who, "", figure)) for figure in figures)]
            for who in self._who("browser")
        ]
        head = ("", "visible after ms", "bytes", "requests", "main thread ms", "layout shift")
        return table(head, rows)

    def _trouble(self, question: str, who: str, case: str) -> str:
        samples = self._results.samples
        found = [
            figures
            for key, rounds in samples.items()
            if (key.question, key.who, key.case) == (question, who, case)
            for figures in rounds
        ]
        bad = sum(each.get("bad", 0) for each in found)
        refused = sum(each.get("refused", 0) for each in found)
        told = [f"{bad:.0f} failed"] * (bad > 0) + [f"{refused:.0f} refused"] * (refused > 0)
        return f" ({', '.join(told)})" if told else ""

    def _of(self, question: str, who: str, case: str, figure: str) -> float:
        return self._results.median(question, who, case, figure)

    def _finder(self, question: str, who: str, case: str) -> Callable[[str], float]:
        return lambda figure: self._of(question, who, case, figure)

    def page(self, **values: str) -> str:
        """Return the whole page; `values` are the run's own."""
        template = string.Template(TEMPLATE.read_text())
        return template.substitute(
            values,
            reads=self.reads(),
            larger=self.larger(),
            one_reader=self.one_reader(),
            unchanged=self.unchanged(),
            writes=self.writes(),
            growth=self.growth(),
            default=self.default(),
            browser=self.browser(),
        )


def times(ours: float, theirs: float) -> str:
    """Return `ours` as a multiple of `theirs`."""
    if math.isnan(ours) or math.isnan(theirs) or not theirs:
        return DASH
    return f"\N{MULTIPLICATION SIGN} {short(ours / theirs)}"


def machine() -> str:
    """Describe the machine in a line."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kernel = platform.release().partition("-")[0]
    return (
        f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), {memory:.0f} GiB, "
        f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {kernel}, "
        f"Python {platform.python_version()}"
    )
