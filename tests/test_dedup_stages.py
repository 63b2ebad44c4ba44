import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from korpus.batch import ROW_BITS
from korpus.dedup import VERDICT, candidates, verify
from korpus.dedup.forms import folded, forms
from korpus.dedup.order import order_column
from korpus.engine.exchange import gathered
from korpus.errors import SchemaError
from korpus.io.bits import DocBits
from korpus.io.spill import partitions, write_spill
from korpus.stages.exact_dedup import ExactDedup
from korpus.stages.minhash_dedup import MinhashDedup, best_bands


class FakeTexts:
    def __init__(self, texts):
        self.texts = texts

    def take(self, doc_ids):
        assert (np.diff(doc_ids) > 0).all()
        return pa.array([self.texts[doc_id] for doc_id in doc_ids.tolist()], pa.string())


class FakeResolution:
    def __init__(self, folder: Path, tables, n_partitions, texts, dropped, memory_bytes, reverse):
        self.dir, self.memory_bytes, self.workers = folder, memory_bytes, 2
        self._tables, self._n, self._texts, self._dropped, self._reverse = tables, n_partitions, texts, dropped, reverse

    def partitions(self, table):
        return partitions(tuple(self._tables[table]), self._n)

    def spills(self, table):
        return tuple(self._tables[table])

    def exchange(self, paths, n_partitions):
        return partitions(gathered(list(paths), self.map), n_partitions)

    def texts(self):
        return FakeTexts(self._texts)

    def dropped(self):
        return self._dropped

    def map(self, function, items, what):
        function, items = pickle.loads(pickle.dumps((function, list(items))))
        if self._reverse:
            return [function(item) for item in items[::-1]][::-1]
        return [function(item) for item in items]


