"""What git says of a project at this moment: the commit, and how the files differ from it. Nothing is changed."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_workbench.history.surroundings.git_program import PATIENCE_SECONDS, Answer, Git, GitError, of_the_user
from jupyter_workbench.history.surroundings.git_stand_in import make_stand_in, variables_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DIFF_BYTES = 1 << 20
MAX_UNTRACKED = 1000
CUT = "# The rest of the diff is left out: it is longer than 1 MB.\n"
_CREDENTIALS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<who>[^/?#]*)@", re.IGNORECASE)
_MAY_NAME_ITS_USER = re.compile(r"(git\+|ssh\+)?(ssh|git)", re.IGNORECASE)
_COMMIT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?\n\Z")


@dataclass(frozen=True)
class GitState:
    """What git says; ``problem`` tells in words why the rest of it is not known.

    ``is_dirty``: a tracked file differs from the commit, or one below the project is neither tracked nor ignored.
    ``diff`` leads from the commit to the files; what is not tracked is in it by name only.
    """

    commit: str | None = None
    branch: str | None = None
    remote: str | None = None
    is_dirty: bool | None = None
    diff: str | None = None
    problem: str | None = None


def git_state(project: Path, stop: threading.Event | None = None, seconds: float = PATIENCE_SECONDS) -> GitState:
    """Ask git about the repository that holds a project; blocks for ``seconds`` at most, or until ``stop`` is set.

    Nothing that the repository names is run, and no network is used: a kernel in a container may have written into it.
    """
    look = _Look(project)
    try:
        look.at_all(stop or threading.Event(), seconds)
    except GitError as error:
        return replace(look.seen, problem=str(error))
    except OSError as error:
        return replace(look.seen, problem=f"{error.filename or project} cannot be read ({error.strerror})")
    return look.seen


def without_credentials(address: str) -> str:
    """Return the address of a remote without passwords and tokens; the user of an ssh address stays."""

    def masked(found: re.Match[str]) -> str:
        if _MAY_NAME_ITS_USER.fullmatch(found["scheme"]) and ":" not in found["who"]:
            return found[0]
        return f"{found['scheme']}://[masked]@"

    return re.sub(r"[?#].*", "", _CREDENTIALS.sub(masked, address), flags=re.DOTALL)


class _Look:
    """One look; ``seen`` grows, so that a later failure takes nothing away."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self.seen = GitState()

    def at_all(self, stop: threading.Event, seconds: float) -> None:
        top = _top(self._project)
        self._git, self._top, self._user = Git(top, stop, seconds), top, of_the_user(top.parent)
        folders = self._read("rev-parse", "--absolute-git-dir", "--git-common-dir", "--git-path", "objects").text
        lines = os.fsdecode(folders).split("\n")
        if len(lines) != 4:
            raise GitError("the path of the repository cannot be read, since there is a line break in it")
        own, common, objects = (top / line for line in lines[:3])
        listed = self._ask("config", "--list", "-z", "--show-scope")  # since git 2.26
        settings = _Settings(b"" if listed.code else listed.text)
        _check(top, own, common, settings.values.get("core.worktree"))
        head = self._ask("symbolic-ref", "-q", "HEAD")
        branch = head.text.decode("utf-8", "replace").strip().removeprefix("refs/heads/") or None
        self.seen = replace(self.seen, branch=branch, remote=settings.remote(branch))
        commit = self._ask("rev-parse", "-q", "--verify", "HEAD").text
        if not _COMMIT.match(commit):
            raise GitError("the repository has no commit yet")
        self.seen = replace(self.seen, commit=commit.decode().strip())
        self._compare(own, objects, settings)

    def _compare(self, own: Path, objects: Path, settings: _Settings) -> None:
        assert self.seen.commit is not None
        _check_objects(objects)
        with tempfile.TemporaryDirectory(prefix="jupyter-workbench-git-") as folder:
            stand_in = Path(folder) / "git"
            make_stand_in(stand_in, own, self.seen.commit, settings.values, settings.ignored(), self._git.check)
            variables = variables_of(stand_in, objects, self._top)
            diff = self._work(variables, *_DIFF, limit=MAX_DIFF_BYTES)
            project = os.path.relpath(self._project, self._top)
            others = self._work(variables, *_OTHERS, "--", project, limit=MAX_DIFF_BYTES)
        untracked = others.text.split(b"\0")[:-1]
        text = _names(untracked) + _text(diff)
        self.seen = replace(self.seen, is_dirty=bool(text), diff=text or None)

    def _read(self, *arguments: str) -> Answer:
        answer = self._ask(*arguments)
        if answer.code:
            raise GitError(_why(answer.said, self._top))
        return answer

    def _ask(self, *arguments: str) -> Answer:
        return self._git.run(self._top, *arguments, variables=self._user)

    def _work(self, variables: Mapping[str, str], *arguments: str, limit: int) -> Answer:
        answer = self._git.run(self._top, *arguments, variables=variables, limit=limit)
        if answer.code and not answer.is_cut:
            raise GitError(_why(answer.said, self._top))
        return answer


