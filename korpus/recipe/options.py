"""The options of a recipe's sections: typed fields with bounds, defaults and a description."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from korpus.io.location import Location, located
from korpus.io.names import shown
from korpus.io.readers.formats import FORMATS
from korpus.stage import Stage

_UNITS = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "kb": 10**3, "mb": 10**6, "gb": 10**9}


def parse_size(value: Any) -> Any:
    """Turn ``256MiB`` or ``4GB`` into a number of bytes; leave what is no string to the validator.

    Raises
    ------
    ValueError
        If the string is not a number with an optional unit.
    """
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*", value)
    if not match or match[2].lower() not in _UNITS:
        raise ValueError("must be a size such as 256MiB, 4GiB or a number of bytes")
    return int(float(match[1]) * _UNITS[match[2].lower()])


Size = Annotated[int, BeforeValidator(parse_size)]


def _located(given: Any, validate: ValidatorFunctionWrapHandler) -> str:
    # A name that is not UTF-8 is no string to pydantic.
    is_path = isinstance(given, Location) or (isinstance(given, str) and shown(given) != given)
    return located(given if is_path else validate(given))


def _shown(path: str) -> str:
    return str(path)


AnyPath = Annotated[str, Field(min_length=1), WrapValidator(_located), PlainSerializer(_shown)]
"""A path, here or elsewhere; what is secret of it does not show."""


class Section(BaseModel):
    """What all sections have in common: frozen, strict, no unknown options."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, strict=True)


class InputOptions(Section):
    """Where the documents are and which of their columns matter."""

    paths: list[AnyPath] = Field(
        [],
        description="Files, folders and globs, here or elsewhere (s3://, gs://, hdfs://, https://); - is standard "
        "input. Read in this order, each entry sorted.",
    )
    format: Literal[("auto",) + FORMATS] = Field(  # type: ignore[valid-type]  # one file a format tells what there is
        "auto",
        description="Format of the files; auto goes by what they begin with, and their names. A document is a line in "
        "text, a file in files and html, a page in mediawiki, a record in warc, a row in xlsx, a cue in "
        "subtitles, a message in kakaotalk, a sentence in conll.",
    )
    encoding: Literal["auto", "utf-8", "cp949", "euc-kr", "johab", "utf-16", "utf-16-le", "utf-16-be"] = Field(
        "auto", description="Encoding of the files; auto tells it for each file from samples, Korean ones first."
    )
    text: (
        Annotated[str, Field(min_length=1)] | Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
    ) = Field(
        "text",
        description="The column, or the path in nested JSON, of the text; a list of several, which line ends join.",
    )
    keep: Literal["all"] | list[str] = Field("all", description="The columns carried along; all, or a list of names.")
    records: str | None = Field(
        None,
        min_length=1,
        description="What is a document in JSON: the items at a path such as data[].paragraphs[], or file for the "
        "object that a file is; by default the items of the first array on the path of the text.",
    )
    columns: list[Annotated[str, Field(min_length=1)]] | None = Field(
        None, min_length=1, description="The names of the columns of CSV and TSV without a header."
    )
    delimiter: str | None = Field(
        None, min_length=1, max_length=1, description="Of CSV; by default told from the file: comma, tab, ; or |."
    )
    quote: str | None = Field(
        None,
        min_length=1,
        max_length=4,
        description="What fields of CSV may be put in: one character, or none; by default told from the file.",
    )
    escape: str | None = Field(
        None,
        min_length=1,
        max_length=4,
        description="What stands before a quote or delimiter of CSV that is none: one character, or none; by default "
        "told from the file.",
    )
    main_content: bool = Field(
        True, description="Of web pages (html, warc), only the main content; false takes menus and footers too."
    )
    max_doc_bytes: Size = Field(
        32 << 20, ge=1 << 10, le=1 << 28, description="A longer line or record is rejected as too_long."
    )
    split_bytes: Size = Field(
        8 << 20, ge=1 << 10, le=1 << 24, description="Size of the pieces that workers take; part of what ids depend on."
    )


class SourceOptions(InputOptions):
    """One of several named sources: where its documents are, what all of them are tagged with, what only they need."""

    tags: dict[Annotated[str, Field(min_length=1)], str] = Field(
        {}, description="Columns that have the same value in all its documents, such as domain."
    )
    stages: tuple[Stage, ...] = Field(
        (), description="Edits, filters and tags for its documents alone, before the stages of the recipe."
    )


class OutputOptions(Section):
    """What is written, and how."""

    path: AnyPath = Field("out", description="The output folder, here or elsewhere (s3://, gs://, hdfs://).")
    shard_bytes: Size = Field(
        256 << 20, ge=1 << 10, le=1 << 30, description="A shard is closed once its rows hold this many bytes in memory."
    )
    compression: Literal["zstd", "snappy", "gzip", "lz4", "none"] = Field("zstd", description="Of the Parquet files.")
    rejects: Literal["full", "ids"] = Field(
        "full", description="Whether the ledger holds the texts of rejected documents, or only their ids."
    )
    counts: bool = Field(
        True, description="Whether words are counted for each domain; with a vocabulary they always are."
    )


class EngineOptions(Section):
    """How the work is done; nothing here changes the output."""

    workers: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = Field(
        "auto", description="Worker processes; auto is one a core."
    )
    memory: Size = Field(
        4 << 30,
        ge=64 << 20,
        description="Memory for all processes together while duplicates are resolved and documents joined.",
    )
    batch_rows: int = Field(8192, ge=1, le=1 << 20, description="Documents a batch.")
    scratch: str | None = Field(
        None,
        min_length=1,
        description="Folder on this machine where a run is made whose output goes elsewhere; by default one in the "
        "user's cache.",
    )
    max_bad_ratio: float = Field(
        0.01,
        ge=0,
        le=1,
        description="The run stops once more than this share of the documents, or of the bytes of the input, cannot be "
        "read.",
    )