@pytest.fixture(scope="module")
def dedup(tmp_path_factory):
    def run(
        stage,
        texts,
        *,
        n_splits=1,
        n_partitions=4,
        batch_rows=1000,
        memory_bytes=1 << 32,
        reverse=False,
        dropped=(),
        columns=None,
    ):
        """Return the verdicts as {document: (kept, similarity)}, by index of the text."""
        stage = pickle.loads(pickle.dumps(stage))
        folder = tmp_path_factory.mktemp("resolve")
        per_split = -(-max(1, len(texts)) // n_splits)
        splits = [range(len(texts))[i : i + per_split] for i in range(0, len(texts), per_split)]
        ids = np.array([(7 * s << ROW_BITS) + 2 * i for s, rows in enumerate(splits) for i in range(len(rows))], int)
        tables = {name: [] for name in stage.tables()}
        for number, rows in enumerate(splits):
            sketches = {name: [] for name in stage.tables()}
            for begin in range(rows.start, rows.stop, batch_rows):
                part = slice(begin, min(begin + batch_rows, rows.stop))
                arrays = {"doc_id": pa.array(ids[part]), "text": pa.array(texts[part], pa.string())}
                arrays |= {name: pa.array(column[part]) for name, column in (columns or {}).items()}
                for name, sketch in stage.sketch(pa.RecordBatch.from_pydict(arrays)).items():
                    assert sketch.schema.field(0) == pa.field("key", pa.uint64())
                    sketches[name].append(sketch)
            for name in stage.tables():
                path = folder / f"{name}-{number}"
                write_spill(path, pa.Table.from_batches(sketches[name]), n_partitions)
                tables[name].append(path)
        bits = DocBits(7 * np.arange(len(splits)), np.array([2 * len(rows) for rows in splits], int))
        bits.set(ids[list(dropped)])
        (folder / "work").mkdir()
        resolution = FakeResolution(
            folder / "work", tables, n_partitions, dict(zip(ids.tolist(), texts)), bits, memory_bytes, reverse
        )
        verdicts = stage.resolve(resolution)
        assert verdicts.dtype == VERDICT
        assert (np.diff(verdicts["doc_id"]) > 0).all()
        index = {doc_id: i for i, doc_id in enumerate(ids.tolist())}
        return {index[doc]: (index[kept], similarity) for doc, kept, similarity in verdicts.tolist()}

    return run


def shingles(text, k=5, how="normalized"):
    form = "".join(map(folded, text)) if how == "normalized" else text
    return {form[i : i + k] for i in range(max(1, len(form) - k + 1))} if form else set()


def similarity(a, b):
    return len(a & b) / len(a | b) if a | b else 0.0


def stars(texts, threshold, k=5, how="normalized", dropped=(), rank=lambda i: 0):
    """The definition: from the best on, a text goes if it is similar to a better kept one, and names the most similar.

    Of texts of equal form all but the best are left aside, and then go with that one.
    """
    sets = [shingles(text, k, how) for text in texts]
    forms = ["".join(map(folded, text)) for text in texts]
    in_order = sorted((i for i in range(len(texts)) if i not in dropped), key=lambda i: (rank(i), i))
    best = {}
    for i in in_order:
        if forms[i]:
            best.setdefault(forms[i], i)
    kept, gone = [], {}
    for i in in_order:
        if how == "normalized" and best.get(forms[i], i) != i:
            of = best[forms[i]]
            gone[i] = gone.get(of, (of, 1.0))
            continue
        own = sets[i]
        near = [(-similarity(own, sets[j]), j) for j in kept if similarity(own, sets[j]) >= threshold]
        if near and own:
            gone[i] = (min(near)[1], np.float32(-min(near)[0]))
        else:
            kept.append(i)
    return gone


# One row in a band, so that every similar pair is found and the outcome is known.
SURE = {"bands": 128, "rows": 1}

words = st.sampled_from(["가나다라마바사아자차", "카타파하", "!!", "A", "ㅋㅋ", " 가"])
corpus = st.lists(st.lists(words, max_size=5).map("".join), max_size=12)


@settings(max_examples=150, deadline=None)
@given(texts=corpus, threshold=st.sampled_from([0.3, 0.5, 0.8, 1.0]), data=st.data())
def test_stars_are_what_they_are_defined_to_be(dedup, texts, threshold, data):
    dropped = data.draw(st.sets(st.sampled_from(range(len(texts))))) if texts else ()
    stage = MinhashDedup(threshold=threshold, shingle_chars=2, n_hashes=256, bands=256, rows=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "N_FIRST", len(texts))  # all pairs of a bucket
        assert dedup(stage, texts, n_splits=2, dropped=dropped) == stars(texts, threshold, k=2, dropped=dropped)


@settings(max_examples=100, deadline=None)
@given(texts=corpus, values=st.lists(st.sampled_from([None, 1, 2, 3]), min_size=12, max_size=12))
@pytest.mark.parametrize("keep", ["longest", "column:stars"])
def test_the_best_of_similar_texts_stays(dedup, keep, texts, values):
    values = values[: len(texts)]

    def rank(i):
        return -len(texts[i]) if keep == "longest" else -(values[i] or 0)

    stage = MinhashDedup(threshold=0.5, shingle_chars=2, n_hashes=256, bands=256, rows=1, keep=keep)
    assert stage.reads() == (("text",) if keep == "longest" else ("text", "stars"))
    columns = {"stars": pa.array(values, pa.int64())}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "N_FIRST", len(texts))
        assert dedup(stage, texts, n_splits=2, columns=columns) == stars(texts, 0.5, k=2, rank=rank)


def test_the_longest_of_a_crowd_stays_wherever_it_stands(dedup):
    random = np.random.default_rng(1)
    begin = "".join(map(chr, random.integers(0xAC00, 0xD7A4, 300)))
    texts = [begin + "".join(map(chr, random.integers(0xAC00, 0xD7A4, 10))) for _ in range(300)]
    texts[200] += "가나다"
    got = dedup(MinhashDedup(keep="longest"), texts, n_splits=3)
    assert {doc: kept for doc, (kept, _) in got.items()} == {i: 200 for i in range(300) if i != 200}


@pytest.mark.parametrize("memory_bytes", [1 << 32, 200_000])
def test_the_best_of_equal_texts_stays(dedup, memory_bytes):
    values = [3.5, None, float("nan"), 7.0, 7.0, -1.0, float("-inf")] * 300
    stage = ExactDedup(keep="column:score")
    got = dedup(stage, ["가"] * len(values), columns={"score": values}, n_splits=3, memory_bytes=memory_bytes)
    assert got == {i: (3, 1.0) for i in range(len(values)) if i != 3}


