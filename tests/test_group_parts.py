"""What grouping is made of: the order of texts, connected components, cutting long threads."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korpus.dedup.forms import read_only
from korpus.kernels.pieces import cut_pieces
from korpus.kernels.unionfind import ALONE, flatten, unite
from korpus.stages._moments import moments


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40), st.randoms())
def test_components_are_those_of_a_walk_over_the_pairs(pairs, random):
    parents = np.full(20, ALONE)
    shuffled = random.sample(pairs, len(pairs))
    columns = (np.array([pair[i] for pair in shuffled], np.int64) for i in (0, 1))
    unite(*map(read_only, columns), parents)
    flatten(parents)
    smallest = dict.fromkeys(range(20), -1) | {place: place for pair in pairs for place in pair}
    for _ in range(20):
        for a, b in pairs:
            smallest[a] = smallest[b] = min(smallest[a], smallest[b])
    assert parents.tolist() == list(smallest.values())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=30), st.integers(0, 3), st.integers(1, 25))
def test_pieces_are_as_long_as_they_may_be(rows, n_between, max_bytes):
    rows.sort(key=lambda row: row[0])
    groups, sizes = (np.array([row[i] for row in rows], np.int64) for i in (0, 1))
    starts = np.empty(len(rows), np.int64)
    n = cut_pieces(read_only(groups), read_only(sizes), n_between, max_bytes, starts)
    expected = [0] if rows else []
    for i in range(1, len(rows)):
        longer = sum(sizes[expected[-1] : i + 1]) + n_between * (i - expected[-1])
        if groups[i] != groups[i - 1] or longer > max_bytes:
            expected.append(i)
    assert starts[:n].tolist() == expected


@pytest.mark.parametrize(
    "texts",
    [
        ["-12.5", "-12.25", "-1", "-0.5", "0", "+3", "7.25", "20200102", "123456789012345678"],
        ["1969-12-31", "2020.1.2.", "2020. 1. 2. 3:04", "2020-01-02T03:04:05Z", "2020-01-02 03:04:05.5"],
        ["2020-01-02T03:04:05+09:00", "2020/01/02 03:04:05 +0830", "2020-01-02 03:04"],
    ],
)
def test_texts_are_in_the_order_of_what_they_say(texts):
    found = moments(pa.array(texts), "order")
    assert found.known.all()
    assert sorted(range(len(texts)), key=lambda i: (found.whole[i], found.fine[i])) == list(range(len(texts)))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.datetimes(), min_size=1), st.sampled_from(["T", " "]))
def test_dates_are_read_as_python_reads_them(dates, between):
    found = moments(pa.array([date.isoformat(between) for date in dates]), "order")
    for date, whole, fine in zip(dates, found.whole, found.fine):
        seconds = (date.replace(microsecond=0) - datetime(1970, 1, 1)).total_seconds()
        assert (whole, fine) == (seconds, date.microsecond * 1000)


@pytest.mark.parametrize(
    "text", ["어제", "2020-13-01", "2020-00-01", "2020-01-00", "2019-02-29", "2020-01-01 24:00", "2020-01-01 3", "1e5"]
)
def test_what_is_no_moment_is_known_as_such(text):
    assert moments(pa.array(["1", text, None]), "order").known.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([-2.5, -0.0, 0.5, 1e300], pa.float64()),
        ([0, 1, 2**63, 2**64 - 1], pa.uint64()),
        ([-(2**63), -1, 0, 2**63 - 1], pa.int64()),
        ([datetime(1960, 1, 1).date(), datetime(2020, 1, 1).date()], pa.date32()),
        ([datetime(1960, 1, 1), datetime(2020, 1, 1)], pa.timestamp("us", "Asia/Seoul")),
    ],
)
def test_numbers_and_dates_of_columns_keep_their_order_and_nulls_come_last(values, kind):
    found = moments(pa.array([None, *reversed(values)], kind), "order")
    assert np.lexsort((found.fine, found.whole)).tolist() == [*range(len(values), 0, -1), 0]
