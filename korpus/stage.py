"""The contracts of a stage: `Edit`, `Filter`, `Tag`, `Expand`, `Dedup` and `Group`.

A stage is an immutable, picklable object made from its options, which are typed fields with bounds and a
description. Its author writes one decision; counting, reasons, examples and timing belong to `korpus.chain`.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from korpus.batch import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import numpy as np
    import pyarrow as pa


NUMBERS = "numbers"
"""The kind under which `Edit.tally` says in how many texts an edit changes a number."""


class Stage(BaseModel):
    """One step of a recipe; its options are its fields.

    Attributes
    ----------
    name : str
        The name in a recipe: the name of the file that the stage lives in.
    kind : str
        ``edit``, ``filter``, ``tag``, ``expand``, ``dedup`` or ``group``.
    version : int
        Raised whenever the same options give another result, so that an old run is not continued with new rules.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, strict=True)

    name: ClassVar[str]
    kind: ClassVar[str]
    version: ClassVar[int] = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Name the stage after its file, unless it names itself."""
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = cls.__module__.rpartition(".")[2]

    def reads(self) -> tuple[str, ...]:
        """Return the names of the columns that the stage reads."""
        return (TEXT,)

    def assets(self) -> tuple[str, ...]:
        """Return the paths of files, beside the recipe, that decide what the stage does: a model, a table.

        Their content is a part of what tells two runs apart. What is small is better read into an option when the
        stage is made, as word lists are: then the recipe holds it.
        """
        return ()

    def remarks(self) -> tuple[str, ...]:
        """Return what ``korpus check`` says of the stage with these options."""
        return ()

    def warm_up(self) -> None:  # noqa: B027 - most stages are warm after one batch, and the engine gives them that
        """Prepare what every process of a run needs, such as compiled kernels."""


class Edit(Stage):
    """A stage that changes texts and keeps every row."""

    kind: ClassVar[str] = "edit"
    failure: ClassVar[str] = "failed"
    """The reason of a document whose text `apply` gave up."""

    @abstractmethod
    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the edited texts, row for row; the very same object when nothing changed.

        Null stands for a text that the edit gave up: its document is rejected.

        Parameters
        ----------
        texts : pa.StringArray, shape (n_rows,)
            Without nulls.
        """

    def edit(self, texts: pa.StringArray) -> tuple[pa.StringArray, dict[str, int] | None]:
        """Return what `apply` does and, if it is known on the way, what `tally` says of the texts that it changes."""
        return self.apply(texts), None

    def tally(self, texts: pa.StringArray) -> dict[str, int]:
        """Return how many pieces of each kind `apply` changes in these texts, if the stage tells kinds apart.

        Under `NUMBERS` stands in how many of the texts it changes a number where it should only shorten.

        Parameters
        ----------
        texts : pa.StringArray, shape (n_rows,)
            The texts that `apply` changed, as they were before.
        """
        return {}


class Filter(Stage):
    """A stage that drops documents and says why."""

    kind: ClassVar[str] = "filter"
    reasons: ClassVar[tuple[str, ...]]

    @abstractmethod
    def judge(self, batch: pa.RecordBatch) -> np.ndarray:
        """Decide on every document.

        Returns
        -------
        uint8, shape (n_rows,)
            0 keeps the row; k drops it for ``reasons[k - 1]``.
        """


def _said(value: pa.Scalar) -> str:
    plain = value.as_py()
    return {None: "null", True: "true", False: "false"}.get(plain, plain)


class Tag(Stage):
    """A stage that adds one column."""

    kind: ClassVar[str] = "tag"
    column: ClassVar[str]

    def column_type(self) -> pa.DataType:
        """Return the Arrow type of the column."""
        import pyarrow as pa

        return pa.string()

    @abstractmethod
    def tag(self, batch: pa.RecordBatch) -> pa.Array:
        """Return the new column, row for row, of the type `column_type`."""

    def tally(self, column: pa.Array) -> dict[str, int]:
        """Return what the books say of some rows of the column: how often each value came, where these are names.

        Of other types they say how many rows have a value. The books keep a bounded number of values.
        """
        import pyarrow as pa

        if pa.types.is_string(column.type) or pa.types.is_boolean(column.type):
            return dict(zip(map(_said, column.value_counts().field(0)), column.value_counts().field(1).to_pylist()))
        return {"value": len(column) - column.null_count} | ({"null": column.null_count} if column.null_count else {})


class Expand(Stage):
    """A stage that makes several documents of one.

    What a document becomes gets ids of its own, and a column ``document`` with the id of the document; all other
    columns are those of the document. A document that becomes nothing is dropped.
    """

    kind: ClassVar[str] = "expand"

    @abstractmethod
    def expand(self, texts: pa.StringArray) -> pa.ListArray:
        """Return what each text becomes, in order.

        Parameters
        ----------
        texts : pa.StringArray, shape (n_rows,)
            Without nulls.

        Returns
        -------
        pa.ListArray of string, shape (n_rows,)
            Without nulls; no string is empty.
        """


