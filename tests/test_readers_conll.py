"""Files of columns, a token a line: CoNLL, CoNLL-U, KLUE, Naver; and what is wrong with them."""

import pytest

from korpus.io.readers import discover
from korpus.io.readers.conll import Stream
from tests import converted as check
from tests.reading import write

SPACE = " "  # a token of its own
KLUE_NER = f"""## wikitree-00000-nng## klue-ner-v1_train_00000-wikitree	<경찰:OG>은 또 # 갔다
경	B-OG
찰	I-OG
은	O
{SPACE}	O
또	O
{SPACE}	O
#	O
{SPACE}	O
갔	O
다	O

## klue-ner-v1_train_00001-nsmc	<오늘:DT> 좋다
오	B-DT
늘	I-DT
{SPACE}	O
좋	O
다	O

## klue-ner-v1_train_00002-nsmc	좋다
좋	O
다	O
"""
KLUE_NER_DOCS = [
    (
        "경찰은 또 # 갔다",
        "wikitree-00000-nng## klue-ner-v1_train_00000-wikitree",
        "경찰은 또 # 갔다",
        "B-OG I-OG" + " O" * 8,
    ),
    ("오늘 좋다", "klue-ner-v1_train_00001-nsmc", "오늘 좋다", "B-DT I-DT O O O"),
    ("좋다", "klue-ner-v1_train_00002-nsmc", "좋다", "O O"),
]
KLUE_DP = f"""## klue-dp-v1_train_00000_wikitree	2001년  4월에 갔다.
1	2001년	2001 년	SN+NNB	2	NP
2	4월에	4 월 에	SN+NNB+JKB	3	NP_AJT{SPACE}{SPACE}
3	갔다.	가 았 다 .	VV+EP+EF+SF	0	VP

## klue-dp-v1_train_00001_wikitree	네
1	네	네	IC	0	IP
"""
CONLLU = """# newdoc id = d1
# sent_id = s1
# text = 나는  간다.
1	나는	나+는	PRON	NP+JX	_	2	nsubj	_	_
2	간다	가+ㄴ다	VERB	VV+EF	_	0	root	_	SpaceAfter=No
3	.	.	PUNCT	SF	_	2	punct	_	_

# sent_id = s2
1	그는	그+는	_	NP+JX	_	2	nsubj	_	_
2-3	간다	_	_	_	_	_	_	_	Gloss=go|SpaceAfter=No
2	가	가	VERB	VV	_	0	root	_	_
3	ㄴ다	ㄴ다	PART	EF	_	2	aux	_	_
3.1	숨은	숨은	VERB	VV	_	_	_	0:root	_
4	!	!	PUNCT	SF	_	2	punct	_	_
"""
NAVER = """1	이순신은	PER_B
2	장군	CVL_B
3	이다	-

1	2024	NUM_B

1	끝	-
"""
WORDS = """이순신은	B-PS
장군이다	O

그	O
집	O
"""
CONLL_2003 = """-DOCSTART- -X- O O

EU NNP B-NP B-ORG
# NN I-NP O
rejects VBZ B-VP O

1996 CD I-NP O
"""
FILES = {
    "klue-ner-v1.tsv": (KLUE_NER, KLUE_NER_DOCS),
    "klue-dp-v1.tsv": (
        KLUE_DP,
        [
            (
                "2001년  4월에 갔다.",
                "klue-dp-v1_train_00000_wikitree",
                "2001년|4월에|갔다.",
                "SN+NNB SN+NNB+JKB VV+EP+EF+SF",
            ),
            ("네", "klue-dp-v1_train_00001_wikitree", "네", "IC"),
        ],
    ),
    "ko_kaist-ud-train.conllu": (
        CONLLU,
        [
            ("나는  간다.", "s1", "나는|간다|.", "PRON VERB PUNCT"),
            ("그는 간다!", "s2", "그는|가|ㄴ다|!", "NP+JX VERB PART PUNCT"),
        ],
    ),
    "naver.txt": (
        NAVER,
        [
            ("이순신은 장군 이다", None, "이순신은|장군|이다", "PER_B CVL_B -"),
            ("2024", None, "2024|", "NUM_B"),
            ("끝", None, "끝|", "-"),
        ],
    ),
    "words.tsv": (WORDS, [("이순신은 장군이다", None, "이순신은|장군이다", "B-PS O"), ("그 집", None, "그|집", "O O")]),
    "eng.conll": (CONLL_2003, [("EU # rejects", None, "EU|#|rejects", "B-ORG O O"), ("1996", None, "1996|", "O")]),
}
each_file = pytest.mark.parametrize("name", FILES)


def docs(folder, name, text):
    made, rejects = check.of(folder, name, text, "conll")
    return [(doc["text"], doc["id"], doc["tokens"], doc["tags"]) for doc in made], rejects


