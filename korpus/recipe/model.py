"""`Recipe`: what a run is to do, with every default filled in."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, field_validator

from korpus.recipe.options import EngineOptions, InputOptions, OutputOptions, Section, SourceOptions
from korpus.stage import Stage
from korpus.vocab.options import VocabOptions

SECTIONS: dict[str, type[BaseModel]] = {
    "input": InputOptions,
    "output": OutputOptions,
    "vocab": VocabOptions,
    "engine": EngineOptions,
}


class Recipe(Section):
    """What a run is to do, with every default filled in."""

    korpus: Literal[1] = 1
    name: str
    input: InputOptions = InputOptions()
    sources: dict[str, SourceOptions] = {}
    stages: tuple[Stage, ...] = ()
    output: OutputOptions = OutputOptions()
    vocab: VocabOptions | None = None
    engine: EngineOptions = EngineOptions()

    @field_validator("name")
    @classmethod
    def _name_is_a_word(cls, name: str) -> str:
        if not re.fullmatch(r"[\w.-]+", name):
            raise ValueError("must be made of letters, digits, '.', '_' and '-'")
        return name

    def filled(self) -> dict[str, Any]:
        """Return the recipe as plain data, every default filled in; it is itself a valid recipe."""
        return {
            "korpus": self.korpus,
            "name": self.name,
            "input": self.input.model_dump(),
            "sources": {name: _filled(source) for name, source in self.sources.items()},
            "stages": _listed(self.stages),
            "output": self.output.model_dump(),
            "vocab": None if self.vocab is None else self.vocab.model_dump(mode="json"),
            "engine": self.engine.model_dump(),
        }


def _listed(stages: tuple[Stage, ...]) -> list[dict[str, Any]]:
    return [{stage.name: stage.model_dump()} for stage in stages]


def _filled(source: SourceOptions) -> dict[str, Any]:
    return {**source.model_dump(exclude={"stages"}), "stages": _listed(source.stages)}
