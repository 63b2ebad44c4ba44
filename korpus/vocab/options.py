"""The section ``vocab`` of a recipe."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from korpus.errors import MissingExtra

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
ROLES = {"pad_token": PAD, "unk_token": UNK, "cls_token": CLS, "sep_token": SEP, "mask_token": MASK}
"""What BERT's special tokens are for, by the names that `transformers` gives them."""


class VocabOptions(BaseModel):
    """Vocabularies: one over everything, and one for each chosen domain.

    The defaults are those of Korean BERT and ELECTRA models: 30,000 entries, letters keep their case, and an alphabet
    that holds every syllable in use.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, strict=True)

    model: Literal["wordpiece", "char"] = Field(
        "wordpiece", description="wordpiece; or char, where every character is a token, the most frequent first."
    )
    size: int = Field(
        30_000,
        ge=100,
        le=1_000_000,
        description="Exactly how many entries; what the texts do not fill is filled with [unused…].",
    )
    lowercase: bool = Field(False, description="Whether letters are made lower case, in vocabulary and word counts.")
    strip_accents: bool = Field(
        False, description="Whether accents are removed; takes Hangul syllables apart, so it needs force as well."
    )
    subchar: bool = Field(
        False,
        description="Whether words are taken apart into conjoining letters (NFKD), so that entries are made of letters "
        "instead of syllables, as in KR-BERT's sub-character model. Word counts and the corpus stay as they are.",
    )
    min_count: int = Field(
        2, ge=1, le=1_000_000_000, description="Two pieces are joined only if they occur side by side this often."
    )
    alphabet_coverage: float = Field(
        0.9999,
        gt=0,
        le=1,
        description="Characters are kept, the most frequent first, until they make up this share of all; words with "
        "any other become [UNK].",
    )
    max_word_chars: int = Field(
        100,
        ge=1,
        le=10_000,
        description="Longer words become [UNK], and nothing is learned from them; with subchar letters count.",
    )
    special_tokens: list[str] = Field(
        [PAD, UNK, CLS, SEP, MASK],
        max_length=1_000,
        description="The first entries, in this order; the five of the default must be among them.",
    )
    n_unused: int = Field(
        0,
        ge=0,
        le=100_000,
        description="Entries [unused0], [unused1], … after the special ones, for terms of your own.",
    )
    domains: Literal["all", "none"] | list[str] = Field(
        "all", description="Which domains get a vocabulary of their own besides the one over everything."
    )
    per_domain: Literal["train", "extend"] = Field(
        "train",
        description="How a domain comes to its vocabulary. train: it is learned from the domain's words; extend: it is "
        "the one over everything, where the terms of the domain that save most tokens take the [unused…] entries.",
    )
    candidates: Literal["prefixes", "words", "nouns"] = Field(
        "prefixes",
        description="With per_domain: extend, the terms to choose from: all beginnings of words, or what soynlp takes "
        "for words or nouns (extra soynlp).",
    )
    weights: dict[str, float] = Field(
        {},
        description="What each word of a domain counts in the vocabulary over everything, as in {comments: 1.0, news: "
        "0.3}; 1 where nothing is said.",
    )
    temperature: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Instead of weights: domains count by their size to this power; 1 leaves them as they are, 0 makes "
        "all domains equal.",
    )
    append: str | None = Field(
        None,
        min_length=1,
        description="A vocab.txt; its entries that are lacking are appended, on top of size, as KcELECTRA took "
        "KoELECTRA's.",
    )
    force: bool = Field(False, description="Whether to accept settings that harm Hangul.")

    @field_validator("special_tokens")
    @classmethod
    def _check_special_tokens(cls, tokens: list[str]) -> list[str]:
        for token in tokens:
            if not token or any(char.isspace() for char in token):
                raise ValueError(f"must be words without whitespace, {token!r} is not")
            if tokens.count(token) > 1:
                raise ValueError(f"must be different from each other, {token} is there twice")
        missing = [token for token in ROLES.values() if token not in tokens]
        if missing:
            raise ValueError(
                f"must hold {' '.join(ROLES.values())}, without which no BERT model runs; add {missing[0]}"
            )
        return tokens

    @field_validator("weights")
    @classmethod
    def _check_weights(cls, weights: dict[str, float]) -> dict[str, float]:
        for domain, weight in weights.items():
            if not 0.001 <= weight <= 1000 and weight != 0:
                raise ValueError(f"must be 0, or from 0.001 to 1000; that of {domain} is {weight:g}")
        return weights

    @model_validator(mode="after")
    def _check(self) -> VocabOptions:
        if self.strip_accents and not (self.force or self.subchar):
            raise ValueError(
                "strip_accents takes every Hangul syllable apart into conjoining letters (Unicode NFD), so that no "
                "Korean word is found in its usual form; leave it out, or add force: true if that is what you want"
            )
        if self.weights and self.temperature is not None:
            raise ValueError("weights and temperature exclude each other; leave out one")
        if self.per_domain == "extend" and (self.model == "char" or not self.n_unused):
            raise ValueError("per_domain: extend fills [unused…] entries with terms: it needs wordpiece and n_unused")
        if self.candidates != "prefixes":
            if self.per_domain != "extend":
                raise ValueError("candidates says what per_domain: extend chooses from; add that, or leave it out")
            if find_spec("soynlp") is None:
                raise MissingExtra(f"vocab.candidates: {self.candidates}", "soynlp")
        fixed = self.fixed_tokens()
        if len(set(fixed)) < len(fixed):
            raise ValueError("special_tokens must not hold one of the [unused…] that n_unused adds")
        if len(fixed) + 2 > self.size:
            raise ValueError(
                f"size must leave room for characters: {len(fixed)} special and unused tokens fill its {self.size}"
            )
        return self

    def fixed_tokens(self) -> list[str]:
        """Return the entries that no training decides on: special tokens, then unused ones."""
        return [*self.special_tokens, *(f"[unused{i}]" for i in range(self.n_unused))]
