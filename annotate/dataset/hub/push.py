"""Push a data set to the Hugging Face Hub, so that an interruption costs nothing and readers never see half of it.

The data files go to a branch of their own, in commits of some files each; a push that was broken off finds
there what has arrived and sends the rest. Only when all are there does one commit bring them, the card, the
scale, the recipe and the manifest to the revision that people load, and the branch is deleted. Until then
the earlier revision loads as before.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate.dataset.hub import prepare, retry
from annotate.dataset.hub.licence import known_repo
from annotate.dataset.manifest import digest
from annotate.errors import SemoError
from annotate.store import fingerprint

if TYPE_CHECKING:
    from huggingface_hub import HfApi

TYPE = "dataset"
MAIN = "main"
BATCH_FILES = 25
BATCH_BYTES = 5_000_000_000
Say = Callable[[str], None]


@dataclass(frozen=True)
class Pushed:
    """What a push did.

    Attributes:
        repo, revision, url: where it went.
        uploaded: files that were not there before.
        files: files of the data set.
        prepared: what was published, and what was held back.
    """

    repo: str
    revision: str
    url: str
    uploaded: int
    files: int
    prepared: prepare.PreparedFolder


@dataclass(frozen=True)
class _File:
    here: Path
    mark: str
    size: int


def push(
    folder: Path,
    repo: str,
    *,
    private: bool = False,
    revision: str | None = None,
    despite: str | None = None,
    api: HfApi | None = None,
    say: Say = lambda line: None,
) -> Pushed:
    """Publish a finished output as the data set ``repo``.

    Args:
        folder: the output folder.
        repo: ``USER/NAME``; made where there is none.
        private: make a new repository private; one that exists stays as it is.
        revision: branch to publish to; made where there is none. Default ``main``.
        despite: overrules the licence rule, see ``licence.decide``.
        api: the Hub's client; by default the user's own, with the token that ``hf auth login`` or ``HF_TOKEN`` gave.
        say: told each step, in one line.

    Raises:
        SemoError: the licence lets nothing out, the Hub refuses, or it cannot be reached.
    """
    known_repo(repo)
    require_token(api)
    ready = prepare.prepare(folder, repo, despite)
    say(f"publishing {ready.rule.sentence}")
    if api is None:
        from huggingface_hub import HfApi

        api = HfApi()
    if not sys.stderr.isatty():
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()
    target = _Target(api, repo, revision or MAIN, say)
    target.make(private)
    wanted = {name: _file(path) for name, path in ready.files.items()}
    missing = target.lacking(wanted, target.revision)
    if missing or target.stale(wanted):
        data = {name: file for name, file in wanted.items() if name in missing and name.startswith("data/")}
        branch = f"push-{fingerprint.of({name: file.mark for name, file in wanted.items()})[:16]}"
        target.stage(data, branch)
        target.publish(wanted, branch if data else None)
    url = f"{api.endpoint}/datasets/{repo}" + (f"/tree/{revision}" if revision else "")
    return Pushed(repo, target.revision, url, len(missing), len(wanted), ready)


def require_token(api: HfApi | None = None) -> None:
    """Refuse before anything is prepared or sent: without a token the Hub cannot be written to, however often tried."""
    from huggingface_hub import get_token

    if not (getattr(api, "token", None) or get_token()):
        raise SemoError(
            "there is no token for the Hub: run 'hf auth login', or put a token with write access into HF_TOKEN"
        )


@dataclass(frozen=True)
class _Target:
    """A revision of a repository, with the patience that the Hub needs."""

    api: HfApi
    repo: str
    revision: str
    say: Say

    def make(self, private: bool) -> None:
        """Make the repository and the branch where they are not there."""
        self._try(lambda: self.api.create_repo(self.repo, repo_type=TYPE, private=private or None, exist_ok=True))
        if private and not self._try(lambda: self.api.repo_info(self.repo, repo_type=TYPE)).private:
            raise SemoError(f"{self.repo}: exists already and is public; make it private on the Hub, or choose another")
        if self.revision != MAIN:
            self._branch(self.revision, MAIN)

    def lacking(self, wanted: Mapping[str, _File], revision: str) -> list[str]:
        """The files that a revision has not, or has otherwise."""
        there = self._there(revision)
        return [name for name, file in wanted.items() if there.get(name) != file.mark]

    def stale(self, wanted: Mapping[str, _File]) -> list[str]:
        """Data files of an earlier push that the data set no longer has."""
        return [name for name in self._there(self.revision) if _is_data(name) and name not in wanted]

    def stage(self, data: Mapping[str, _File], branch: str) -> None:
        """Bring data files to the branch, some at a time; those that an earlier try has brought stay."""
        from huggingface_hub import CommitOperationAdd

        if not data:
            return
        self._branch(branch, self.revision)
        left = self.lacking(data, branch)
        if len(left) < len(data):
            self.say(f"{len(data) - len(left)} of {len(data)} data files are already on the Hub")
        for batch in _batches(data, left):
            self.say(f"sending {', '.join(batch[:2])}{f' and {len(batch) - 2} more' if len(batch) > 2 else ''}")
            self._try(lambda batch=batch: self.api.create_commit(  # type: ignore[misc]
                self.repo, repo_type=TYPE, revision=branch,
                # made anew for each try: the client marks those that it has committed
                operations=[CommitOperationAdd(name, data[name].here) for name in batch],
                commit_message=f"{len(batch)} data files",
            ))  # fmt: skip

    def publish(self, wanted: Mapping[str, _File], branch: str | None) -> None:
        """One commit that makes the revision hold what is wanted, and nothing of an earlier push besides."""
        self._try(lambda: self._publish(wanted, branch))
        if branch is not None:
            self._try(lambda: _gone(self.api, self.repo, branch))

    def _publish(self, wanted: Mapping[str, _File], branch: str | None) -> None:
        from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete

        # read at each try: a commit whose answer was lost has been made, one of somebody else moves the head
        head = self.api.repo_info(self.repo, repo_type=TYPE, revision=self.revision).sha
        operations: list[Any] = [CommitOperationDelete(name) for name in self.stale(wanted)]
        for name in self.lacking(wanted, self.revision):
            if branch is not None and name.startswith("data/"):
                operations.append(CommitOperationCopy(name, name, src_revision=branch))
            else:
                operations.append(CommitOperationAdd(name, wanted[name].here))
        if operations:
            self.say(f"publishing {len(operations)} changes in one commit")
            self.api.create_commit(
                self.repo, operations, repo_type=TYPE, revision=self.revision, parent_commit=head,
                commit_message="Data set made by semo-annotate",
            )  # fmt: skip

    def _there(self, revision: str) -> dict[str, str]:
        tree = self._try(lambda: list(self.api.list_repo_tree(
            self.repo, recursive=True, repo_type=TYPE, revision=revision)))  # fmt: skip
        digests = {}
        for entry in tree:
            if hasattr(entry, "blob_id"):
                digests[entry.path] = entry.lfs.sha256 if entry.lfs else entry.blob_id
        return digests

    def _branch(self, name: str, start: str) -> None:
        self._try(lambda: self.api.create_branch(
            self.repo, repo_type=TYPE, branch=name, revision=start, exist_ok=True))  # fmt: skip

    def _try(self, call: Callable[[], Any]) -> Any:
        return retry.retried(call, self.repo, self.say)


def _gone(api: HfApi, repo: str, branch: str) -> None:
    from huggingface_hub.errors import HfHubHTTPError

    try:
        api.delete_branch(repo, repo_type=TYPE, branch=branch)
    except HfHubHTTPError as error:
        if getattr(error.response, "status_code", None) != 404:  # the answer to an earlier try was lost
            raise


def _file(path: Path) -> _File:
    size = path.stat().st_size
    if path.suffix == ".parquet":
        return _File(path, digest(path), size)
    return _File(path, _blob(path.read_bytes()), size)


def _blob(content: bytes) -> str:
    """The name that git gives a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _is_data(name: str) -> bool:
    return name.startswith("data/") and name.endswith(".parquet")


def _batches(data: Mapping[str, _File], names: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for name in names:
        if batch and (len(batch) == BATCH_FILES or size + data[name].size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(name)
        size += data[name].size
    if batch:
        yield batch
