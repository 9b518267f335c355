"""What became of an announcement, as it may be shown: no count under five, nor one to be had by subtraction."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from bot.announcements.coverage import told
from bot.announcements.model import FEW, Outcome, Progress

ENDS = (Outcome.DELIVERED, Outcome.BLOCKED, Outcome.FAILED, Outcome.LEFT)
"""What a recipient can end as; who has not ended yet remains."""
BESIDE = (Outcome.UNCERTAIN, Outcome.STOPPED)
"""What happens beside, and is counted apart from the ends."""
TOTAL, REMAINING = "recipients", "remaining"
HIDDEN = f"<{FEW}"
_BAR = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """The counts of one announcement, or of one language of it, ready to be shown; `share` (0 to 1) has ended."""

    counts: dict[str, str]
    share: float

    @property
    def bar(self) -> str:
        """How far it is, in signs that need no words."""
        full = round(self.share * _BAR)
        return "▓" * full + "░" * (_BAR - full)


def shown(progress: Progress, language: str | None = None) -> Shown:
    """The counts over all languages, or of one: TOTAL, each of ENDS, REMAINING, each of BESIDE."""
    outcomes = {
        outcome: progress.count(outcome)
        if language is None
        else progress.outcomes.get((language, outcome), 0)
        for outcome in (*ENDS, *BESIDE)
    }
    total = progress.total if language is None else progress.recipients.get(language, 0)
    ended = sum(outcomes[end] for end in ENDS)
    counts = {TOTAL: total, **{end.value: outcomes[end] for end in ENDS}, REMAINING: max(0, total - ended)}
    counts |= {each.value: outcomes[each] for each in BESIDE}
    return Shown({name: _sign(count) for name, count in counts.items()}, ended / total if total else 1.0)


def as_csv(progress: Progress) -> str:
    """One line a language and one for all."""
    out = io.StringIO()
    writer = csv.writer(out)
    everything = shown(progress).counts
    writer.writerow(["language", *everything])
    for language in sorted(progress.recipients):
        writer.writerow([language, *shown(progress, language).counts.values()])
    writer.writerow(["all", *everything.values()])
    return out.getvalue()


def _sign(count: int) -> str:
    known = told(count)
    return HIDDEN if known is None else str(known)
