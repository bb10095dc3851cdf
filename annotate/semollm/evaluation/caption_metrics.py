"""BLEU, ROUGE-L and METEOR of replies, for comparison with captioning papers and for nothing else.

They count words in common. A reply that names the wrong emotion in the right sentence scores high in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence


def scores(replies: Sequence[str], wanted: Sequence[str]) -> dict[str, float]:
    """Corpus BLEU-4 by sacrebleu, ROUGE-L (F1, mean) by rouge-score, METEOR (mean), as shares.

    METEOR is that of Banerjee and Lavie (2005) with exact matches and Porter stems; without WordNet's synonyms,
    since its data are no part of any package.
    """
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu import corpus_bleu

    rouge = RougeScorer(["rougeL"], use_stemmer=True)
    pairs = list(zip(replies, wanted, strict=True))
    return {
        "BLEU": corpus_bleu(list(replies), [list(wanted)]).score / 100,
        "ROUGE-L": sum(rouge.score(true, reply)["rougeL"].fmeasure for reply, true in pairs) / len(pairs),
        "METEOR": sum(meteor(reply, true) for reply, true in pairs) / len(pairs),
    }


def meteor(reply: str, wanted: str) -> float:
    """METEOR of one reply: exact matches, then stems; 0.5 (chunks / matches)^3 is taken off."""
    from nltk.stem.porter import PorterStemmer
    from nltk.translate.meteor_score import single_meteor_score

    class NoSynonyms:
        """Stands where WordNet would."""

        @staticmethod
        def synsets(_: str) -> list[str]:
            return []

    return float(single_meteor_score(_words(wanted), _words(reply), stemmer=PorterStemmer(), wordnet=NoSynonyms()))


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c == "'" else " " for c in text.lower()).split()