class Resolution(Protocol):
    """What the engine lends to `Dedup.resolve`."""

    dir: Path
    """An empty folder for temporary files."""
    memory_bytes: int
    """How much memory the resolution may take, all processes of a machine together."""
    workers: int
    """How many tasks share it."""

    def partitions(self, table: str) -> list[Any]:
        """Return one picklable `korpus.io.spill.Partition` for each partition of a sketch table."""

    def spills(self, table: str) -> tuple[Path, ...]:
        """Return the spill files of a sketch table, one a split, in the order of the documents; before `partitions`."""

    def exchange(self, paths: Iterable[Path], n_partitions: int) -> list[Any]:
        """Return the partitions of the rows that tasks have spilled to some files, which belong to the engine then."""

    def texts(self) -> Any:
        """Return a picklable `korpus.io.parts.Texts` that finds a document's text by its id."""

    def dropped(self) -> Any:
        """Return a picklable `korpus.io.bits.DocBits`: which documents an earlier stage has removed."""

    def map(self, function: Callable, items: Iterable, what: str) -> list:
        """Apply a module-level function to every item on the workers; results in the order of the items."""


@dataclass(frozen=True)
class Reference:
    """What a duplicate stage compares documents with beside each other.

    Attributes
    ----------
    against : tuple of str
        Files, folders, globs and indexes.
    text : str
        The column of the files that holds the text.
    index : str, optional
        Where an index of the documents that stay is to be saved.
    options : dict
        What the sketches depend on; an index of other options is of no use.
    """

    against: tuple[str, ...] = ()
    text: str = TEXT
    index: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


class Dedup(Stage):
    """A stage that drops documents because of other documents.

    On the way through, `sketch` turns each batch into small tables that are spilled to disk by key; once the pass is
    over, `resolve` decides from those tables alone.
    """

    kind: ClassVar[str] = "dedup"
    reason: ClassVar[str] = "duplicate"

    @abstractmethod
    def tables(self) -> dict[str, pa.Schema]:
        """Return the schemas of the sketch tables, by name.

        The first column of each is ``key`` (``uint64``), well mixed: it decides the partition, so rows of equal keys
        meet. The rows name their documents in a column ``doc_id`` (``int64``).
        """

    def reference(self) -> Reference:
        """Return what documents are compared with beside each other; nothing, for most stages."""
        return Reference()

    def as_reference(self) -> Dedup:
        """Return the stage that sketches references."""
        return self

    @abstractmethod
    def sketch(self, batch: pa.RecordBatch) -> dict[str, pa.RecordBatch]:
        """Return the sketch tables of a batch, by name: one for each of `tables`, in its schema."""

    @abstractmethod
    def resolve(self, resolution: Resolution) -> np.ndarray:
        """Decide which documents go.

        Returns
        -------
        structured array `korpus.dedup.VERDICT`, shape (n_removed,)
            ``doc_id``, ``duplicate_of`` (a kept document), ``similarity``; sorted by ``doc_id``. May be memory-mapped.
        """


class Group(Stage):
    """A stage that makes one document of several.

    On the way through, `sketch` turns each batch into small tables that are spilled to disk by key; once the pass is
    over, `resolve` decides from those tables alone which documents are joined. Joining them, with what the option
    ``separator`` says between their texts, is the engine's work.
    """

    kind: ClassVar[str] = "group"
    reason: ClassVar[str]
    if TYPE_CHECKING:  # an option has its place among those of its stage
        separator: str

    @abstractmethod
    def refuse(self, batch: pa.RecordBatch) -> pa.StringArray:
        """Return for each document that cannot be placed why that is, and null for every other.

        Such a document is dropped for `reason`, and what is returned of it stands in the ledger.
        """

    @abstractmethod
    def tables(self) -> dict[str, pa.Schema]:
        """Return the schemas of the sketch tables, by name, as `Dedup.tables` does."""

    @abstractmethod
    def sketch(self, batch: pa.RecordBatch) -> dict[str, pa.RecordBatch]:
        """Return the sketch tables of a batch, by name, as `Dedup.sketch` does."""

    @abstractmethod
    def resolve(self, resolution: Resolution) -> np.ndarray:
        """Decide which documents are joined.

        Returns
        -------
        structured array `korpus.dedup.threads.MEMBER`, shape (n_members,)
            ``doc_id``, ``document`` (the id of the document that it becomes a part of, the smallest of all its parts)
            and ``rank`` (its place there, from 0 on); sorted by ``doc_id``, without those that stay alone. May be
            memory-mapped.
        """
