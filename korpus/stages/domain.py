"""The stage `domain`."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator, model_validator

from korpus.batch import DOMAIN, TEXT, require_columns
from korpus.domains import lexicon as lexicons
from korpus.errors import SchemaError
from korpus.kernels.units import EOJEOL
from korpus.stage import Tag
from korpus.stages._units import units


class Domain(Tag):
    """Tag each document with its domain, from a column or by keywords; the output is written by domain.

    With `field`, a column's value is looked up in `map`. A value that is not there, or null, gives `default`; with
    ``unmapped: value`` the value itself is the domain, if it can name a folder, and `default` otherwise.

    With `lexicon`, the words that begin with a keyword are counted for the keyword's domain, and the domain with most
    of them wins, of equals the one that the lexicon names first; fewer than `min_hits`, or than `min_share` of the
    eojeol, give `default`. A word begins after anything but a Hangul syllable, a Latin letter or a digit: the keyword
    `우유` is found in `우유를` and in `ㅋㅋ우유`, not in `딸기우유`. Where several keywords begin a word the longest
    one counts. Latin letters match in either case.

    Long texts name many things: single words of `commerce` tag 337 of 1,780 petitions, and of 52 that were read a third
    was about them; with ``min_share: 0.02`` they are 55, and all but 3 are. Short texts are tagged as before.

    With ``lexicon: commerce``: ``강아지 사료를 샀는데 잘 먹어요 → pets``;
    with ``field: category, map: {화장품: cosmetics}``: ``category = 화장품 → cosmetics``

    The keywords of `commerce` (cosmetics, food, electronics, pets, fashion, baby) were chosen for korpus; they are in
    ``korpus/domains/lexicons/commerce.yaml``. A lexicon of one's own is a YAML file, or is written in the recipe, as
    ``{domain: [keyword, …]}``; the recipe keeps the content of the file.
    """

    column: ClassVar[str] = DOMAIN
    version: ClassVar[int] = 2

    field: str | None = Field(None, min_length=1, description="The column whose value decides.")
    map: dict[str, str] = Field({}, description="With field: from the column's values to domains.")
    unmapped: Literal["default", "value"] = Field(
        "default", description="With field: what a value that is not in the map becomes."
    )
    lexicon: str | dict[str, list[str]] | None = Field(
        None, description="A built-in lexicon's name, the path of a YAML file, or domains with their keywords."
    )
    min_hits: int = Field(1, ge=1, le=1000, description="With lexicon: the fewest words that decide.")
    min_share: float = Field(
        0,
        ge=0,
        le=1,
        description="With lexicon: the smallest share of the eojeol that they must be; a long text names many things.",
    )
    default: str = Field("other", description="The domain of a document that nothing speaks for.")

    @field_validator("default")
    @classmethod
    def _default_is_a_domain(cls, default: str) -> str:
        return lexicons.check_domain_name(default)

    @field_validator("map")
    @classmethod
    def _map_leads_to_domains(cls, map: dict[str, str]) -> dict[str, str]:
        for name in map.values():
            lexicons.check_domain_name(name)
        return map

    @field_validator("lexicon", mode="before")
    @classmethod
    def _lexicon_is_well_formed(cls, lexicon: Any) -> Any:
        # A file's content takes the place of its path: workers on other machines need no file, and a run whose
        # lexicon has changed is another run. A built-in one stays a name, and changes with the version of the stage.
        if isinstance(lexicon, str):
            loaded = lexicons.load(lexicon)
            return lexicon if lexicon in lexicons.builtin() else loaded
        return None if lexicon is None else lexicons.check_lexicon(lexicon)

    @model_validator(mode="after")
    def _one_source(self) -> Domain:
        given = [name for name in ("field", "lexicon") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of field and lexicon must be given, got {' and '.join(given) or 'neither'}")
        others = {"field": {"min_hits", "min_share"}, "lexicon": {"map", "unmapped"}}[given[0]] & self._chosen()
        if others:
            raise ValueError(f"{' and '.join(sorted(others))} cannot be combined with {given[0]}")
        return self

    def _chosen(self) -> set[str]:
        # A filled-in recipe states every default, so what matters is the value and not whether it was given.
        return {name for name, info in type(self).model_fields.items() if getattr(self, name) != info.default}

    def reads(self) -> tuple[str, ...]:
        """Return the text column, and with `field` that one too."""
        return (TEXT,) if self.field is None else (TEXT, self.field)

    def tag(self, batch: pa.RecordBatch) -> pa.Array:
        """Return the domain of each document (``string``, never null)."""
        return self._by_lexicon(batch) if self.field is None else self._by_field(batch)

    def _by_lexicon(self, batch: pa.RecordBatch) -> pa.Array:
        lexicon = lexicons.load(self.lexicon) if isinstance(self.lexicon, str) else self.lexicon
        assert lexicon is not None, "there is a field or a lexicon"
        hits = lexicons.count_hits(batch.column(TEXT), lexicon)
        winner = hits.argmax(axis=1)  # of equals the first
        most = hits.max(axis=1)
        few = most < self.min_hits
        if self.min_share:
            few |= most < self.min_share * np.diff(units(batch.column(TEXT), EOJEOL).bounds)
        winner[few] = len(lexicon)
        return pa.array([*lexicon, self.default], pa.string()).take(pa.array(winner))

    def _by_field(self, batch: pa.RecordBatch) -> pa.Array:
        assert self.field is not None, "there is a field or a lexicon"
        require_columns(batch.schema, (self.field,), "domain.field")
        column = batch.column(self.field)
        try:
            column = column.cast(pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            raise SchemaError(f"domain.field must name a column of strings, got one of {column.type}") from None
        values = pc.dictionary_encode(column, null_encoding="encode")
        names = [self._name(value) for value in values.dictionary.to_pylist()]
        return pa.array(names, pa.string()).take(values.indices)

    def _name(self, value: str | None) -> str:
        if value is None:
            return self.default
        keep = self.unmapped == "value" and lexicons.is_domain_name(value)
        return self.map.get(value, value if keep else self.default)