VALUES = {
    "int64": (pa.array([-(1 << 63), -1, 0, 5, (1 << 63) - 1]), 0),
    "uint8": (pa.array([0, 1, 200], pa.uint8()), 0),
    "bool": (pa.array([False, True]), 0),
    "double": (pa.array([float("-inf"), -1.5, 0.0, 1e-300, 2.0, float("inf")]), 0),
    "numbers": (pa.array(["-10", "-9.5", " 0", "1e1", "200 "]), 0),
    "dates": (pa.array(["2019-12-31", "2020-01-01", "2020-01-01 00:00:01", "2020-01-01T10:00Z"]), 0),
    "no values": (pa.array([None, "", "좋아요", "2020-02-31", "1 2"]), 5),
    "timestamps": (pa.array([0, 1, 2], pa.timestamp("s")), 0),
}


@pytest.mark.parametrize("name", VALUES)
def test_which_value_is_higher(name):
    values, n_worst = VALUES[name]
    batch = pa.RecordBatch.from_arrays([values], ["v"])
    numbers = order_column(batch, "column:v").to_pylist()
    assert 0 not in numbers
    if n_worst:
        assert numbers == [(1 << 64) - 1] * n_worst
    else:
        assert all(later < earlier for earlier, later in zip(numbers, numbers[1:]))


def test_a_column_without_an_order_is_refused():
    with pytest.raises(SchemaError, match="keep: column:v needs numbers, dates"):
        order_column(pa.RecordBatch.from_arrays([pa.array([[1]])], ["v"]), "column:v")


@pytest.fixture(scope="module")
def corpus_of_copies():
    random = np.random.default_rng(5)
    syllables = np.array([chr(0xAC00 + 37 * i) for i in range(200)])
    originals = ["".join(random.choice(syllables, random.integers(6, 80))) for _ in range(400)]
    texts = list(originals)
    for _ in range(800):
        text = list(originals[random.integers(len(originals))])
        for _ in range(random.integers(0, 4)):
            text[random.integers(len(text))] = random.choice([*syllables, " ", "!"])
        texts.append("".join(text))
    return [texts[i] for i in random.permutation(len(texts))]


def test_default_bands_find_nearly_all_and_nothing_else(dedup, corpus_of_copies):
    got, want = dedup(MinhashDedup(), corpus_of_copies), stars(corpus_of_copies, 0.8)
    assert len(set(got) & set(want)) >= 0.97 * len(want)
    for doc, (kept, similar) in got.items():
        exact = similarity(shingles(corpus_of_copies[doc]), shingles(corpus_of_copies[kept]))
        assert exact >= 0.8
        assert similar == np.float32(exact)


@pytest.mark.parametrize(
    "stage",
    [MinhashDedup(threshold=0.6), MinhashDedup(threshold=0.6, keep="longest"), ExactDedup(key="normalized")],
    ids=repr,
)
def test_the_verdicts_do_not_depend_on_how_the_work_is_cut(dedup, corpus_of_copies, stage, monkeypatch):
    want = dedup(stage, corpus_of_copies, n_splits=3)
    assert len(want) > 100
    assert dedup(stage, corpus_of_copies, n_splits=3, batch_rows=17) == want
    assert dedup(stage, corpus_of_copies, n_splits=3, n_partitions=1) == want
    assert dedup(stage, corpus_of_copies, n_splits=3, n_partitions=64, reverse=True) == want
    assert dedup(stage, corpus_of_copies, n_splits=5, n_partitions=16) == want
    monkeypatch.setattr(verify, "MAX_CHUNK", 10)
    assert dedup(stage, corpus_of_copies, n_splits=3) == want
    # So little memory that partitions are read in pieces, and pairs are verified one by one.
    assert dedup(stage, corpus_of_copies, n_splits=3, memory_bytes=100_000) == want


@pytest.mark.parametrize(
    ("threshold", "removed"), [(0.8, True), (0.8000000000000002, False), (0.7999, True), (0.81, False)]
)
def test_a_similarity_that_just_reaches_the_threshold(dedup, threshold, removed):
    # Shingles of 2: {가나, 나다, 다라, 라마} and those with 마바: 4 of 5.
    got = dedup(MinhashDedup(threshold=threshold, shingle_chars=2, **SURE), ["가나다라마", "가나다라마바"])
    assert got == ({1: (0, np.float32(0.8))} if removed else {})


def test_a_chain_removes_only_what_is_similar_to_a_kept_text(dedup):
    letters = "".join(chr(0xAC00 + 50 * i) for i in range(60))
    chain = [letters[i * 5 : i * 5 + 40] for i in range(4)]  # neighbours share 35 of 45 characters
    assert dedup(MinhashDedup(threshold=0.7, shingle_chars=1, **SURE), chain) == {
        1: (0, np.float32(35 / 45)),
        3: (2, np.float32(35 / 45)),
    }


