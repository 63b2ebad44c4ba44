"""korpus: raw Korean text in; clean, deduplicated, domain-tagged Parquet shards and vocabularies out.

>>> import korpus
>>> result = korpus.run("kcelectra", inputs=["comments.jsonl"], out="out")  # doctest: +SKIP
>>> clean = korpus.load("kcelectra")  # doctest: +SKIP
>>> clean("정말 재밌어요ㅋㅋㅋㅋㅋㅋ 또 볼래요")  # doctest: +SKIP
'정말 재밌어요ㅋㅋ 또 볼래요'
"""

import importlib
from typing import TYPE_CHECKING, Any

from korpus._version import __version__
from korpus.errors import DataError, KorpusError, MissingExtra, RecipeError, ResumeError, SchemaError

if TYPE_CHECKING:
    from korpus.api import Result, load, open, run, show
    from korpus.corpus.corpus import Corpus
    from korpus.engine.spark import SparkEngine
    from korpus.pipeline import Pipeline
    from korpus.report.summary import Summary

__all__ = [
    "Corpus",
    "DataError",
    "KorpusError",
    "MissingExtra",
    "Pipeline",
    "RecipeError",
    "Result",
    "ResumeError",
    "SchemaError",
    "SparkEngine",
    "Summary",
    "__version__",
    "load",
    "open",
    "run",
    "show",
]

_LAZY = {
    "Corpus": "corpus.corpus",
    "Pipeline": "pipeline",
    "Result": "api",
    "SparkEngine": "engine.spark",
    "Summary": "report.summary",
    "load": "api",
    "open": "api",
    "run": "api",
    "show": "api",
}


if not TYPE_CHECKING:  # a checker would take every name for one that is there

    def __getattr__(name: str) -> Any:
        # numba and pyarrow take most of a second to import; whoever only asks for help or the version does not wait.
        if name in _LAZY:
            return getattr(importlib.import_module(f"korpus.{_LAZY[name]}"), name)
        raise AttributeError(f"module 'korpus' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
