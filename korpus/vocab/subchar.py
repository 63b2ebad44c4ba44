"""Vocabularies below the syllable: words are taken apart into conjoining letters (Unicode's NFKD) before WordPiece.

한국 becomes ᄒ ᅡ ᆫ ᄀ ᅮ ᆨ, and ㅋㅋ becomes ᄏ ᄏ, as in KR-BERT's sub-character model. Word counts stay in
syllables; what they hold is taken apart when a vocabulary is learned or measured, and by the tokenizer itself. Both do
the same: cleaning and lower case come first, as they did when the words were counted, then NFKD, then BERT's rules.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from korpus.hangul.ranges import HANGUL
from korpus.vocab.counter import WordCounter
from korpus.vocab.schema import COUNT, WORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokenizers import normalizers

LINES = {"‗": " \u0333 ", "[‾﹉-﹌]": " \u0305 "}
"""Words of their own that NFKD turns into a space and a mark, which would stick to the word that follows; the second
space keeps them words of their own. No other character that stands alone comes apart into one that does not."""

# Of these Arrow and `tokenizers` have the same decomposition; other characters are of another Unicode version there.
_RARE = "[^\\x00-\\x7f{}]".format("".join(f"{chr(first)}-{chr(last)}" for first, last in HANGUL))


def steps(lowercase: bool) -> list[normalizers.Normalizer]:
    """Return what a tokenizer does before BERT's own normalizer.

    Cleaning comes before NFKD, since a character that is cleaned away would else keep marks apart that NFKD sorts.
    """
    from tokenizers import Regex
    from tokenizers.normalizers import NFKD, BertNormalizer, Replace

    clean = BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=lowercase)
    return [clean, *(Replace(Regex(lines), apart) for lines, apart in LINES.items()), NFKD()]


@lru_cache(maxsize=1)
def nfkd() -> Callable[[str], str]:
    """Return NFKD as `tokenizers` knows it: Python's is of another Unicode version."""
    from tokenizers.normalizers import NFKD

    return NFKD().normalize_str


def taken_apart(words: pa.StringArray) -> pa.StringArray:
    """Return words in NFKD."""
    rare = pc.match_substring_regex(words, _RARE)
    apart = pc.utf8_normalize(words, "NFKD")
    if not rare.true_count:
        return apart
    return pc.replace_with_mask(apart, rare, pa.array(map(nfkd(), words.filter(rare).to_pylist()), pa.string()))


def decomposed(counted: pa.RecordBatch) -> pa.RecordBatch:
    """Return word counts with all words taken apart, those added up that become one."""
    # What is left of a word may be several: ㈜ comes apart into brackets and a letter.
    counter = WordCounter()
    counter.add(taken_apart(counted.column(WORD)), counted.column(COUNT).to_numpy(zero_copy_only=False).copy())
    return counter.counted()