def test_equal_texts_follow_their_representative(dedup):
    texts = [
        "가나다라마바사아자차카타",
        "가나다라마바사아자차카타파",
        "가나다라마바사아자차카타 파!!",
        "가나다라마바사아자차카타",
    ]
    similar = np.float32(8 / 9)
    assert dedup(MinhashDedup(**SURE), texts) == {1: (0, similar), 2: (0, similar), 3: (0, 1.0)}
    assert dedup(MinhashDedup(**SURE), texts, dropped=[0]) == {2: (1, 1.0), 3: (1, similar)}


def test_the_most_similar_kept_text_is_named_and_on_a_tie_the_first(dedup):
    letters = "".join(chr(0xAC00 + 50 * i) for i in range(60))
    texts = [letters[:20] + letters[30:40], letters[:20] + letters[40:50], letters[:30], letters[:25]]
    stage = MinhashDedup(threshold=0.6, shingle_chars=1, **SURE)
    assert dedup(stage, texts) == {3: (2, np.float32(25 / 30))}
    assert dedup(stage, [*texts[:2], letters[:20]]) == {2: (0, np.float32(20 / 30))}


def test_the_example_of_the_help_text(dedup):
    texts = ["배송이 정말 빨라서 좋았어요!!", "배송이 정말 빨라서 좋았어요~ㅋ"]
    assert list(dedup(MinhashDedup(), texts)) == [1]
    assert dedup(MinhashDedup(threshold=0.95), texts) == {}
    assert dedup(MinhashDedup(compare="text"), texts) == {}
    assert list(dedup(ExactDedup(key="normalized"), ["정말 좋아요!", "정말좋아요~~"])) == [1]


def test_loose_texts_say_the_same_with_other_laughter(dedup):
    texts = [
        "너무 재밌어요!!ㅋㅋㅋㅋ",
        "너무 재밌어요~~ㅠ",
        "너무재밌어요오오 ♥",
        "1000원이에요",
        "100원이에요",
        "ㅋㅋ",
        "ㅋㅋㅋ ㅋㅋ",
        "ㅠㅠ",
        "!",
        "!!",
        "너무너무 재밌어욬ㅋㅋ 재밌어요",
    ]
    assert dedup(MinhashDedup(), texts[:2]) == {}
    found = dedup(MinhashDedup(compare="loose"), texts)
    assert found[1] == (0, 1.0)
    # What is nothing but laughter is compared by it; what has neither letters nor symbols is kept.
    assert found[6] == (5, 1.0)
    assert found[10] == (0, 1.0)
    assert set(found) <= {1, 2, 6, 10}


@given(st.lists(st.text(st.sampled_from("재미있다닼ㅋㅎㅠ 1!♥"), max_size=12), min_size=2, max_size=8))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("how", ["loose", "jamo"])
def test_no_two_that_stay_have_an_equal_form(dedup, how, texts):
    gone = dedup(MinhashDedup(compare=how), texts)
    form = forms(pa.array(texts), how)
    stay = [bytes(form.chars[a:b]) for a, b in zip(form.offsets, form.offsets[1:])]
    stay = [chars for i, chars in enumerate(stay) if chars and i not in gone]
    assert len(stay) == len(set(stay))


def test_a_mistyped_letter_counts_little_in_jamo(dedup):
    texts = ["배송 빠르고 정말 좋아요 잘 쓸게요", "배송 빠르고 정말 좋아요 잘 쓸께요"]
    assert dedup(MinhashDedup(threshold=0.7), texts) == {}
    found = dedup(MinhashDedup(compare="jamo"), texts)
    assert set(found) == {1}
    assert MinhashDedup(compare="jamo").threshold == 0.7
    assert MinhashDedup(compare="jamo", threshold=0.9).threshold == 0.9
    assert MinhashDedup(compare="loose").threshold == 0.8


