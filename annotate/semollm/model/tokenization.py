"""Texts in ids: for the LLM of stages 2 and 3, and for the BERT tokenizer of stage 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from annotate.captions import replies, templates
from annotate.errors import UsageError
from annotate.semollm.model import frozen_models

DEC = "[DEC]"
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
VOCABULARY = 4000


def forms(labels: Sequence[str], template: str) -> dict[str, str]:
    """Label -> the sentence that names it: the reply of content E, which begins the replies of all contents."""
    source = templates.source("replies", template)
    made = {label: replies.reply({"emotion": label}, "E", source, template) for label in labels}
    return {label: text.strip() for label, text in made.items() if text}


@dataclass(frozen=True)
class Tokens:
    """One text in ids.

    Attributes:
        ids: all of them.
        first: where what is to be learnt begins; before it stand the prompt and BOS.
        cut: the text was longer than allowed.
    """

    ids: list[int]
    first: int
    cut: bool


def for_llm(language: frozen_models.Language, prompt: str | None, text: str, longest: int) -> Tokens:
    """Prompt without a BOS of its own, BOS, reply, EOS. EOS always ends it, be the reply cut or not."""
    before = asked(language, prompt)
    reply = language.tokenizer.encode(text, add_special_tokens=False)
    kept = reply[: longest - 1]
    return Tokens([*before, *kept, language.eos], len(before), len(kept) < len(reply))


def prompt(chosen: str, given: str) -> str | None:
    """The text between speech and reply: the data set's own (``manifest``), none, or the recipe's words."""
    return {"manifest": given, "none": None}.get(chosen, chosen)


def asked(language: frozen_models.Language, prompt: str | None) -> list[int]:
    """The ids before a reply: the prompt, where there is one, and BOS."""
    ids = language.tokenizer.encode(prompt, add_special_tokens=False) if prompt else []
    return [*ids, language.bos]


def for_bert(tokenizer: Any, text: str, longest: int) -> Tokens:
    """[CLS] text [SEP], cut to ``longest``."""
    ids = tokenizer.encode(text, add_special_tokens=False)
    kept = ids[: longest - 2]
    return Tokens([tokenizer.cls_token_id, *kept, tokenizer.sep_token_id], 0, len(kept) < len(ids))


def bert_tokenizer(name: str, corpus: Sequence[str]) -> Any:
    """The tokenizer of stage 1, with [DEC] added: a BERT's, or (``train``) word pieces of the training captions."""
    if name == "train":
        tokenizer = _trained(corpus)
    else:
        from transformers import AutoTokenizer

        with frozen_models.user_errors("model.text_tokenizer", name):
            tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
    if tokenizer.cls_token_id is None or tokenizer.sep_token_id is None or tokenizer.pad_token_id is None:
        raise UsageError(f"model.text_tokenizer={name}: expected a BERT's, with [CLS], [SEP] and [PAD]")
    tokenizer.add_tokens([DEC], special_tokens=True)
    return tokenizer


def _trained(corpus: Sequence[str]) -> Any:
    """Word pieces: the most frequent words whole, all others by their characters.

    Counted here, since the trainers of ``tokenizers`` give another vocabulary in every process.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    normalizer, splitter = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    counts: Counter[str] = Counter()
    for text in corpus:
        counts.update(word for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text)))
    letters = sorted({letter for word in counts for letter in word})
    words = sorted(counts, key=lambda word: (-counts[word], word))
    pieces = dict.fromkeys([*SPECIAL, *letters, *(f"##{letter}" for letter in letters), *words[:VOCABULARY]])
    made = Tokenizer(models.WordPiece({piece: number for number, piece in enumerate(pieces)}, unk_token="[UNK]"))
    made.normalizer = normalizer
    made.pre_tokenizer = splitter
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