_DIFF = (
    "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short", "--ignore-submodules=dirty",
    "--src-prefix=a/", "--dst-prefix=b/", "HEAD", "--",
)  # fmt: skip
_OTHERS = ("ls-files", "--others", "--exclude-standard", "--directory", "--no-empty-directory", "-z")


class _Settings:
    """The settings that git listed, none of which it will see: the last word on each, and who said it."""

    def __init__(self, listed: bytes) -> None:
        self.values: dict[str, str] = {}
        self._of_the_user: dict[str, str] = {}
        self._first: dict[str, str] = {}
        fields = os.fsdecode(listed).split("\0")
        for scope, entry in zip(fields[::2], fields[1::2], strict=False):
            name, is_told, value = entry.partition("\n")
            self.values[name] = value if is_told else "true"
            self._first.setdefault(name, value)
            if scope in ("system", "global"):
                self._of_the_user[name] = value

    def remote(self, branch: str | None) -> str | None:
        """Where the branch is pulled from, else ``origin``, else the only remote there is."""
        addresses = {name[7:-4]: url for name, url in self._first.items() if re.match(r"remote\..+\.url\Z", name)}
        wanted = self.values.get(f"branch.{branch}.remote", "origin")
        found = addresses.get(wanted) or addresses.get("origin")
        if found is None and len(addresses) == 1:
            (found,) = addresses.values()
        return without_credentials(_printable(found)) if found else None

    def ignored(self) -> Path | None:
        """Return the user's own list of what is ignored everywhere."""
        named = self._of_the_user.get("core.excludesfile")
        folder = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
        path = Path(os.path.expanduser(named or f"{folder}/git/ignore"))  # noqa: PTH111 - pathlib's raises
        return path if path.is_file() else None


def _top(project: Path) -> Path:
    """Return the work tree. Settings could name any other folder of this machine as such."""
    for folder in (project, *project.parents):
        if os.path.lexists(folder / ".git"):
            return folder
    raise GitError("the project is not in a git repository")


def _check(top: Path, own: Path, common: Path, named: str | None) -> None:
    """Refuse a ``.git`` that leads to a repository elsewhere, unless that one knows this work tree.

    The folders of `git worktree` and of submodules do; a link or file that a container put there leads anywhere.
    """
    real = own.resolve()
    if real.is_relative_to(top.resolve()):
        is_known = common.resolve() == real
    else:
        is_known = named is not None and (own / named).resolve() == top.resolve()
        with suppress(OSError, ValueError):
            back = (own / "gitdir").read_text("utf-8").strip()
            is_known = is_known or (own / back).resolve() == (top / ".git").resolve()
    if not is_known:
        raise GitError(f"{top / '.git'} leads to {_printable(str(real))}, a repository that does not know this folder")


def _check_objects(objects: Path) -> None:
    """Refuse objects of another repository: a container that knows its commits could have its files put into a diff."""
    with os.scandir(objects) as entries:
        links = [""] if objects.is_symlink() else [entry.name for entry in entries if entry.is_symlink()]
    alternates = objects / "info" / "alternates"
    if links or os.path.lexists(alternates):
        elsewhere = _printable(str(objects / links[0] if links else alternates))
        raise GitError(f"{elsewhere} leads to objects of another repository, which are not compared with")


def _text(diff: Answer) -> str:
    if not diff.is_cut:
        return diff.text.decode("utf-8", "replace")
    return diff.text[: diff.text.rfind(b"\n") + 1].decode("utf-8", "replace") + CUT


def _names(untracked: list[bytes]) -> str:
    lines = [f"# untracked: {_printable(os.fsdecode(name))}\n" for name in untracked[:MAX_UNTRACKED]]
    if len(untracked) > MAX_UNTRACKED:
        lines.append(f"# untracked: {len(untracked) - MAX_UNTRACKED} more\n")
    return "".join(lines)


def _printable(text: str) -> str:
    return text if text.isprintable() else ascii(text)[1:-1]


def _why(said: str, top: Path) -> str:
    if "dubious ownership" in said or "unsafe repository" in said:
        return (
            "git does not trust the repository, since it belongs to another user - "
            f"run: git config --global --add safe.directory {top}"
        )
    if "not a git repository" in said:
        return "the project is not in a git repository"
    first = next(filter(None, map(str.strip, said.splitlines())), "it does not say why")
    return f"git failed: {_printable(first.removeprefix('fatal: '))[:500]}"
