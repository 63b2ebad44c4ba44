"""Saving a vocabulary so that `tokenizers` and ``transformers.AutoTokenizer`` load it and tokenize equally."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from korpus.io.atomic import write_text
from korpus.vocab import subchar
from korpus.vocab.options import CLS, ROLES, SEP, UNK, VocabOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tokenizers import Tokenizer

PREFIX = "##"
"""What a piece begins with that continues a word."""

MODEL_MAX_LENGTH = 512
"""Positions of a BERT model; `transformers` warns about longer texts."""


def make_tokenizer(vocab: Sequence[str], options: VocabOptions) -> Tokenizer:
    """Make a tokenizer of a vocabulary.

    Parameters
    ----------
    vocab : sequence of str
        The entries; an entry's place is its id.
    options : VocabOptions
        Its case, accents and special tokens.

    Returns
    -------
    tokenizers.Tokenizer
        BERT's normalizer (with ``subchar`` after NFKD) and pre-tokenizer, WordPiece, and a post-processor that puts
        [CLS] and [SEP] around.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    ids = {token: i for i, token in enumerate(vocab)}
    tokenizer = Tokenizer(
        models.WordPiece(
            ids,
            unk_token=UNK,
            continuing_subword_prefix=PREFIX,
            max_input_chars_per_word=options.max_word_chars,
        )
    )
    tokenizer.add_special_tokens(list(options.special_tokens))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=True,
        strip_accents=options.strip_accents,
        lowercase=options.lowercase,
    )
    if options.subchar:
        tokenizer.normalizer = normalizers.Sequence([*subchar.steps(options.lowercase), tokenizer.normalizer])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if options.model == "char":
        every = pre_tokenizers.Split(Regex("."), "isolated")
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.BertPreTokenizer(), every])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{CLS}:0 $A:0 {SEP}:0",
        pair=f"{CLS}:0 $A:0 {SEP}:0 $B:1 {SEP}:1",
        special_tokens=[(CLS, ids[CLS]), (SEP, ids[SEP])],
    )
    tokenizer.decoder = decoders.WordPiece(prefix=PREFIX)
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path, options: VocabOptions) -> None:
    """Write ``vocab.txt``, ``tokenizer.json``, ``tokenizer_config.json`` and ``special_tokens_map.json``.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        Made by `make_tokenizer`.
    folder : Path
        Made if need be. Each file appears under its name only when it is whole.
    options : VocabOptions
        What the tokenizer was made with.
    """
    ids = tokenizer.get_vocab()
    special: dict[str, str | list[str]] = dict(ROLES)
    others = [token for token in options.special_tokens if token not in ROLES.values()]
    if others:
        special["additional_special_tokens"] = others
    # BERT's class would make its own normalizer and pre-tokenizer.
    berts = options.model == "wordpiece" and not options.subchar
    config = {
        "tokenizer_class": "BertTokenizer" if berts else "PreTrainedTokenizerFast",
        "do_lower_case": options.lowercase,
        "strip_accents": options.strip_accents,
        "tokenize_chinese_chars": True,
        "model_max_length": MODEL_MAX_LENGTH,
        "clean_up_tokenization_spaces": False,  # the decoder has done so; twice would close the space before a quote
        **({} if berts else {"model_input_names": ["input_ids", "token_type_ids", "attention_mask"]}),
        **special,
    }
    texts = {
        "vocab.txt": "".join(f"{token}\n" for token in sorted(ids, key=ids.__getitem__)),
        "special_tokens_map.json": json.dumps(special, ensure_ascii=False) + "\n",
        "tokenizer_config.json": json.dumps(config, ensure_ascii=False) + "\n",
        "tokenizer.json": tokenizer.to_str(pretty=True),
    }
    for name, text in texts.items():
        write_text(folder / name, text, durable=True)
