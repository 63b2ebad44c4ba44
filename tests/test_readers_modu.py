"""The shapes in which the Modu corpus and the dumps of Namuwiki are published; every text here is made up."""

import json

import pyarrow.parquet as pq
import pytest

import korpus
from tests.reading import read, texts, write

HEAD = {"created_by": "국립국어원", "creator": "국립국어원", "distributor": "국립국어원", "year": "2020"}


def file_of(name, title, category, *documents):
    metadata = {"title": title, **HEAD, "category": category, "annotation_level": ["원시"], "sampling": "본문 전체"}
    return {"id": name, "metadata": metadata, "document": list(documents)}


WRITTEN = file_of(
    "WARW1900000001",
    "국립국어원 문어 말뭉치 WARW1900000001",
    "문어 > 책 > 정보",
    {
        "id": "WARW1900000001.1",
        "metadata": {
            "title": "나무 이야기",
            "author": "가나다",
            "publisher": "출판사",
            "date": "2012",
            "topic": "자연",
        },
        "paragraph": [
            {"id": "WARW1900000001.1.1", "form": "나무는 자란다."},
            {"id": "WARW1900000001.1.2", "form": ""},
            {"id": "WARW1900000001.1.3", "form": "숲이 된다."},
        ],
    },
    {
        "id": "WARW1900000001.2",
        "metadata": {
            "title": "바다 이야기",
            "author": "라마바",
            "publisher": "출판사",
            "date": "2013",
            "topic": "자연",
        },
        "paragraph": [{"id": "WARW1900000001.2.1", "form": "바다는 넓다."}],
    },
)
NEWSPAPER = file_of(
    "NWRW1800000021",
    "국립국어원 신문 말뭉치 NWRW1800000021",
    "신문 > 인터넷 기반 신문",
    {
        "id": "NWRW1800000021.1",
        "metadata": {
            **{"title": "신문 2018년 기사", "author": "아무개 기자", "publisher": "신문사", "date": "20180101"},
            **{"topic": "사회", "original_topic": "사회"},
        },
        "paragraph": [
            {"id": "NWRW1800000021.1.1", "form": "눈이 많이 왔다"},
            {"id": "NWRW1800000021.1.2", "form": "1일 전국에 눈이 왔다."},
        ],
    },
)
SPOKEN = file_of(
    "SARW1800000094",
    "국립국어원 구어 말뭉치 SARW1800000094",
    "구어 > 공적 > 대화",
    {
        "id": "SARW1800000094.1",
        "metadata": {
            **{"title": "토론", "author": "방송사", "publisher": "방송사", "date": "20180103", "topic": "경제"},
            "speaker": [{"id": "1", "age": "NA", "occupation": "NA", "sex": "NA", "birthplace": "NA"}],
            "setting": {"relation": "NA"},
        },
        "utterance": [
            {
                "id": "SARW1800000094.1.1.1",
                "form": "안녕하십니까.",
                "original_form": "안녕하십니까.",
                "speaker_id": "1",
            },
            {
                "id": "SARW1800000094.1.1.2",
                "form": "네 반갑습니다.",
                "original_form": "네::",
                "speaker_id": "2",
                "note": "",
            },
        ],
    },
)
MESSENGER = file_of(
    "MDRW1900000008",
    "국립국어원 메신저 말뭉치 MDRW1900000008",
    "구어 > 사적 > 메신저",
    {
        "id": "MDRW1900000008.1",
        "metadata": {
            **{"title": "2인 대화", "date": "20190801", "topic": "일상"},
            "speaker": [{"id": "1", "age": "20대", "sex": "여성"}, {"id": "2", "age": "20대", "sex": "남성"}],
            "setting": {"relation": "친구", "intimacy": 5, "media": "카카오톡"},
        },
        "utterance": [
            {"id": "1", "form": "뭐 해ㅋㅋ", "original_form": "뭐 해ㅋㅋ", "speaker_id": "1", "time": "20190801 11:21"},
            {"id": "2", "form": None, "original_form": "{사진}", "speaker_id": "1", "time": "20190801 11:21"},
            {"id": "3", "form": "밥 먹어", "original_form": "밥 먹어", "speaker_id": "2", "time": "20190801 11:22"},
        ],
    },
)
PARAGRAPHS, UTTERANCES = "document[].paragraph[].form", "document[].utterance[].form"


