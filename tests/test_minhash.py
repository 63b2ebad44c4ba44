import re
import unicodedata

import mmh3
import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import example, given, settings
from hypothesis import strategies as st

from korpus.batch import strings
from korpus.dedup.forms import folded, forms
from korpus.dedup.verify import similarities
from korpus.kernels.hashing import hash128
from korpus.kernels.minhash import BASE, band_keys, signatures
from korpus.stages.minhash_dedup import permutations
from tests.nasty import PIECES, TEXT

NASTY = ["", "\x00", *PIECES, unicodedata.normalize("NFD", "한글과 영어"), "İSTANBUL ẞ ΣΑΣ ς ǅ K"]
NASTY += ["a" * n for n in (4, 5, 7, 8, 9, 15, 16, 17, 31, 32)] + ["".join(PIECES)]
texts_of = st.lists(st.sampled_from(NASTY) | TEXT, max_size=8)
MASK = (1 << 64) - 1


def fmix64(h):
    h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCD & MASK
    h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53 & MASK
    return h ^ (h >> 33)


def shingle_hashes(form, k):
    """The definition: one hash for each substring of k code points, or for all of a shorter form."""
    shingles = [form[i : i + k] for i in range(max(1, len(form) - k + 1))] if form else []
    return {fmix64(sum((ord(c) + 1) * BASE ** (len(s) - 1 - i) for i, c in enumerate(s)) & MASK) for s in shingles}


def normalized(text):
    return "".join(map(folded, text))


def form_strings(form):
    return ["".join(map(chr, form.chars[a:b])) for a, b in zip(form.offsets, form.offsets[1:])]


@settings(max_examples=100, deadline=None)
@given(texts_of, st.integers(0, 3))
@example(NASTY, 0)
def test_hash_is_murmur3(texts, skip):
    array = pa.array(texts, pa.string())[skip:]
    out = np.zeros((2, len(array)), np.uint64)
    hash128(*strings(array), 1, out)
    assert [tuple(map(int, row)) for row in out.T] == [mmh3.hash64(t.encode(), 0, signed=False) for t in texts[skip:]]


@settings(max_examples=100, deadline=None)
@given(texts_of, st.integers(0, 3))
@example(NASTY, 0)
def test_forms_are_what_they_are_defined_to_be(texts, skip):
    array = pa.array(texts, pa.string())[skip:]
    assert form_strings(forms(array, "text")) == texts[skip:]
    form = forms(array, "normalized")
    assert form_strings(form) == list(map(normalized, texts[skip:]))
    assert form.is_empty().tolist() == [not normalized(text) for text in texts[skip:]]
    wide = [normalized(text).encode("utf-32-le") for text in texts[skip:]]
    assert [tuple(map(int, row)) for row in form.hashes().T] == [mmh3.hash64(t, 0, signed=False) for t in wide]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("정말 좋아요!!! ㅋㅋ ~^^", "정말좋아요ㅋㅋ"),
        ("Good, ＧＯＯＤ", "goodｇｏｏｄ"),
        ("(필독) [공지] - 「가격」…", "필독공지가격"),
        ("❤️ 👍🏽 3,000₩", "❤👍3000₩"),
        ("가\u3164나\uffa0다\u200b라\u00a0마", "가나다라마"),
        ("ΣΑΣ ς Straße", "σασσstraße"),
        ("C++ > C_sharp", "ccsharp"),
        ("\ue000\U000f0000", "\ue000\U000f0000"),
    ],
)
def test_normalized_form(text, form):
    assert form_strings(forms(pa.array([text]), "normalized")) == [form]


