"""The stage ``sentences``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from korpus.sentences import split_sentences, split_with_kiwi
from korpus.stage import Expand

if TYPE_CHECKING:
    import pyarrow as pa


class Sentences(Expand):
    """Makes one document of each sentence.

    A sentence ends at a line break, and after a run of ``. ! ? … 。 ！ ？`` with the quotes and brackets that close it
    where white space follows; not after the number of an item (``1.``) or a single Latin letter (``J.``). Where there
    is no punctuation nothing is cut: ``-다`` and ``-요`` end words as well as sentences. With ``splitter: kiwi`` the
    morphological analyser Kiwi decides, which also finds ends that have no punctuation, at a hundredth of the speed;
    it needs ``pip install 'korpus-toolkit[kiwi]'``.

    Each sentence is a document with an id of its own and the other columns of its document, whose id stands in the
    column ``document``. The ledger shows the source and the row of the document.

    ``잘 받았어요! 배송이 빨라요. → 잘 받았어요! | 배송이 빨라요.``

    Source: the rules are korpus's own; Kiwi is Lee (2024), kiwipiepy.
    """

    splitter: Literal["rules", "kiwi"] = Field("rules", description="Who finds the ends: rules, or Kiwi.")

    def expand(self, texts: pa.StringArray) -> pa.ListArray:
        """See `Expand.expand`."""
        if self.splitter == "rules":
            return split_sentences(texts)
        return split_with_kiwi(texts)
