"""The stage ``sentences``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from korpus.sentences import split_sentences, split_with_kiwi
from korpus.stage import Expand

if TYPE_CHECKING:
    import pyarrow as pa


class Sentences(Expand):
    """Makes one document of each sentence.

    A sentence ends at a line break, and where what stands around a place speaks for it: an ending such as ``-습니다``
    or ``-네요``, punctuation, laughter, emoji, and what follows. That is weighed by a table that was learned from the
    morphological analyser Kiwi. It also finds ends without punctuation or without a space after it. Rules go before:
    no sentence ends within a quotation or a bracket, a number, a date, an address, after the number of an item
    (``1.``, ``가.``) or an abbreviation (``Mr.``, ``U.S.``), or before ``라고`` and the like.

    On three files of kiwipiepy's benchmark (blogs, endings in -음, quotations) the normalized F1 is 0.95; Kiwi's is
    0.88, that of a split after ``.!?`` and a space 0.72. In 40 petitions, judged by reading, 97% of the borders
    that it finds are right, and it finds 95%. With ``splitter: kiwi`` Kiwi itself decides, at a hundredth of the speed
    and less; it needs ``pip install 'korpus-toolkit[kiwi]'``.

    Each sentence is a document with an id of its own and the other columns of its document, whose id stands in the
    column ``document``. The ledger shows the path and the row of the document.

    ``잘 받았어요 배송이 빨라요ㅎㅎ 또 살게요 → 잘 받았어요 | 배송이 빨라요ㅎㅎ | 또 살게요``

    Source: the rules are korpus's own, the weights those of ``benchmarks/learn_sentences.py``; Kiwi is Lee (2024),
    kiwipiepy.
    """

    version: ClassVar[int] = 4

    splitter: Literal["rules", "kiwi"] = Field("rules", description="Who finds the ends: rules and a table, or Kiwi.")

    def expand(self, texts: pa.StringArray) -> pa.ListArray:
        """See `Expand.expand`."""
        if self.splitter == "rules":
            return split_sentences(texts)
        return split_with_kiwi(texts)