def squeezed(text, laughter=False):
    """The definition of what is left of repeats: no sequence of up to 12 characters stands there twice in a row."""
    out = []
    for char in text:
        if laughter and char in "ㅋㅎ":
            if out and "가" <= out[-1] <= "힣" and (ord(out[-1]) - ord("가")) % 28 == {"ㅋ": 24, "ㅎ": 27}[char]:
                out[-1] = chr(ord(out[-1]) - {"ㅋ": 24, "ㅎ": 27}[char])
        else:
            out.append(char)
        period = 1
        while period <= min(12, len(out) // 2):
            again = out[-period:]
            is_apart = period > 1 and re.search("[\u1100-\u11ff]", "".join(again))
            if again == out[-2 * period : -period] and not re.search(r"\d", "".join(again)) and not is_apart:
                del out[-period:]
                period = 1
            else:
                period += 1
    return "".join(out)


def loose(text, how="loose"):
    """The definition: characters folded or dropped, laughter out, repeats cut; if nothing is left, without the two."""
    return squeezed("".join(folded(char, how) for char in text), laughter=True) or squeezed(normalized(text))


def jamo(text):
    """The definition: as loose, with conjoining jamo kept, and syllables taken apart."""
    form = loose(text, "jamo")
    return squeezed("".join(unicodedata.normalize("NFD", char) if "가" <= char <= "힣" else char for char in form))


@settings(max_examples=100, deadline=None)
@given(texts_of, st.integers(0, 3))
@example(NASTY, 0)
def test_loose_and_jamo_forms_are_what_they_are_defined_to_be(texts, skip):
    array = pa.array(texts, pa.string())[skip:]
    for how, define in (("loose", loose), ("jamo", jamo)):
        form = forms(array, how)
        assert form_strings(form) == list(map(define, texts[skip:]))
        # An index keeps forms as texts.
        assert form_strings(forms(pa.array(form_strings(form), pa.string()), how)) == form_strings(form)
        pairs = np.arange(len(array))
        sets = [shingle_hashes(define(text), 5) for text in texts[skip:]]
        want = [len(a & b) / len(a | b) if a | b else 0 for a, b in zip(sets, sets[::-1])]
        assert similarities(array, pairs, pairs[::-1].copy(), how, 5).tolist() == want


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("정말 좋아요!!! ㅋㅋ ~^^", "정말좋아요"),
        ("최고오오오 굿굿 👍🏽❤️ ★", "최고오굿"),
        ("GOOOOD 1000원 25℃ 5㎏", "god1000원25℃5㎏"),
        ("너무너무 재밌어요. 재밌어요 10점10점", "너무재밌어요10점10점"),
        ("재밌닼ㅋㅋ 좋닿 ㅎㅎ 부엌에 앜!", "재밌다좋다부엌에앜"),
        ("다닼ㅋ 가나가낳ㅎㅎ", "다가나"),
        ("ㅋㅋㅋ ㅠㅠ 😂!", "ㅋㅠ😂"),
        ("ㅋㅋ.ㅋㅋ ♥♥", "ㅋ♥"),
        ("!!! ~", ""),
        ("1️⃣ 🇰🇷 ᄏᄏ ﾡ", "1"),
    ],
)
def test_loose_form(text, form):
    assert form_strings(forms(pa.array([text]), "loose")) == [form]


@pytest.mark.parametrize("n_hashes", [1, 16, 119, 128])
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_permutations_are_those_of_datasketch(n_hashes, seed):
    oracle = MinHash(num_perm=n_hashes, seed=seed, scheme="affine32").permutations
    assert np.array_equal(np.stack(permutations(n_hashes, seed)), oracle)


@settings(max_examples=100, deadline=None)
@given(texts_of, st.sampled_from([1, 2, 5, 9]), st.sampled_from([1, 20, 128]))
@example(NASTY, 5, 128)
def test_signatures_are_those_of_datasketch(texts, k, n_hashes):
    form = forms(pa.array(texts, pa.string()), "normalized")
    out = np.zeros((len(texts), n_hashes), np.uint32)
    signatures(form.offsets, form.chars, k, *permutations(n_hashes, 1), out)
    for text, row in zip(texts, out):
        oracle = MinHash(num_perm=n_hashes, seed=1, scheme="affine32", hashfunc=int)
        for value in shingle_hashes(normalized(text), k):
            oracle.update(value >> 32)
        assert row.tolist() == oracle.hashvalues.tolist()


@settings(max_examples=100, deadline=None)
@given(texts_of)
def test_band_keys_are_a_function_of_the_signature(texts):
    bands, rows = 9, 7
    form = forms(pa.array(texts, pa.string()), "normalized")
    a, b = permutations(64, 1)
    weights = np.random.default_rng(0).integers(0, 1 << 64, 64, np.uint64)
    weights.flags.writeable = False
    signature = np.zeros((len(texts), 64), np.uint32)
    signatures(form.offsets, form.chars, 5, a, b, signature)
    out = np.zeros((len(texts), bands), np.uint64)
    band_keys(form.offsets, form.chars, 5, a, b, weights, rows, out)
    for values, keys in zip(signature.tolist(), out.tolist()):
        for band, key in enumerate(keys):
            js = range(band * rows, (band + 1) * rows)
            assert key == fmix64((band + 1 + sum(int(weights[j]) * values[j] for j in js)) & MASK)


@settings(max_examples=100, deadline=None)
@given(texts_of.filter(len), st.sampled_from([1, 2, 5]), st.data())
def test_similarity_is_that_of_the_shingle_sets(texts, k, data):
    rows = st.lists(st.integers(0, len(texts) - 1), min_size=5, max_size=5)
    left, right = (np.array(data.draw(rows)) for _ in "lr")
    got = similarities(pa.array(texts, pa.string()), left, right, "normalized", k)
    sets = [shingle_hashes(normalized(text), k) for text in texts]
    want = [len(sets[i] & sets[j]) / len(sets[i] | sets[j]) if sets[i] | sets[j] else 0 for i, j in zip(left, right)]
    assert got.tolist() == want