@each_file
def test_a_block_is_a_document(tmp_path, name):
    text, expected = FILES[name]
    made, rejects = docs(tmp_path, name, text)
    assert not rejects
    assert made == [
        (said, name, [each for each in tokens.split("|") if each] if "|" in tokens else list(tokens), tags.split())
        for said, name, tokens, tags in expected
    ]


@each_file
def test_encodings_and_line_ends_make_no_difference(tmp_path, name):
    if name != "eng.conll":
        check.same_in_every_encoding(tmp_path, name, FILES[name][0], "conll", encoding="auto")


@each_file
def test_pieces_of_any_size_give_the_same_lines(tmp_path, monkeypatch, name):
    check.same_in_pieces(monkeypatch, tmp_path, name, FILES[name][0], "conll")


@each_file
def test_a_file_cut_off_loses_its_end_alone(tmp_path, name):
    check.cut_anywhere_loses_only_the_end(tmp_path, name, FILES[name][0], "conll")
    check.damage_is_told(Stream, FILES[name][0])


def test_bad_blocks_are_rejects_of_their_own(tmp_path):
    blocks = [
        "1	가	O\n2	나	O",
        "1	가	O\n2	나",
        "1	가	O\n3	나	O",
        "가	가	O\n2	나	O",
        "열이 없음",
        "한열",
        "1	다	O",
    ]
    made, rejects = docs(tmp_path, "a.tsv", "\n\n".join(blocks))
    assert [each[0] for each in made] == ["가 나", "다"]
    assert [text for _, text in rejects] == blocks[1:6]
    bad = ["가	O\n	O", "가	O\n나	O	O"]
    made, rejects = docs(tmp_path, "b.tsv", "\n\n".join(["나	O", *bad, "다	O"]))
    assert [each[0] for each in made] == ["나", "다"]
    assert [text for _, text in rejects] == bad
    rows = "	_" * 8
    bad = [f"2-3	나{rows}\n1	가{rows}", f"1-2	나{rows}\n1	가{rows}", f"하나	가{rows}"]
    made, rejects = docs(tmp_path, "c.conllu", "\n\n".join([*bad, f"1	가{rows}"]))
    assert [each[0] for each in made] == ["가"]
    assert [text for _, text in rejects] == bad


def test_comments_that_are_no_text(tmp_path):
    text = f"## INDEX\tFORM\tPOS\n\n## 이용 조건\n## 둘째 줄\n\n# global.columns = ID FORM\n{KLUE_NER}"
    text = text.replace(" FORM\n", " FORM\n# text = 글만 있음\n# sent_id = 7\n\n")
    made, rejects = docs(tmp_path, "a.tsv", text)
    assert [each[:2] for each in made] == [("글만 있음", "7"), *(each[:2] for each in KLUE_NER_DOCS)]
    assert not rejects


def test_invalid_bytes_nul_and_blocks_that_are_too_long(tmp_path):
    words = ["가", "나" * 3000, "다", "라\0", "마"]
    data = "\n\n".join(f"1\t{word}\tO" for word in words).encode().replace("다".encode(), b"\xb4\xd9")
    made, rejects = check.of(tmp_path, "a.tsv", data, "conll", encoding="utf-8", max_doc_bytes=2000)
    assert [doc["text"] for doc in made] == ["가", "마"]
    assert [reason for reason, _ in rejects] == ["too_long", "invalid_utf8", "nul_character"]


def test_nothing_endless_is_held():
    check.never_held_whole(Stream, b"", b"x")
    check.never_held_whole(Stream, b"", b"x\tO\n")
    check.never_held_whole(Stream, b"", b"# x\n")


def test_a_million_lines(tmp_path):
    n = 20_000
    text = "".join(f"# {i}\n" + "가	O\n나	O\n 	O\n" * 16 + "\n" for i in range(n))
    made, error = check.lined(write(tmp_path, "a.tsv", text), "conll")
    assert (made.count(b"\n"), error) == (n, None)


def test_which_files_are_columns_of_tokens(tmp_path):
    check.is_known(
        "conll",
        [KLUE_NER, KLUE_DP, CONLLU, NAVER, WORDS],
        ["", "a\tb\nc\td\n", "id\ttext\n1\t가\n", "# 제목\n글\n", "1\t2\t3\n", "가 O\n나 O\n", "1\t글\t0\n2\t글\t1\n"],
    )
    for name, (text, _) in FILES.items():
        write(tmp_path, name, text)
    write(tmp_path, "reviews.tsv", "id\tdocument\tlabel\n1\t글\t0\n")
    found = [file.path.rpartition("/")[2] for file in discover([tmp_path], "conll")]
    assert found == sorted(FILES)
    check.refuses(tmp_path, "d.txt", "그냥\n", "conll", r"does not look like columns of tokens \(not columns")
