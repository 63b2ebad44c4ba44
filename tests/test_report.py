"""What a hand-made run looks like in the terminal, as HTML and as a dataset card."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from korpus.report import card, figures, html, summary, terminal

N_READ, N_KEPT = 712_410, 498_211


def _stage(name, kind, n_in, n_out, bytes_in, bytes_out, **more):
    stage = {"name": name, "kind": kind, "options": {}, "n_in": n_in, "n_out": n_out}
    stage |= {"bytes_in": bytes_in, "bytes_out": bytes_out, "n_changed": 0, "counts": {}, "examples": []}
    return stage | more


def _file(path, rows, n_bytes, **more):
    return {"path": path, "rows": rows, "bytes": n_bytes, "sha256": "0" * 64} | more


@pytest.fixture
def manifest():
    return {
        "korpus": "0.1.0",
        "format": 1,
        "name": "댓글 comments",
        "key": "4f1c9a02d7e85b63",
        "recipe": {
            "korpus": 1,
            "name": "댓글 comments",
            "input": {"paths": ["raw/*.jsonl.gz"], "format": "jsonl", "text": "text", "keep": ["id"]},
            "stages": [{"nfc": {}}, {"charset": {"preset": "kcelectra"}}, {"length": {"min_chars": 11}}],
            "output": {"path": "out", "rejects": "full"},
            "vocab": {"size": 30000, "lowercase": False},
            "engine": {"workers": "auto"},
        },
        "inputs": [
            {
                "path": f"raw/part-{i}.jsonl.gz",
                "format": "jsonl",
                "compression": "gzip",
                "n_bytes": 21_000_000,
                "digest": f"{i}" * 32,
                "n_splits": 3,
                "n_rows": 237_474,
            }
            for i in range(3)
        ],
        "columns": {"text": "string", "id": "int64", "domain": "string"},
        "read": {
            "n_rows": 712_422,
            "n_blank": 12,
            "n_in": N_READ,
            "n_out": 712_404,
            "bytes_in": 63_000_000,
            "bytes_out": 60_812_344,
            "reasons": {"bad_json": 4, "missing_text": 2},
            "n_bad": 6,
            "ignored_columns": ["score"],
        },
        "stages": [
            _stage(
                "nfc",
                "edit",
                712_404,
                712_404,
                60_812_344,
                60_790_110,
                n_changed=812,
                examples=[["\u1112\u1161\u11ab국어", "한국어"]],
            ),
            _stage(
                "charset",
                "edit",
                712_404,
                712_404,
                60_790_110,
                60_001_002,
                n_changed=91_420,
                options={"preset": "kcelectra"},
                examples=[
                    ["맛있어요♥♥ <b>강추</b> & 또 살게요", "맛있어요  <b>강추</b> & 또 살게요"],
                    ["漢字가 많은 글\u202e입니다\u200b", "가 많은 글 입니다 "],
                    ["가" * 200 + "…", "나" + "가" * 199 + "다" * 3],
                ],
            ),
            _stage(
                "length",
                "filter",
                712_404,
                592_073,
                60_001_002,
                58_117_640,
                options={"min_chars": 11, "max_chars": 100_000},
                counts={"too_long": 3, "too_short": 120_328},
                examples=[["굿", "too_short"], ["좋아요\n\n아주", "too_short"]],
            ),
            _stage(
                "minhash_dedup",
                "dedup",
                592_073,
                N_KEPT,
                58_117_640,
                54_890_011,
                options={"threshold": 0.8, "shingle_chars": 5},
                counts={"duplicate": 93_862},
                examples=[["배송이 빠르고 좋아요!!", "배송이 빠르고 좋아요", "0.92"]],
                clusters={
                    "n": 30_112,
                    "largest": [2114, 801, 512],
                    "sizes": {"2": 22_000, "3": 5_000, "4": 2_000, "10": 1_100, "512": 1, "801": 1, "2114": 1},
                },
            ),
            _stage(
                "domain",
                "tag",
                N_KEPT,
                N_KEPT,
                54_890_011,
                54_890_011,
                options={"field": "category", "map": {"화장품": "cosmetics"}},
                counts={"cosmetics": 198_211, "애완용품": 300_000},
            ),
        ],
        "kept": {"n_docs": N_KEPT, "text_bytes": 54_890_011, "n_chars": 24_204_112, "n_eojeol": 6_204_110},
        "rejects": {"n_docs": N_READ - N_KEPT, "files": [_file("rejects/part-00000.parquet", 214_199, 4_190_000)]},
        "domains": {
            "cosmetics": {"n_docs": 198_211, "text_bytes": 22_112_000, "n_shards": 1, "file_bytes": 9_900_000},
            "애완용품": {"n_docs": 300_000, "text_bytes": 32_778_011, "n_shards": 2, "file_bytes": 14_000_000},
        },
        "shards": [
            _file("data/domain=cosmetics/part-00000.parquet", 198_211, 9_900_000, domain="cosmetics"),
            _file("data/domain=애완용품/part-00000.parquet", 200_000, 9_000_000, domain="애완용품"),
            _file("data/domain=애완용품/part-00001.parquet", 100_000, 5_000_000, domain="애완용품"),
        ],
        "counts": [_file("counts/part-00000.parquet", 812_000, 7_000_000)],
        "vocab": [
            {"name": "all", "path": "vocab/all", "size": 30_000, "lowercase": False},
            {"name": "애완용품", "path": "vocab/애완용품", "size": 8_000, "lowercase": True},
        ],
        "warnings": ["the vocabulary 애완용품 has 8,000 tokens, not 30,000: the corpus has no more pairs"],
    }


@pytest.fixture
def log():
    return {
        "started": "2024-05-01T09:00:00+09:00",
        "finished": "2024-05-01T09:00:12+09:00",
        "wall_s": 12.34,
        "workers": 2,
        "passes": [{"name": "pass 1", "wall_s": 7.9}, {"name": "minhash_dedup", "wall_s": 2.1}],
        "stages": [
            {"name": "nfc", "time_s": 0.1},
            {"name": "charset", "time_s": 0.3},
            {"name": "length", "time_s": 0.05},
            {"name": "minhash_dedup", "time_s": 4.0},
            {"name": "domain", "time_s": 0.2},
        ],
        "peak_rss_bytes": 812 << 20,
    }
