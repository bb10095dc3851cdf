"""The three stages, one after the other; each resumable, and done once."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from annotate import console
from annotate.errors import SemoError, UsageError
from annotate.progress import Progress
from annotate.semollm.compute_device import attention, bf16
from annotate.semollm.data import encoded_corpus, target_texts
from annotate.semollm.data.batches import Collate, Example, Examples, Schedule
from annotate.semollm.data.corpus import HELD_OUT, Corpus, CorpusClip, one_class
from annotate.semollm.inference import generation
from annotate.semollm.model import build, encoder, frozen_models, tokenization
from annotate.semollm.model.pretrained import SEmoPreTrained
from annotate.semollm.settings import STAGES, TrainRecipe
from annotate.semollm.training import fitting, plan, progress_callback, trainer
from annotate.semollm.training.result import Result
from annotate.store import files

SAMPLES = 3


@dataclass(frozen=True)
class Prepared:
    """The encoder, and how each clip is heard through it."""

    speech: encoder.SpeechEncoder
    encoded: encoded_corpus.EncodedCorpus


class Training:
    """A recipe bound to a data set and an output folder.

    Args:
        recipe: resolved.
        corpus: the data set.
        stages: which stages, in order.
        init: what to start from: a folder of a model, a name on the Hub, a ``.pth`` file, or nothing.
        quiet: no progress.
        known: what an earlier training on the same clips has prepared.
    """

    def __init__(
        self,
        recipe: TrainRecipe,
        corpus: Corpus,
        stages: Sequence[int],
        init: str | None,
        quiet: bool,
        known: Prepared | None = None,
    ) -> None:
        self.recipe, self.corpus, self.stages, self.quiet = recipe, corpus, list(stages), quiet
        self.start = build.start(init)
        self._check()
        if recipe.compute.threads:
            torch.set_num_threads(recipe.compute.threads)
        self.state = plan.processes(recipe)
        attention(recipe.compute)  # refused before anything is loaded
        self.dtype = torch.bfloat16 if bf16(recipe.compute) else torch.float32
        self.result = Result(recipe.output, recipe.output / "model")
        self._loaded: frozen_models.Language | None = None
        self.prepared = known

    def _check(self) -> None:
        """Refuse what cannot work before anything is loaded or computed."""
        if not self.stages or self.stages != sorted(set(self.stages)) or not set(self.stages) <= set(STAGES):
            raise UsageError(f"--stages {self.stages}: expected some of 1,2,3, in order")
        if 3 in self.stages:
            self.corpus.column(self.recipe.stages.stage3.content)
        if not self.corpus.split(*self.recipe.train_on):
            raise SemoError(f"{self.corpus.folder}: no clip is in {' or '.join(self.recipe.train_on)}")
        if self.start.stage and self.start.path and self.stages[0] < self.start.stage and not self.start.published:
            raise UsageError(f"--init {self.start.path}: is of stage {self.start.stage}; --stages begins before it")

    def train(self, average: Callable[[Path], Path] | None = None) -> tuple[build.Start, SEmoPreTrained | None]:
        """Train what is not trained yet; where the last stage's model is, and that model where it is in memory.

        Args:
            average: gives, of the folder of stage 1's model, that of the model with which stage 2 begins.
        """
        speech = self.prepare().speech
        if self._main():
            files.write_text(self.recipe.output / "recipe.yaml", self.recipe.dump())
        config = build.configuration(
            self.recipe, speech, self.corpus.labels, self.corpus.prompt, self.corpus.attributes
        )
        before = self.start
        last: SEmoPreTrained | None = None
        for stage in self.stages:
            folder = self.recipe.output / f"stage{stage}"
            wanted = self._plan(stage)
            done = self._done(stage)
            if done is not None:
                self.result.skipped.append(stage)
                self.result.histories[stage] = done["history"]
                self.result.notes += done["notes"]
            else:
                with trainer.memory_errors(stage, self.recipe.stages.number(stage)):
                    last = self._stage(stage, folder, config, before, wanted)
            before = build.Start(folder / "model", stage)
            if stage == 1 and average is not None and not self._later_done():
                last = None
                before = build.Start(average(folder / "model"), stage)
        return before, last

    def held_back(self, split: str) -> list[CorpusClip]:
        """The clips of a split; none where it is trained on."""
        return [] if split in self.recipe.train_on else self.corpus.split(split)

    def _done(self, stage: int) -> dict[str, Any] | None:
        return plan.done(self.recipe.output / f"stage{stage}", self._plan(stage))

    def _later_done(self) -> bool:
        """Whether earlier calls did all stages after the first; not where there are none."""
        later = [self._done(stage) for stage in self.stages if stage > 1]
        return bool(later) and None not in later

    def _main(self) -> bool:
        return bool(self.state.is_main_process)

    def _plan(self, stage: int) -> str:
        chain = [number for number in self.stages if number <= stage]
        return plan.of_stage(self.recipe, self.corpus, chain, self.start.path, self._batch(stage))

    def _batch(self, stage: int) -> int:
        """Clips per update, over all processes."""
        settings = self.recipe.stages.number(stage)
        return int(settings.batch_size * settings.accumulate * self.state.num_processes)

    @property
    def encoded(self) -> encoded_corpus.EncodedCorpus:
        """How each clip is heard."""
        return self.prepare().encoded

    def finished(self) -> bool:
        """Whether everything up to the answers of the test split is there, by this very plan."""
        done = plan.read(self.recipe.output / plan.FINISHED)
        return done is not None and done.get("plan") == self.final_plan()

    def final_plan(self) -> str:
        """Fingerprint of the last stage and of what is decided after it."""
        return plan.of_replies(self.recipe, self._plan(self.stages[-1]))

    def prepare(self) -> Prepared:
        """Load the encoder; the first process computes what the cache lacks while the others wait."""
        if self.prepared is not None:
            return self.prepared
        speech = encoded_corpus.load(self.recipe, self.dtype)
        with self.state.main_process_first(), Progress(self.quiet or not self._main()) as progress:
            encoded = encoded_corpus.of(self.corpus, speech, self.recipe, progress)
        self.result.notes += encoded.notes
        for what, splits in (("to train on", self.recipe.train_on), ("of the test", ("test",))):
            self.result.notes += one_class(self.corpus.split(*splits), what) if 3 in self.stages else []
        self.prepared = Prepared(speech, encoded)
        return self.prepared

    def examples(self, stage: int, clips: Sequence[CorpusClip], tokenizer: Any) -> list[Example]:
        """The clips that have a text for the stage, with it."""
        language = self.language() if stage > 1 else None
        return encoded_corpus.examples(self.corpus, clips, self.encoded, self.recipe, stage, language, tokenizer)

    def language(self) -> frozen_models.Language:
        """The LLM with its tokenizer, loaded once."""
        if self._loaded is None:
            with self.state.main_process_first():  # a packed LLM is unpacked once
                self._loaded = frozen_models.language(self.recipe.model.llm, self.dtype, attention(self.recipe.compute))
        return self._loaded

    def release(self) -> None:
        """Let go of the LLM; it is loaded again when it is next needed."""
        self._loaded = None

    def _stage(self, stage: int, folder: Path, config: Any, before: build.Start, wanted: str) -> SEmoPreTrained:
        settings = self.recipe.stages.number(stage)
        resumed = self._prepared(folder, wanted)
        notes: list[str] = []
        clips = self.corpus.split(*self.recipe.train_on)
        tokenizer = self._tokenizer() if stage == 1 else None
        train = self.examples(stage, clips, tokenizer)
        validation = self.examples(stage, self.held_back("validation"), tokenizer)
        if not train:
            raise SemoError(f"stage {stage}: no clip to train on has a text of the content {settings.content}")
        if len(train) < len(clips):
            notes.append(f"stage {stage}: {len(clips) - len(train)} clips lack {settings.content} and are left out")
        if cut := sum(example.tokens.cut for example in train):
            notes.append(f"stage {stage}: {cut} texts are cut off at {settings.max_text} tokens")
        # everything random from here on is decided by the seed and the stage
        torch.manual_seed(self.recipe.seed * 10 + stage)
        model: Any
        if stage == 1:
            model = build.first(config, tokenizer, self.recipe.model.qformer.init, before)
        else:
            model, report = build.later(config, stage, self.recipe, self.language(), before)
            if report is not None:
                notes.append(f"{before.path}: {report.text()}")
        language = self.language() if stage > 1 else None
        train = fitting.fit(model, train, before, language, self.recipe.model.readout.folds)
        histories = self._trained(stage, model, folder, train, validation, tokenizer, resumed)
        self.result.notes += notes
        self.result.histories[stage] = histories
        if self._main():
            model.save_pretrained(folder / "model")
            if tokenizer is not None:
                tokenizer.save_pretrained(folder / "model")
            files.write_json(folder / "done.json", {"plan": wanted, "history": histories, "notes": notes})
        self.state.wait_for_everyone()
        return model  # type: ignore[no-any-return]

    def _prepared(self, folder: Path, wanted: str) -> Path | None:
        """The checkpoint to go on from; what was made by another plan is cleared away."""
        if self._main():
            known = plan.read(folder / "plan.json")
            if known is None or known.get("plan") != wanted:
                shutil.rmtree(folder, ignore_errors=True)
                files.write_json(folder / "plan.json", {"plan": wanted})
        self.state.wait_for_everyone()
        checkpoint = trainer.last_checkpoint(folder)
        if checkpoint is not None and self._main() and not self.quiet:
            console.show(f"{folder.name}: continues from step {checkpoint.name.rpartition('-')[2]}", error=True)
        return checkpoint

    def _tokenizer(self) -> Any:
        clips = self.corpus.split(*self.recipe.train_on, HELD_OUT)
        captions = target_texts.target_texts(
            self.corpus, clips, 1, self.recipe.stages.stage1.content, self.recipe.template
        )
        return tokenization.bert_tokenizer(self.recipe.model.text_tokenizer, list(captions.values()))

    def _trained(
        self, stage: int, model: Any, folder: Path, train: list[Example], validation: list[Example], tokenizer: Any,
        resumed: Path | None,
    ) -> list[dict[str, float]]:  # fmt: skip
        from transformers import PrinterCallback

        settings = self.recipe.stages.number(stage)
        pad = tokenizer.pad_token_id if tokenizer is not None else self.language().eos
        made = trainer.StageTrainer(
            model=model,
            arguments=trainer.arguments(folder, settings, self.recipe.compute, self.recipe.seed, self.quiet),
            train=Examples(train),
            validation=Examples(validation) if validation else None,
            collate=Collate(stage, pad, (model.config.naming or {}).get("words") if stage == 1 else None),
            schedule=Schedule(train, self._batch(stage), settings.steps, settings.balanced, self.recipe.seed),
            rates=settings.rates,
            callbacks=[],
        )
        made.remove_callback(PrinterCallback)
        samples = functools.partial(self._samples, model, validation) if stage > 1 and validation else None
        evaluate = made.watched_loss if validation else None
        made.add_callback(progress_callback.Watch(stage, settings.evaluate_every, evaluate, samples, self.quiet))
        made.train(resume_from_checkpoint=str(resumed) if resumed else None)
        made.accelerator.free_memory()
        return progress_callback.history(made.state.log_history)

    def _samples(self, model: Any, validation: list[Example]) -> list[str]:
        """Some replies as they are now, each beside what was to be said."""
        chosen = validation[:: max(1, len(validation) // SAMPLES)][:SAMPLES]
        clips = [encoded_corpus.ClipFeatures(example.load, example.frames, example.measures) for example in chosen]
        decoding = generation.DecodingOptions(longest=model.config.max_text, decode="greedy")
        answers = generation.answers(model, self.language(), clips, decoding, SAMPLES)
        wanted = [self.language().tokenizer.decode(example.tokens.ids[example.tokens.first : -1]) for example in chosen]
        return [f"said: {answer.reply!r}, expected: {text!r}" for answer, text in zip(answers, wanted, strict=True)]
