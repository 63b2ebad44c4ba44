"""The books that are kept of a chain of stages."""

import pyarrow as pa

from korpus.chain import EXAMPLE_CHARS, N_EXAMPLES, Chain
from korpus.stages.length import Length
from korpus.stages.repeats import Repeats
from korpus.stages.whitespace import Whitespace


def batch(*texts):
    return pa.RecordBatch.from_pydict({"doc_id": list(range(len(texts))), "text": list(texts)})


def test_changes_drops_and_reasons_are_written_down():
    chain = Chain((Whitespace(), Repeats(), Length(min_chars=3)))
    kept, dropped = chain(batch("가  나다", "   ", "ㅋㅋㅋㅋㅋ", "그대로", ""))
    assert kept["text"].to_pylist() == ["가 나다", "그대로"]
    rows = [row for each in dropped for row in each.to_pylist()]
    assert [(row["doc_id"], row["stage"], row["reason"], row["text"]) for row in rows] == [
        (1, "whitespace", "emptied", "   "),
        (2, "length", "too_short", "ㅋㅋ"),
        (4, "length", "too_short", ""),
    ]
    spaces, repeats, length = chain.books
    assert (spaces.n_in, spaces.n_out, spaces.n_changed, spaces.counts) == (5, 4, 2, {"emptied": 1})
    assert (repeats.n_in, repeats.n_out, repeats.n_changed) == (4, 4, 1)
    assert (length.n_in, length.n_out, length.counts) == (4, 2, {"too_short": 2})
    assert spaces.examples == [["가  나다", "가 나다"], ["   ", ""]]
    assert length.examples == [["ㅋㅋ", "too_short"], ["", "too_short"]]
    assert spaces.bytes_out == repeats.bytes_in == repeats.bytes_out + len("ㅋㅋㅋ".encode())


def test_a_long_example_shows_where_the_change_is():
    text = "가" * 1000 + "나  다" + "라" * 1000
    chain = Chain((Whitespace(),))
    chain(batch(text))
    ((before, after),) = chain.books[0].examples
    assert "나  다" in before
    assert "나 다" in after
    assert max(len(before), len(after)) <= EXAMPLE_CHARS + 2


def test_books_of_two_parts_add_up_to_that_of_the_whole():
    texts = [f"글  {i}" if i % 3 else "ㅋ" * i for i in range(40)]
    whole, first, second = (Chain((Whitespace(), Repeats(), Length(min_chars=4))) for _ in range(3))
    whole(batch(*texts))
    first(batch(*texts[:17]))
    second(batch(*texts[17:]))
    for book, one, two in zip(whole.books, first.books, second.books):
        one.add(two)
        assert {**vars(one), "time_s": 0} == {**vars(book), "time_s": 0}
        assert len(book.examples) <= N_EXAMPLES
