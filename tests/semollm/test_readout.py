"""Read-outs: what they learn, what they never hear, and how the LLM is told; scored decoding; measurements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from conftest import hiss, voice  # noqa: E402

from annotate.semollm.data import encoded_corpus  # noqa: E402
from annotate.semollm.inference import generation  # noqa: E402
from annotate.semollm.model import frozen_models, measurements, readout  # noqa: E402
from annotate.semollm.model.causal_lm import SEmoForCausalLM  # noqa: E402
from annotate.semollm.model.logistic_regression import regression  # noqa: E402
from semollm import tiny_models as tiny  # noqa: E402

ATTRIBUTES = {
    "emotion": ["neutral", "anger", "sadness"],
    "gender": ["female", "male"],
    "pitch": ["low", "normal", "high"],
    "speed": ["slow", "normal", "fast"],
    "volume": ["quiet", "normal", "loud"],
}


def clips(count: int = 300, speakers: int = 6, seed: int = 0) -> readout.Clips:
    """Emotion in the first statistic, gender in the second, pitch relative to the gender."""
    random = np.random.default_rng(seed)
    emotion, gender = random.integers(0, 3, count), np.arange(count) % speakers % 2
    statistics = random.normal(size=(count, 2, 8)).astype(np.float32)
    statistics[:, 0, 0] += 6 * emotion
    statistics[:, 1, 0] += 9 * (emotion == 1)
    statistics[:, 0, 1] += 8 * gender
    measured = random.normal(size=(count, len(measurements.NAMES))).astype(np.float32)
    pitch = measurements.NAMES.index("pitch_median_hz")
    height = measured[:, pitch].copy()
    measured[:, pitch] = height - 5 * gender
    measured[::7, 3] = np.nan
    words = {
        "emotion": [ATTRIBUTES["emotion"][at] for at in emotion],
        "gender": [ATTRIBUTES["gender"][at] for at in gender],
        "pitch": [ATTRIBUTES["pitch"][int(np.digitize(one, (-0.4, 0.4)))] for one in height],
        "speed": [None] * count,
        "volume": ["loud"] * count,
    }
    return readout.Clips(statistics, measured, words, [f"s{at % speakers}" for at in range(count)])


def fitted(given: readout.Clips) -> readout.Readout:
    made = readout.Readout(ATTRIBUTES, [0, 1], 4, 5)
    made.fit(given)
    return made


def readout_log_odds(made: readout.Readout, given: readout.Clips) -> dict[str, Any]:
    raw = np.concatenate([given.statistics.reshape(len(given.measures), -1), given.measures], 1)
    return made.logits(made._standardised(torch.from_numpy(raw)))


def test_each_attribute_is_told_on_clips_that_were_not_fitted() -> None:
    made, other = fitted(clips()), clips(seed=1)
    for name, least in (("emotion", 0.85), ("gender", 0.97), ("pitch", 0.9), ("volume", 1.0)):
        words = [ATTRIBUTES[name][at] for at in readout_log_odds(made, other)[name].argmax(1)]
        assert np.mean([one == two for one, two in zip(words, other.words[name], strict=True)]) >= least, name


def test_a_word_that_no_clip_has_is_never_told_and_none_at_all_is_told_evenly() -> None:
    found = readout_log_odds(fitted(clips()), clips(seed=1))
    assert float(found["volume"].softmax(1)[:, 2].min()) > 0.999
    torch.testing.assert_close(found["speed"].softmax(1), torch.full((300, 3), 1 / 3))


def steepest(seen: np.ndarray, said: list[str], weight: np.ndarray, bias: np.ndarray, free: float) -> float:
    """The largest slope of the penalised loss where a fit has ended: 0 at its optimum."""
    x, w, b = torch.from_numpy(seen), torch.from_numpy(weight), torch.from_numpy(bias)
    w.requires_grad_(), b.requires_grad_()
    target = torch.tensor([ATTRIBUTES["emotion"].index(one) for one in said])
    cross_entropy = torch.nn.functional.cross_entropy(x @ w + b, target, reduction="sum")
    (free * cross_entropy + 0.5 * w.square().sum()).backward()
    return max(float(w.grad.abs().max()), float(b.grad.abs().max()))


def test_a_regression_is_the_penalised_optimum_as_written() -> None:
    random = np.random.default_rng(3)
    seen, said = random.normal(size=(40, 3)), [ATTRIBUTES["emotion"][at] for at in random.integers(0, 3, 40)]
    weight, bias = regression(seen, said, ATTRIBUTES["emotion"], 1.5)
    assert steepest(seen, said, weight, bias, free=0.5) < 1e-2


def test_more_numbers_than_clips_have_the_same_optimum() -> None:
    random = np.random.default_rng(4)
    seen, said = random.normal(size=(30, 80)), [ATTRIBUTES["emotion"][at] for at in random.integers(0, 3, 30)]
    weight, bias = regression(seen, said, ATTRIBUTES["emotion"], 8.0)
    assert steepest(seen, said, weight, bias, free=8.0 / 80) < 1e-2


def test_what_is_told_in_training_never_heard_the_speaker() -> None:
    given = clips()
    told = readout.cross_fitted(ATTRIBUTES, given, 4, folds=3)
    changed = {name: list(said) for name, said in given.words.items()}
    mine = [at for at, one in enumerate(given.speakers) if one == "s2"]
    for at in mine:  # another truth for one speaker changes nothing of what is told of that speaker
        changed["emotion"][at], changed["gender"][at] = "anger", "female"
    again = readout.cross_fitted(
        ATTRIBUTES, readout.Clips(given.statistics, given.measures, changed, given.speakers), 4, folds=3
    )
    assert np.array_equal(told[mine], again[mine])
    assert not np.array_equal(told, again)


def later(**changes: Any) -> SEmoForCausalLM:
    torch.manual_seed(0)
    told = {"attributes": ATTRIBUTES, "layers": [0, 2], "shown": ["emotion", "pitch"]}
    model = SEmoForCausalLM(tiny.config(readout=told, **changes))
    tiny.shake(model)
    with torch.no_grad():
        for name, value in model.readout.named_buffers():
            value.copy_(torch.rand_like(value) + 0.5 * (name == "spread"))
    model.attach(tiny.llm())
    return model.eval()


def test_the_llm_is_told_mixtures_of_word_vectors_by_the_posterior() -> None:
    model = later()
    features, mask = tiny.speech()
    known = torch.rand(3, len(measurements.NAMES))
    tokens = model.speech_tokens(features, mask, known)
    logits = model.readout_log_odds(features, mask, known)
    for place, name in ((-2, "emotion"), (-1, "pitch")):
        chances = np.exp(logits[name].numpy())
        chances /= chances.sum(1, keepdims=True)
        expected = chances @ getattr(model.readout, f"{name}_vectors").numpy()
        np.testing.assert_allclose(tokens[:, place].detach().numpy(), expected, atol=1e-5)
    side_by_side = torch.cat(list(logits.values()), dim=1)
    torch.testing.assert_close(model.speech_tokens(features, mask, None, side_by_side), tokens)
    assert not [name for name, _ in model.named_parameters() if name.startswith("readout.")]


def test_padding_and_what_was_not_measured_change_nothing() -> None:
    model = later()
    features, mask = tiny.speech()
    known = torch.full((3, len(measurements.NAMES)), float("nan"))
    length = int(mask[0].sum())
    alone = model.readout_log_odds(features[:1, :, :length], mask[:1, :length], known[:1])
    for name, value in model.readout_log_odds(features, mask, None).items():
        torch.testing.assert_close(value[:1], alone[name])
        assert value.isfinite().all()


@pytest.mark.parametrize("said", [[[4, 5, 9], [4, 6, 9], [4, 7, 8, 9]], [[4, 5, 9], [4, 5, 8], [4, 6, 9]]])
def test_sentences_are_ranked_by_the_llm_s_own_likelihood(said: list[list[int]]) -> None:
    model, (features, mask) = later(), tiny.speech()
    speech = model.speech_tokens(features, mask)
    found = model.likelihoods(speech, [7, 1], said)
    whole = []
    for one in said:  # by the definition: one token after the other
        words = model._embed(torch.tensor([7, 1, *one])).expand(3, -1, -1)
        logits = model.llm(inputs_embeds=torch.cat([speech, words], 1)).logits.float().log_softmax(2)
        start = speech.shape[1] + 1
        whole.append(sum(logits[:, start + at, token] for at, token in enumerate(one)))
    distinct = len({one[1] for one in said}) == len(said)
    if distinct:  # their first tokens that differ tell them apart
        words = model._embed(torch.tensor([7, 1, 4])).expand(3, -1, -1)
        last = model.llm(inputs_embeds=torch.cat([speech, words], 1)).logits[:, -1].log_softmax(1)
        torch.testing.assert_close(found, last[:, [one[1] for one in said]])
    else:
        torch.testing.assert_close(found, torch.stack(whole, 1))


def test_measurements_say_what_the_plug_ins_say_and_nothing_of_silence() -> None:
    values = dict(zip(measurements.NAMES, measurements.measure(voice(1.5, 150, syllables=4)), strict=True))
    assert np.exp(values["pitch_median_hz"]) == pytest.approx(150, rel=0.01)
    assert np.exp(values["duration"]) == pytest.approx(1.5, rel=0.01)
    unmeasured = {name for name, value in values.items() if not np.isfinite(value)}
    assert unmeasured <= {"snr_db"}  # nothing but voice: no noise to compare with
    silent = dict(zip(measurements.NAMES, measurements.measure(np.zeros(16000, np.float32)), strict=True))
    assert np.isnan(silent["pitch_median_hz"])
    assert np.isnan(silent["voiced_cepstrum_1"])
    assert measurements.measure(hiss(0.1, 0.1)).shape == (len(measurements.NAMES),)


@pytest.mark.parametrize("shown", [["emotion", "pitch"], ["pitch"]])
def test_scored_replies_begin_with_what_the_read_out_finds_likeliest_pooled_with_an_llm_that_is_not_given_it(
    shown: list[str],
) -> None:
    one, other = torch.tensor([[0.5, 0.3, 0.2]]).log(), torch.tensor([[0.1, 0.6, 0.3]]).log()
    product = np.sqrt(np.array([0.5 * 0.1, 0.3 * 0.6, 0.2 * 0.3]))
    np.testing.assert_allclose(generation.pooled(one, other).exp()[0].numpy(), product / product.sum(), rtol=1e-5)

    class Words:
        """A tokenizer that knows the numbers of its words."""

        def encode(self, text: str, add_special_tokens: bool = False) -> list[int]:
            return [int(word) for word in text.split()]

        def decode(self, ids: list[int], skip_special_tokens: bool = True) -> str:
            return " ".join(map(str, ids))

    forms = {label: f"4 {5 + at} 9" for at, label in enumerate(ATTRIBUTES["emotion"])}
    labels = ["sadness", "neutral", "anger"]  # in another order than the read-out's, and the sentences sorted
    model = later(forms=dict(sorted(forms.items())), labels=labels)
    model.config.readout["shown"] = shown
    language: Any = frozen_models.Language(model.llm, Words(), 1, 2)
    features, mask = tiny.speech()
    clips = [
        encoded_corpus.ClipFeatures(lambda at=at: features[at].numpy(), at, np.full(len(measurements.NAMES), 0.1))
        for at in (1, 2)
    ]
    free = generation.answers(model, language, clips, generation.DecodingOptions(longest=4), 2)
    scored = generation.answers(model, language, clips, generation.DecodingOptions(longest=4, decode="scored"), 2)
    for answer in scored:
        likeliest = max(answer.chances, key=answer.chances.get)
        assert answer.reply.startswith(forms[likeliest])
        assert list(answer.chances) == labels
        assert sum(answer.chances.values()) == pytest.approx(1, abs=1e-4)
    logits = model.readout_log_odds(features[1:, :], mask[1:], torch.full((2, len(measurements.NAMES)), 0.1))["emotion"]
    told = logits.log_softmax(1)[:, [ATTRIBUTES["emotion"].index(label) for label in labels]]
    for row, (mine, both) in enumerate(zip(free, scored, strict=True)):
        llm, opinion = torch.tensor([list(mine.chances.values())]).log(), told[row : row + 1]
        expected = opinion if "emotion" in shown else generation.pooled(llm, opinion)
        np.testing.assert_allclose(list(both.chances.values()), expected.softmax(1)[0].numpy(), atol=1e-4)


def test_posteriors_are_sharpened_in_replies_and_not_in_training() -> None:
    made = readout.Readout({"emotion": ["sad", "calm"]}, [0], 4, 2, sharpen=3.0)
    made.emotion_vectors.copy_(torch.eye(2))
    told = {"emotion": torch.log(torch.tensor([[0.6, 0.4]]))}
    torch.testing.assert_close(made.train().tokens(told, ["emotion"])[0, 0], torch.tensor([0.6, 0.4]))
    cubes = torch.tensor([0.6**3, 0.4**3])
    torch.testing.assert_close(made.eval().tokens(told, ["emotion"])[0, 0], cubes / cubes.sum())
