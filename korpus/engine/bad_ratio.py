"""How much of an input may be bad before a run stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korpus.engine.manifest import told_damage
from korpus.errors import DataError
from korpus.figures import N_TOLD
from korpus.io.readers import Damage
from korpus.plan.entry import NOT_BAD

if TYPE_CHECKING:
    from korpus.engine.done import Done
    from korpus.plan import Plan

BAD_RATIO_AFTER = 1000
"""Documents to be read before the share of bad ones means anything."""


class BadRatio:
    """Stops a run whose input is bad, at a point that depends on the input alone.

    Attributes
    ----------
    order : list of (int, int)
        The splits of the input, as far as they are known.
    damages : dict of int to Damage
        What could not be read of each damaged file.
    """

    def __init__(self, plan: Plan):
        self.limit = plan.recipe.engine.max_bad_ratio
        self.order: list[tuple[int, int]] = []
        self.damages: dict[int, Damage] = {}
        self._files = plan.files
        self._n_bytes = sum(file.n_bytes for file in plan.files)
        self._n_checked = self._n_in = self._n_bad = 0
        self._reasons: dict[str, int] = {}
        self._file, self._n_good_of_file, self._n_bad_of_file = -1, 0, 0

    def unread(self, file: int, damage: Damage) -> None:
        """Write down that a file is damaged; what is lost of several of its splits adds up."""
        old = self.damages.get(file)
        if old is not None:
            damage = Damage(old.why, max(old.n_read, damage.n_read), old.n_lost + damage.n_lost)
        n_lost = min(damage.n_lost, self._files[file].n_bytes)
        self.damages[file] = Damage(damage.why, damage.n_read, n_lost)

    def check(self, finished: dict[tuple[int, int], Done]) -> None:
        """Judge the longest beginning of the input that is finished without a gap."""
        while self._n_checked < len(self.order) and self.order[self._n_checked] in finished:
            done = finished[self.order[self._n_checked]]
            self._n_checked += 1
            self._turn_to(done.file)
            self._n_in += done.entry.n_in
            self._n_bad += done.entry.n_bad
            self._n_good_of_file += done.entry.n_in - done.entry.n_bad
            self._n_bad_of_file += done.entry.n_bad
            for reason, n in done.entry.reasons.items():
                self._reasons[reason] = self._reasons.get(reason, 0) + n
            for why, n_read, n_lost in done.entry.damage:
                self.unread(done.file, Damage(why, n_read, n_lost))
            self.judge()

    def _turn_to(self, file: int) -> None:
        # A file none of whose lines is a document is not some bad documents: it is something else than was thought.
        if file != self._file:
            if self._n_bad_of_file and not self._n_good_of_file and self._file not in self.damages:
                n_bytes = self._files[self._file].n_bytes
                self.unread(self._file, Damage("nothing in it is a document", n_bytes, n_bytes))
            self._file, self._n_good_of_file, self._n_bad_of_file = file, 0, 0

    def judge(self, at_end: bool = False) -> None:
        """Stop the run if too much of what was checked is bad."""
        if at_end:
            self._turn_to(-1)
        n_lost = sum(damage.n_lost for damage in self.damages.values())
        if n_lost > self.limit * self._n_bytes:
            damaged = [told_damage(self._files[file], damage) for file, damage in sorted(self.damages.items())]
            more = f"; and {len(damaged) - N_TOLD:,} more" if len(damaged) > N_TOLD else ""
            raise DataError(
                f"{n_lost:,} of the {self._n_bytes:,} bytes of the input cannot be read: {'; '.join(damaged[:N_TOLD])}"
                f"{more}; mend these files or leave them out, or, if that is expected, raise engine.max_bad_ratio (now "
                f"{self.limit:g}) and give the same command again"
            )
        if (at_end or self._n_in >= BAD_RATIO_AFTER) and self._n_bad > self.limit * self._n_in:
            reasons = sorted(self._reasons.items())
            why = ", ".join(f"{reason} {n:,}" for reason, n in reasons if reason not in NOT_BAD)
            raise DataError(
                f"{self._n_bad:,} of the first {self._n_in:,} documents cannot be read ({why}); if that is expected, "
                f"raise engine.max_bad_ratio (now {self.limit:g}) and give the same command again"
            )
