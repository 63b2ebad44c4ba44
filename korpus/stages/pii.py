"""The stage `pii`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field, field_validator

from korpus.batch import strings
from korpus.errors import did_you_mean
from korpus.hangul.pii import KINDS, SPELLED, Found, find
from korpus.kernels.numbers import longest_numbers
from korpus.kernels.signs import signs_of_rows
from korpus.stage import Edit
from korpus.stages._rows import edit_rows

if TYPE_CHECKING:
    import pyarrow as pa

SURE = [name for name, kind in KINDS.items() if kind.sure]


def _known(names: list[str] | dict[str, str]) -> None:
    for name in names:
        if name not in KINDS:
            raise ValueError(f"must name kinds of {', '.join(KINDS)}{did_you_mean(name, KINDS)}, got {name!r}")


class Pii(Edit):
    """Mask personal data: e-mail addresses, registration, telephone, card and account numbers.

    - ``email``: an address, also ``hong (at) naver.com`` and ``hong@네이버``; one whose name is hidden already
      (``***@naver.com``) stays.
    - ``resident_number``: six digits that are a date, a digit from 1 to 8 that fits it, and six more. With a dash it
      goes whatever its check digit, unless it would be of somebody born before 1930; in one piece, or parted by a space
      or a dot, it needs the check digit, or a word such as 주민 before it. Barcodes (``880…``) stay.
    - ``card``: 16 digits (15 of American Express) in groups or in one, with the first digits of a card and Luhn's check
      digit, or the word 카드 before it; also with one group hidden.
    - ``mobile``, ``landline``, ``hotline``: 010 and the older 011, 016 to 019; area codes, 070, 080 and 050X; 15xx,
      16xx and 18xx numbers. With dashes, tildes, dots, spaces, brackets, +82, or none of them. A landline number in one
      piece needs a word such as 전화 before it or brackets around it, one without area code the word; years
      (``1592-1598``) and amounts (``1500-3000원``) are no hotline.
    - ``account``: 10 to 16 digits right beside a bank's name or the word 계좌.
    - ``business_number``: ten digits with the check digit or after 사업자; the 13 of a corporation after 법인.
    - ``licence``, ``passport``, ``messenger_id``: the form of a driving licence, or digits after 면허; what follows
      여권 or 카톡 아이디; a name with digits, or behind a colon, after 카톡 or 텔레그램; links to them.
    - ``plate``, ``ip``, ``address``: of cars (``12가3456``), of hosts, and of houses from the number on. Only if
      chosen, since versions, amounts and places look like them.

    Full-width and circled digits are digits, and every dash is one. Prices, dates, years and numbers of orders, papers
    and goods stay: what stands right before a number (``주문번호``, ``ISBN``) is asked. Masks are fixed strings, so
    equal texts stay equal. Names of persons are not looked for.

    Of the cases in ``tests/korean/pii.jsonl``, 486 with personal data and 518 that only look like it, all are right.
    Of a set written without looking at the rules, 136 of 138 with personal data (0.986) and 157 of 158 others were
    right; of one of rarer forms 54 of 64 (0.844) and 66 of 68; and, after the rules were mended, of a third of again
    other forms 67 of 68 (0.985) and all 70. Of what was masked in the three before that, mobile was right in 74 of 75,
    hotline in 16 of 17, messenger_id in 9 of 10, every other kind always (email 33, landline 53, account 33,
    resident_number 20, card 11, business_number 7, passport 5, licence 3, plate 3, ip 2, address 2). All that it masks
    in 1,780 petitions (11 pieces) and 323,485 movie reviews (31) was read and is what it was taken for.

    ``010-1234-5678로 연락 주세요. hong@example.com`` → ``[전화번호]로 연락 주세요. [이메일]``
    """

    version: ClassVar[int] = 3

    kinds: list[str] = Field(SURE, min_length=1, description=f"What is masked, of: {', '.join(KINDS)}.")
    masks: dict[str, str] = Field(
        {}, description="What takes the place of a kind, instead of its own mask; taken literally."
    )
    spelled: bool = Field(
        False,
        description="Whether numbers and addresses that are spelled out (공일공, 골뱅이, hong@naver) are masked too.",
    )

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, kinds: list[str]) -> list[str]:
        _known(kinds)
        return kinds

    @field_validator("masks")
    @classmethod
    def _known_masks(cls, masks: dict[str, str]) -> dict[str, str]:
        _known(masks)
        return masks

    def _find(self, text: str) -> list[Found]:
        return find(text, [kind for kind in KINDS if kind in self.kinds], self.spelled)

    def _mask(self, text: str, counts: Counter[str]) -> str:
        pieces: list[str] = []
        done = 0
        found = self._find(text)
        counts.update(kind for _, _, kind in found)
        for start, end, kind in found:
            pieces += (text[done:start], self.masks.get(kind, KINDS[kind].mask))
            done = end
        return "".join((*pieces, text[done:]))

    def edit(self, texts: pa.StringArray) -> tuple[pa.StringArray, dict[str, int]]:
        """Return the texts with their personal data masked, and how many pieces of each kind that were."""
        counts = Counter[str]()
        kinds = [KINDS[name] for name in self.kinds]
        kinds += [kind for name, kind in SPELLED.items() if self.spelled and name in self.kinds]
        offsets, data = strings(texts)
        n_digits = np.zeros(len(texts), np.uint8)
        longest_numbers(offsets, data, n_digits)
        rows = n_digits >= min((kind.n_digits for kind in kinds if kind.n_digits), default=256)
        signs = tuple(sorted({sign for kind in kinds for sign in kind.signs}))
        if signs:
            rows |= signs_of_rows(offsets, data, (signs,)) > 0
        return edit_rows(texts, rows, lambda text: self._mask(text, counts)), counts

    def apply(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts with their personal data masked."""
        return self.edit(texts)[0]

    def tally(self, texts: pa.StringArray) -> dict[str, int]:
        """Return how many pieces of each kind `apply` masks in these texts."""
        return dict(self.edit(texts)[1])