@pytest.mark.parametrize(
    ("shape", "path", "expected"),
    [
        (WRITTEN, PARAGRAPHS, [("나무는 자란다.\n숲이 된다.", "나무 이야기"), ("바다는 넓다.", "바다 이야기")]),
        (NEWSPAPER, PARAGRAPHS, [("눈이 많이 왔다\n1일 전국에 눈이 왔다.", "신문 2018년 기사")]),
        (SPOKEN, UTTERANCES, [("안녕하십니까.\n네 반갑습니다.", "토론")]),
        (MESSENGER, UTTERANCES, [("뭐 해ㅋㅋ\n밥 먹어", "2인 대화")]),
    ],
    ids=["written", "newspaper", "spoken", "messenger"],
)
@pytest.mark.parametrize("indent", [None, 4])
def test_a_document_of_the_modu_corpus_is_one_of_korpus(tmp_path, shape, path, expected, indent):
    write(tmp_path, f"{shape['id']}.json", json.dumps(shape, ensure_ascii=False, indent=indent))
    keep = ("document[].id", "document[].metadata.title", "document[].metadata.date", "document[].metadata.topic")
    # A folder of such files has many small ones; a file that is a single object is only read as one if asked for.
    documents, rejects, *_ = read(tmp_path, format="json", text=path, keep=keep)
    assert not rejects
    assert [(document["text"], document["document[].metadata.title"]) for _, document in documents] == expected
    for (_, document), source in zip(documents, shape["document"], strict=True):
        assert document["document[].id"] == source["id"]
        assert document["document[].metadata.date"] == source["metadata"]["date"]
        assert document["document[].metadata.topic"] == source["metadata"]["topic"]


def test_the_wrong_shape_is_refused_or_rejected(tmp_path):
    path = write(tmp_path, "a.json", json.dumps(SPOKEN, ensure_ascii=False))
    with pytest.raises(korpus.KorpusError, match="paragraph"):
        read(path, format="json", text=PARAGRAPHS, keep=())
    write(tmp_path, "b.json", json.dumps(WRITTEN, ensure_ascii=False))
    result = korpus.run(
        {
            "name": "modu",
            "input": {"paths": [str(tmp_path)], "format": "json", "text": PARAGRAPHS, "keep": []},
            "engine": {"max_bad_ratio": 0.5},
        },
        out=str(tmp_path / "out"),
    )
    assert result is not None
    rejected = pq.read_table(tmp_path / "out" / "rejects").to_pylist()
    assert [row["reason"] for row in rejected] == ["missing_text"]


NAMUWIKI = [
    {
        "namespace": "0",
        "title": "나무",
        "text": "[include(틀:다른 뜻)]\n[목차]\n== 개요 ==\n'''나무'''는 [[식물]]이다.[* 당연하다.]\n[[분류:식물]]",
        "contributors": ["R:아무개", "127.0.0.1"],
    },
    {"namespace": "0", "title": "木", "text": "#redirect 나무", "contributors": ["R:아무개"]},
    {"namespace": "1", "title": "틀:다른 뜻", "text": "||다른 뜻||", "contributors": []},
]


def test_a_dump_of_namuwiki(tmp_path):
    path = write(tmp_path, "namuwiki.json", json.dumps(NAMUWIKI, ensure_ascii=False, separators=(",", ":")))
    result = read(path)
    assert texts(result) == [page["text"] for page in NAMUWIKI]
    assert result[0][0][1]["contributors"] == ["R:아무개", "127.0.0.1"]
    korpus.run(
        {
            "name": "namuwiki",
            "input": {"paths": [str(path)], "keep": ["namespace", "title"]},
            "stages": [{"field_filter": {"field": "namespace", "keep": ["0"]}}, "namumark"],
        },
        out=str(tmp_path / "out"),
    )
    kept = pq.read_table(tmp_path / "out" / "data").to_pylist()
    assert [(row["title"], row["text"]) for row in kept] == [("나무", "개요\n나무는 식물이다.")]
    rejected = pq.read_table(tmp_path / "out" / "rejects").to_pylist()
    assert [(row["stage"], row["reason"]) for row in rejected] == [
        ("namumark", "emptied"),
        ("field_filter", "not_kept"),
    ]
