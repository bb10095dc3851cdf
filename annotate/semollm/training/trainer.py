"""One stage on ``transformers.Trainer``: checkpoints that are whole or not believed, a fixed order of clips."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from annotate.errors import SemoError
from annotate.semollm.compute_device import bf16, on_gpu
from annotate.semollm.data.batches import Collate, Examples, Schedule
from annotate.semollm.inference.generation import judging
from annotate.semollm.model import distributed
from annotate.semollm.settings import Compute, StageSettings
from annotate.semollm.training import finite_gradients
from annotate.store import files

MARK = "whole.json"  # written last: a checkpoint without it was broken off while being written
PARTS = ("contrastive", "matching", "generation", "naming")


class StageTrainer(Trainer):
    """Trains one stage.

    Args:
        model: of the stage.
        arguments: from ``arguments``.
        train: examples to learn from.
        validation: examples whose loss is watched; None for none.
        collate: makes batches.
        schedule: the order.
        rates: part of a weight's name -> its learning rate over that of all others.
        callbacks: told of what happens.
    """

    optimizer: Any

    def __init__(
        self,
        model: Any,
        arguments: TrainingArguments,
        train: Examples,
        validation: Examples | None,
        collate: Collate,
        schedule: Schedule,
        rates: Mapping[str, float],
        callbacks: list[TrainerCallback],
    ) -> None:
        self.schedule, self.collate = schedule, collate
        self.rates = dict(rates)
        self.parts: dict[str, list[Tensor]] = {}
        self.batches: list[Sequence[str]] = []
        super().__init__(
            model=model, args=arguments, train_dataset=train, eval_dataset=validation, data_collator=collate,
            callbacks=[*callbacks, finite_gradients.FiniteGradients(collate.stage, self.batches)],
        )  # fmt: skip

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return self.schedule

    def create_optimizer(self, model: Any = None) -> Any:
        """AdamW with the stage's own rates; the layer weights, some numbers through a softmax, do not decay."""
        if self.optimizer is None:
            decays = set(self.get_decay_parameter_names(self.model))
            groups: dict[tuple[float, float], list[Any]] = {}
            for name, value in self.model.named_parameters():
                if value.requires_grad:
                    factor = next((rate for part, rate in self.rates.items() if part in name), 1.0)
                    kept = name in decays and not name.endswith(("layer_weights", "query_tokens"))
                    key = (self.args.learning_rate * factor, self.args.weight_decay if kept else 0.0)
                    groups.setdefault(key, []).append(value)
            self.optimizer = torch.optim.AdamW(
                [{"params": held, "lr": rate, "weight_decay": decay} for (rate, decay), held in groups.items()],
                betas=(0.9, 0.98),
            )
        return self.optimizer

    def compute_loss(
        self, model: Any, inputs: Mapping[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The loss that the model computes; its parts are kept for the log.

        Raises:
            SemoError: it is no number; names the clips.
        """
        given = dict(inputs)
        clips = given.pop("clips")
        output = model(**given)
        finite_gradients.require_batch(self.collate.stage, given, output["loss"], clips, self.model)
        if model.training:
            self.batches.append(clips)
            for name in PARTS:
                if name in output:
                    self.parts.setdefault(name, []).append(output[name].detach())
        return (output["loss"], output) if return_outputs else output["loss"]

    def watched_loss(self) -> float:
        """The mean loss on the validation clips, over processes; takes no random number of the training."""
        losses: list[Tensor] = []
        with judging(self.model):
            for inputs in self.get_eval_dataloader():
                with self.compute_loss_context_manager():
                    losses.append(self.compute_loss(self.model, self._prepare_inputs(inputs)).float())
        mean = torch.stack(losses).mean()
        if distributed.processes() > 1:
            torch.distributed.all_reduce(mean)
        return float(mean) / distributed.processes()

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """The parts of the loss go with it, as means over the steps since the last time, and over processes."""
        if "loss" in logs and self.parts:
            for name, values in self.parts.items():
                mean = torch.stack(values).float().mean()
                if distributed.processes() > 1:
                    torch.distributed.all_reduce(mean)
                logs[name] = float(mean) / distributed.processes()
            self.parts = {}
        super().log(logs, start_time)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        if self.args.should_save:
            folder = Path(self.args.output_dir) / f"{PREFIX_CHECKPOINT_DIR}-{self.state.global_step}"
            for file in folder.iterdir():
                if file.is_file():
                    _sync(file)
            files.write_text(folder / MARK, json.dumps({"step": self.state.global_step}) + "\n")

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        self.model.load_trained(Path(resume_from_checkpoint))


def _sync(file: Path) -> None:
    with open(file, "rb+") as written:
        os.fsync(written.fileno())


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that is whole; those broken off while being written are passed over."""
    whole = [path for path in folder.glob(f"{PREFIX_CHECKPOINT_DIR}-*") if (path / MARK).is_file()]
    return max(whole, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def arguments(folder: Path, stage: StageSettings, compute: Compute, seed: int, quiet: bool) -> TrainingArguments:
    """The stage's settings as ``transformers`` wants them."""
    gpu = on_gpu(compute)
    made = TrainingArguments(
        output_dir=str(folder),
        max_steps=stage.steps,
        per_device_train_batch_size=stage.batch_size,
        per_device_eval_batch_size=stage.batch_size,
        gradient_accumulation_steps=stage.accumulate,
        learning_rate=stage.learning_rate,
        weight_decay=stage.weight_decay,
        warmup_steps=round(stage.warmup * stage.steps),
        lr_scheduler_type="cosine",
        max_grad_norm=1.0,
        logging_strategy="steps",
        logging_steps=stage.log_every,
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=stage.save_every,
        save_total_limit=2,
        eval_strategy="no",
        seed=seed,
        use_cpu=not gpu,
        bf16=bf16(compute),
        gradient_checkpointing=compute.gradient_checkpointing,
        torch_compile=compute.compile,
        remove_unused_columns=False,
        report_to=[],
        disable_tqdm=quiet or not sys.stderr.isatty(),
        dataloader_num_workers=4 if gpu else 0,
        dataloader_pin_memory=gpu,
        ddp_find_unused_parameters=False,
        ddp_backend="gloo" if not gpu and distributed.processes() > 1 else None,
        label_names=["labels"],
    )
    # the trainer is given the backend; left in the environment it would compile whatever this process trains next
    os.environ.pop("ACCELERATE_DYNAMO_BACKEND", None)
    return made


@contextlib.contextmanager
def memory_errors(stage: int, settings: StageSettings) -> Iterator[None]:
    """Say what to lower where memory runs out."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        message = str(error).lower()
        out = isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "out of memory" in message
        if not out and "can't allocate memory" not in message and "not enough memory" not in message:
            raise
        key = f"stages.stage{stage}"
        raise SemoError(
            f"stage {stage}: out of memory at {key}.batch_size={settings.batch_size}; lower it (and raise "
            f"{key}.accumulate by the same factor), set compute.gradient_checkpointing=true, or lower audio.max_s"
        ) from None