@pytest.mark.parametrize(
    ("first", "second", "found_by"),
    [
        ("할 말이 없다...ㄷㄷ", "할 말이 없다!!", {"loose", "jamo"}),
        ("연기가 좋아서 즐겁게 봤어요", "연기가 좋아서 즐겁게 봤어용ㅋ", {"jamo"}),
        # A word added, moved or changed is half of so short a text, and "6점" is as near to "9점" as a slip of the pen:
        # who wants these takes a lower threshold, and loses more that differs.
        ("감동적인 로맨스 걸작", "로맨스 감동적인 걸작", set()),
        ("별 다섯 개", "별 다섯 개 최고다", set()),
        ("평점은 9점 드려요", "평점은 6점 드려요", set()),
        # Long enough, other numbers go with the rest; whoever counts must say so with the threshold.
        ("넷이서 이렇게 모이면 어떻게 되나요?", "둘이서 이렇게 모이면 어떻게 되나요?", {"normalized", "loose", "jamo"}),
    ],
)
def test_what_short_texts_are_found_by(dedup, first, second, found_by):
    ways = {"normalized", "loose", "jamo"}
    assert {how for how in ways if dedup(MinhashDedup(compare=how), [first, second])} == found_by


def test_texts_shorter_than_a_shingle_are_compared_whole(dedup):
    assert dedup(MinhashDedup(), ["최고", "최고!", "최악", "최고다", "최 고"]) == {1: (0, 1.0), 4: (0, 1.0)}


def test_texts_with_nothing_to_compare_are_kept(dedup):
    texts = ["!!!", "...", "", "!!!", "~~~^^"] * 20
    assert dedup(MinhashDedup(), texts) == {}
    assert dedup(ExactDedup(key="normalized"), texts) == {}


@pytest.mark.parametrize("stage", [MinhashDedup(), ExactDedup(), ExactDedup(key="normalized")])
def test_no_documents_at_all(dedup, stage):
    texts = ["하나", "둘"]
    assert dedup(stage, texts, dropped=[0, 1]) == {}
    assert dedup(stage, ["하나"]) == {}


@pytest.mark.parametrize("memory_bytes", [1 << 32, 1 << 20])
def test_ten_thousand_equal_texts(dedup, memory_bytes):
    for stage in (MinhashDedup(), ExactDedup()):
        got = dedup(stage, ["ㅋㅋ"] * 10_000, n_splits=3, batch_rows=500, memory_bytes=memory_bytes)
        assert got == dict.fromkeys(range(1, 10_000), (0, 1.0))


@pytest.mark.parametrize("keep", ["first", "longest"])
def test_a_bucket_that_does_not_fit_into_memory_gives_the_same(dedup, keep):
    random = np.random.default_rng(2)
    begin = "".join(map(chr, random.integers(0xAC00, 0xD7A4, 100)))
    # Some are similar to the first ones of the bucket, some only to their neighbours.
    texts = [begin[: i % 60 + 40] + chr(0xAC00 + i) * (i % 7) for i in range(900)]
    stage = MinhashDedup(threshold=0.7, keep=keep)
    want = dedup(stage, texts, n_splits=3, n_partitions=1)
    assert 100 < len(want) < 900
    for memory_bytes in (1 << 21, 1 << 18, 1 << 16):
        assert dedup(stage, texts, n_splits=3, n_partitions=1, batch_rows=50, memory_bytes=memory_bytes) == want


def test_many_texts_of_one_long_beginning(dedup, monkeypatch):
    n_pairs = []
    original = verify.Verify._verify

    def counted(self, texts, later, earlier):
        n_pairs.append(len(later))
        return original(self, texts, later, earlier)

    monkeypatch.setattr(verify.Verify, "_verify", counted)
    random = np.random.default_rng(0)
    begin = "".join(map(chr, random.integers(0xAC00, 0xD7A4, 400)))
    texts = [begin + "".join(map(chr, random.integers(0xAC00, 0xD7A4, 10))) for _ in range(2000)]
    got = dedup(MinhashDedup(), texts)
    assert got == {i: (0, got[i][1]) for i in range(1, 2000)}
    bands, _ = MinhashDedup().bands_and_rows()
    assert sum(n_pairs) <= 2000 * bands * (candidates.N_FIRST + 1)


buckets = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=60, unique=True)


