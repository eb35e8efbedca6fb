"""What was measured: every sample of a run, and medians of them."""

import dataclasses
import json
import math
import statistics
from collections import defaultdict
from pathlib import Path

Figures = dict[str, float]


@dataclasses.dataclass(frozen=True)
class Key:
    """What a sample is of."""

    question: str
    who: str
    case: str


@dataclasses.dataclass
class Results:
    samples: dict[Key, list[Figures]] = dataclasses.field(default_factory=lambda: defaultdict(list))

    def add(self, question: str, who: str, case: str, figures: Figures) -> None:
        """Keep one round's figures, and show them to whoever waits."""
        self.samples[Key(question, who, case)].append(figures)
        shown = ", ".join(f"{name} {short(value)}" for name, value in figures.items())
        print(f"  {question} {case}: {who}: {shown}", flush=True)

    def median(self, question: str, who: str, case: str, figure: str) -> float:
        """Return the median of all rounds; NaN if that was not measured."""
        found = self.samples.get(Key(question, who, case), [])
        values = [each[figure] for each in found if not math.isnan(each.get(figure, math.nan))]
        return statistics.median(values) if values else math.nan

    def save(self, file: Path) -> None:
        """Write every sample, for those who want more than medians."""
        rows = [
            {**dataclasses.asdict(key), "rounds": rounds} for key, rounds in self.samples.items()
        ]
        file.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def short(value: float) -> str:
    """Write `value` with three significant digits or more, thousands apart."""
    if math.isnan(value):
        return "\N{EN DASH}"
    digits = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
