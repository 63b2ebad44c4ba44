"""Progress bars: by input bytes while reading, by steps elsewhere; silent when nobody watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Progress:
    """Makes tqdm bars on standard error, and none when it is not a terminal.

    Parameters
    ----------
    quiet : bool
        Whether to show none even on a terminal.
    """

    def __init__(self, quiet: bool = False):
        # tqdm's own rule for None: shown on a terminal only.
        self._disable = True if quiet else None

    def _bar(self, **options: Any) -> Any:
        from tqdm import tqdm

        return tqdm(disable=self._disable, dynamic_ncols=True, leave=False, **options)

    def bytes(self, total: int, what: str) -> Any:
        """Return a bar that counts input bytes."""
        return self._bar(total=total, desc=what, unit="B", unit_scale=True, unit_divisor=1024)

    def steps(self, total: int, what: str) -> Any:
        """Return a bar that counts steps."""
        return self._bar(total=total, desc=what)

    def over(self, results: Iterable, total: int, what: str) -> Iterator:
        """Yield `results`, counting them."""
        with self.steps(total, what) as bar:
            for result in results:
                bar.update()
                yield result
