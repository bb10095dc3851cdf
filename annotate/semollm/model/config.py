"""The model's configuration: sizes, and the frozen models as references by name."""

from __future__ import annotations

from typing import Any

from transformers import Blip2QFormerConfig, PreTrainedConfig


class SEmoConfig(PreTrainedConfig):
    """Configuration of SEmoLLM; the defaults are the paper's model.

    Attributes:
        stage: what the weights were last trained for, 1, 2 or 3.
        encoder: the frozen speech encoder, by folder or Hub name.
        encoder_layers: which of its hidden states are used, 0 being the input to the first layer.
        encoder_pad_s: length in seconds up to which silence follows each clip, for Whisper; 0 for none.
        encoder_hidden: width of the encoder, H.
        project: width of the speech that the Q-Former attends to, S.
        num_queries: learned queries, Q.
        qformer: further settings of ``Blip2QFormerConfig``.
        speech_dropout: dropout after the projector.
        text_vocab: size of the text vocabulary of stage 1, [DEC] included.
        text_pad: its padding id.
        text_dec: the id of [DEC].
        contrast: width of the contrastive space.
        llm: the language model, by folder, Hub name or ``package:NAME/FILE.gguf``.
        llm_hidden: width of the LLM, L.
        lora: rank, alpha, dropout and targets of the adapters; None where there are none.
        standardise: hidden states are standardised before their sum; not so in the paper.
        speaker_normalisation: whether the speech path can be given the hidden states of an enrolled speaker's clip
            against the speaker's usual.
        pooling: ``dropout`` and ``noise`` of the statistics that are added to the query vectors; None for none.
        naming: ``words`` (attribute -> its words), ``smoothing`` and ``attributes`` (a weight) of the loss of stage 1
            by which one query for each attribute names its word; None for none.
        statistics_tokens: tokens made of mean and deviation over time; 0 is the paper's model.
        statistics_dropout: dropout on those.
        readout: of linear read-outs, ``attributes`` (each with its words), ``layers`` (places in
            ``encoder_layers``), ``shown`` (the attributes that the LLM is told), ``tokens`` (whether it is told
            any), ``sharpen`` (the power to which their posteriors are raised in replies) and ``enrolment`` (whether the
            emotion has a second one, for clips whose speaker is enrolled); None where there are none.
        forms: label -> the sentence that names it, as replies begin; what scored decoding chooses from.
        calibration: temperatures of the labels' probabilities, of clips by themselves (``scored_plain``,
            ``greedy_plain``) and against their speakers (``scored_enrolled``, ``greedy_enrolled``), and of the read-out
            alone (``readout``, ``readout_enrolled``); 1 where there is none.
        decode: ``scored`` or ``greedy``, see ``DecodingOptions``; how replies are worded where nobody says otherwise.
        prompt: the text between speech and reply; None where the weights were trained without.
        content: what its replies name, as E+G+P; None before stage 3.
        max_audio_s: longest stretch of a clip that the weights were trained on.
        max_text: longest reply in tokens.
        labels: the emotions that replies name.
    """

    model_type = "semollm"
    sub_configs_defaults: Any = None

    def __init__(
        self,
        stage: int = 3,
        encoder: str = "microsoft/wavlm-large",
        encoder_layers: list[int] | None = None,
        encoder_pad_s: float = 0.0,
        encoder_hidden: int = 1024,
        project: int = 256,
        num_queries: int = 32,
        qformer: dict[str, Any] | None = None,
        speech_dropout: float = 0.1,
        text_vocab: int = 30523,
        text_pad: int = 0,
        text_dec: int = 30522,
        contrast: int = 256,
        llm: str = "meta-llama/Llama-2-7b-chat-hf",
        llm_hidden: int = 4096,
        lora: dict[str, Any] | None = None,
        standardise: bool = False,
        speaker_normalisation: bool = False,
        pooling: dict[str, Any] | None = None,
        naming: dict[str, Any] | None = None,
        statistics_tokens: int = 0,
        statistics_dropout: float = 0.3,
        readout: dict[str, Any] | None = None,
        forms: dict[str, str] | None = None,
        calibration: dict[str, float] | None = None,
        decode: str = "greedy",
        prompt: str | None = None,
        content: str | None = None,
        max_audio_s: float = 6.0,
        max_text: int = 80,
        labels: list[str] | None = None,
        **further: Any,
    ) -> None:
        self.stage = stage
        self.encoder = encoder
        self.encoder_layers = list(range(25)) if encoder_layers is None else list(encoder_layers)
        self.encoder_pad_s = encoder_pad_s
        self.encoder_hidden = encoder_hidden
        self.project = project
        self.num_queries = num_queries
        self.qformer = dict(qformer or {})
        self.speech_dropout = speech_dropout
        self.text_vocab = text_vocab
        self.text_pad = text_pad
        self.text_dec = text_dec
        self.contrast = contrast
        self.llm = llm
        self.llm_hidden = llm_hidden
        self.lora = lora
        self.standardise = standardise
        self.speaker_normalisation = speaker_normalisation
        self.pooling = pooling
        self.naming = naming
        self.statistics_tokens = statistics_tokens
        self.statistics_dropout = statistics_dropout
        self.readout = readout
        self.forms = dict(forms or {})
        self.calibration = dict(calibration or {})
        self.decode = decode
        self.prompt = prompt
        self.content = content
        self.max_audio_s = max_audio_s
        self.max_text = max_text
        self.labels = list(labels or [])
        super().__init__(**further)

    @property
    def emotion_given(self) -> bool:
        """Whether the LLM is given, as tokens, the emotion that queries name or a read-out recognises."""
        return any("emotion" in part.get("shown", ()) for part in (self.naming, self.readout) if part)

    def for_qformer(self, text: bool) -> Any:
        """The Q-Former's own configuration, with or without the text path of stage 1."""
        made = Blip2QFormerConfig(
            **{
                **self.qformer,
                "vocab_size": self.text_vocab,
                "pad_token_id": self.text_pad,
                "encoder_hidden_size": self.project,
                "cross_attention_frequency": 2,
                "use_qformer_text_input": text,
            }
        )
        made._attn_implementation = "sdpa"
        return made