@given(rows=buckets, order=st.lists(st.integers(0, 3), min_size=31, max_size=31), n_reference=st.integers(0, 8))
def test_a_bucket_gives_linearly_many_pairs(rows, order, n_reference):
    order[:n_reference] = [0] * n_reference
    order[n_reference:] = [1 + value for value in order[n_reference:]]
    keys, places = (np.array([row[i] for row in rows], dtype) for i, dtype in ((0, np.uint64), (1, np.int64)))
    of_rows = candidates.Rows(keys, places, np.array([order[place] for _, place in rows], np.uint64))
    later, earlier, of_later = candidates.bucket_pairs(of_rows, n_reference)
    got = list(zip(later.tolist(), earlier.tolist()))
    assert of_later.tolist() == [order[place] for place in later]
    want = set()
    for key in range(4):
        bucket = sorted(place for own, place in rows if own == key)
        by_rank = sorted(bucket, key=lambda place: (order[place], place))
        references = [place for place in by_rank if place < n_reference][: candidates.N_FIRST]
        documents = [place for place in bucket if place >= n_reference]
        best = [place for place in by_rank if place >= n_reference][: candidates.N_FIRST]
        for i, place in enumerate(documents):
            for other in {*references, *best, *documents[max(0, i - 1) : i]} - {place}:
                want.add(tuple(sorted((place, other), key=lambda p: (order[p], p), reverse=True)))
        assert len([pair for pair in got if pair[0] in bucket]) <= (2 * candidates.N_FIRST + 1) * len(rows)
    assert set(got) == want


def test_pairs_of_long_texts_are_verified_within_the_memory(dedup):
    random = np.random.default_rng(0)
    long = ["".join(map(chr, random.integers(0xAC00, 0xD7A4, 20_000))) for _ in range(6)]
    texts = [*long, *(text[:-100] for text in long)]
    got = dedup(MinhashDedup(), texts, memory_bytes=4_000_000)
    assert {doc: kept for doc, (kept, _) in got.items()} == {i + 6: i for i in range(6)}


@pytest.mark.parametrize("n_splits", [1, 3])
def test_exact_dedup_keeps_the_first_of_equal_texts(dedup, n_splits):
    texts = ["가", "나", "가", "", "가 ", "나", "", "\x00"]
    assert dedup(ExactDedup(), texts, n_splits=n_splits) == {2: (0, 1.0), 5: (1, 1.0), 6: (3, 1.0)}
    assert dedup(ExactDedup(), [*texts, "가"], n_splits=n_splits, dropped=[0, 5]) == {6: (3, 1.0), 8: (2, 1.0)}


@pytest.mark.parametrize("values", [["a", "b", "a", None, None, "b"], [1, 2, 1, None, None, 2]])
def test_exact_dedup_by_a_column(dedup, values):
    stage = ExactDedup(key="column:url")
    assert stage.reads() == ("url",)
    assert dedup(stage, list("가나다라마바"), columns={"url": values}) == {2: (0, 1.0), 5: (1, 1.0)}


@settings(max_examples=50, deadline=None)
@given(texts=st.lists(st.text(max_size=3), max_size=20))
def test_exact_dedup_is_what_it_is_defined_to_be(dedup, texts):
    first = {}
    want = {i: (first[text], 1.0) for i, text in enumerate(texts) if first.setdefault(text, i) != i}
    assert dedup(ExactDedup(), texts, n_splits=2) == want


def test_equal_halves_of_a_hash_are_not_enough():
    from korpus.dedup.exact import Keyed, equal_rows

    h0, h1, ids = np.array([5, 5, 5, 7], np.uint64), np.array([1, 2, 1, 1], np.uint64), np.array([30, 20, 10, 5])
    followers, first = equal_rows(Keyed(h0, h1, np.zeros(4, np.uint64), ids))
    assert (followers.tolist(), first.tolist()) == ([30], [10])


@pytest.mark.parametrize(
    "options",
    [{"bands": 3}, {"rows": 3}, {"bands": 20, "rows": 7}, {"threshold": 0.0}, {"threshold": 1.1}, {"compare": "html"}],
)
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(ValidationError):
        MinhashDedup(**options)


@pytest.mark.parametrize("key", ["column:", "texts", ""])
def test_keys_that_make_no_sense_are_refused(key):
    with pytest.raises(ValidationError):
        ExactDedup(key=key)


def test_bands_follow_from_the_threshold():
    bands, rows = best_bands(0.8, 128)
    assert bands * rows <= 128
    assert 1 - (1 - 0.8**rows) ** bands >= 0.97
    assert MinhashDedup(bands=4, rows=8).bands_and_rows() == (4, 8)
    assert MinhashDedup(threshold=1.0).bands_and_rows()[0] == 1
