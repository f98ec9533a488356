"""What git says of a project, and that nothing runs that a repository names: its `.git` may be a container's work."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_workbench.history.surroundings import git_program, git_stand_in, git_state
from jupyter_workbench.history.surroundings.git_state import CUT, GitState, without_credentials

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")

ATTRIBUTES = "* filter=evil diff=evil\n"


@pytest.fixture(autouse=True)
def a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a user who is nobody else."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one commit, as clean as it gets."""
    project = tmp_path / "iris"
    project.mkdir()
    git(project, "init", "-q", "-b", "main")
    (project / "train.py").write_text("rate = 1\n")
    commit(project)
    return project


def git(folder: Path, *arguments: str) -> str:
    """Run git as a user does."""
    me = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.allow=always")
    done = subprocess.run(["git", *me, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=30)
    return done.stdout.strip()


def commit(project: Path) -> None:
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "A change")


def look(project: Path) -> GitState:
    return git_state.git_state(project)


def test_a_folder_without_a_repository_says_so(tmp_path):
    assert look(tmp_path) == GitState(problem="the project is not in a git repository")


def test_a_machine_without_git_says_so(project, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert look(project) == GitState(problem="git is not installed on this machine")


def test_a_git_program_in_the_project_is_not_the_machines(project, tmp_path, monkeypatch):
    (project / "git").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (project / "git").chmod(0o755)
    monkeypatch.chdir(project)
    monkeypatch.setenv("PATH", ".:/nowhere")
    assert look(project).problem == "git is not installed on this machine"
    assert not (tmp_path / "ran").exists()


def test_a_git_program_in_an_environment_of_the_project_is_passed_over(project, tmp_path, monkeypatch):
    """Its `bin` is on the path of a server that was started in it, and a container can write there."""
    programs = project / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "git").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    assert look(project).branch == "main"
    assert not (tmp_path / "ran").exists()


def test_a_repository_without_a_commit_says_so_and_tells_its_branch(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    assert look(tmp_path) == GitState(branch="main", problem="the repository has no commit yet")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_is_not_read_until_this_user_trusts_it(project):
    for path in (project, project / ".git"):
        os.chown(path, 12345, 12345)
    command = f"git config --global --add safe.directory {project}"
    said = f"git does not trust the repository, since it belongs to another user - run: {command}"
    assert look(project) == GitState(problem=said)
    subprocess.run(command.split(), check=True)
    assert look(project).problem is None


def test_an_unchanged_work_tree_is_clean(project):
    state = look(project)
    assert state == GitState(commit=git(project, "rev-parse", "HEAD"), branch="main", is_dirty=False)


def test_a_file_that_was_only_touched_is_no_change_and_the_index_stays_as_it_is(project):
    index = project / ".git" / "index"
    before = index.read_bytes(), index.stat().st_mtime_ns
    os.utime(project / "train.py", (1, 1))
    assert look(project).is_dirty is False
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


def test_a_change_is_told_with_its_diff_staged_or_not(project):
    (project / "train.py").write_text("rate = 2\n")
    (project / "new.py").write_text("new\n")
    git(project, "add", "new.py")
    state = look(project)
    assert state.is_dirty
    assert "--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-rate = 1\n+rate = 2\n" in state.diff
    assert "+++ b/new.py\n@@ -0,0 +1 @@\n+new\n" in state.diff


def test_the_diff_leads_back_from_the_files_to_the_commit(project):
    (project / "train.py").write_text("rate = 2\n")
    (project / "other.py").touch()
    diff = look(project).diff
    subprocess.run(["git", "apply", "-R"], cwd=project, input=diff, text=True, check=True)
    assert (project / "train.py").read_text() == "rate = 1\n"


def test_files_that_are_not_tracked_are_told_by_name_only_and_ignored_ones_not_at_all(project):
    (project / ".gitignore").write_text("*.log\n")
    commit(project)
    (project / "data").mkdir()
    for name in ("notes.txt", "run.log", "data/a.csv", "data/b.csv"):
        (project / name).write_text("contents\n")
    assert look(project).diff == "# untracked: data/\n# untracked: notes.txt\n"


def test_what_the_user_ignores_everywhere_is_ignored(project, a_home):
    (a_home / "ignored").write_text("*.swp\n")
    git(project, "config", "--global", "core.excludesFile", "~/ignored")
    (project / "train.swp").touch()
    assert look(project).is_dirty is False


def test_a_list_of_ignored_files_that_the_repository_names_is_not_opened(project):
    (project / "hidden.py").touch()
    (project / ".git" / "ignored").write_text("*\n")
    git(project, "config", "core.excludesFile", str(project / ".git" / "ignored"))
    assert look(project).diff == "# untracked: hidden.py\n"


def test_a_diff_of_many_megabytes_is_cut_at_a_line_and_says_so(project, monkeypatch):
    (project / "train.py").write_text("".join(f"line {number}\n" for number in range(200_000)))
    diff = look(project).diff
    assert len(diff) <= git_state.MAX_DIFF_BYTES + len(CUT)
    assert diff.endswith("\n" + CUT)


def test_untracked_names_have_an_end(project, monkeypatch):
    monkeypatch.setattr(git_state, "MAX_UNTRACKED", 2)
    for name in "abcde":
        (project / name).touch()
    assert look(project).diff == "# untracked: a\n# untracked: b\n# untracked: 3 more\n"


def test_a_binary_file_is_told_by_name(project):
    (project / "model.pkl").write_bytes(b"\0\1")
    commit(project)
    (project / "model.pkl").write_bytes(b"\0\2")
    assert "Binary files a/model.pkl and b/model.pkl differ\n" in look(project).diff


def test_names_and_contents_in_any_encoding_are_told(project):
    (project / "train.py").write_bytes(b"caf\xe9\n")
    (project / os.fsdecode(b"caf\xe9 \n.txt")).touch()
    diff = look(project).diff
    assert diff.startswith("# untracked: caf\\udce9 \\n.txt\n")
    diff.encode()


def test_a_project_below_the_top_of_its_repository_tells_the_untracked_files_of_its_own(project):
    below = project / "part"
    below.mkdir()
    (below / "train.py").write_text("1\n")
    commit(project)
    (below / "mine.py").touch()
    (project / "others.py").touch()
    (project / "train.py").write_text("rate = 3\n")
    diff = look(below).diff
    assert diff.startswith("# untracked: part/mine.py\ndiff --git a/train.py b/train.py\n")


def test_a_detached_head_has_no_branch(project):
    git(project, "checkout", "-q", "--detach")
    state = look(project)
    assert (state.branch, state.problem) == (None, None)


def test_the_remote_of_the_branch_is_told_before_origin(project):
    git(project, "remote", "add", "origin", "https://example.org/fork.git")
    assert look(project).remote == "https://example.org/fork.git"
    git(project, "remote", "add", "upstream", "git@example.org:iris.git")
    git(project, "config", "branch.main.remote", "upstream")
    assert look(project).remote == "git@example.org:iris.git"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://ada:secret@example.org/iris.git", "https://[masked]@example.org/iris.git"),
        ("https://ghp_token@example.org/iris.git", "https://[masked]@example.org/iris.git"),
        ("https://a:b@c@example.org/iris", "https://[masked]@example.org/iris"),
        ("ssh://git@example.org/iris.git", "ssh://git@example.org/iris.git"),
        ("ssh://git:secret@example.org/iris.git", "ssh://[masked]@example.org/iris.git"),
        ("git@example.org:iris.git", "git@example.org:iris.git"),
        ("https://example.org/iris.git?private_token=secret", "https://example.org/iris.git"),
        ("/srv/git/iris.git", "/srv/git/iris.git"),
        ("ext::sh -c https://ada:secret@example.org", "ext::sh -c https://[masked]@example.org"),
    ],
)
def test_the_address_of_a_remote_is_told_without_what_opens_it(address, shown):
    assert without_credentials(address) == shown


def test_a_work_tree_of_git_worktree_is_known_to_its_repository(project, tmp_path):
    git(project, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    (tmp_path / "side" / "train.py").write_text("rate = 5\n")
    state = look(tmp_path / "side")
    assert (state.branch, state.is_dirty, state.problem) == ("side", True, None)


def test_a_project_that_is_a_submodule_is_known_to_its_repository(project, tmp_path):
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q", "-b", "main")
    git(outer, "submodule", "add", "-q", str(project), "inner")
    state = look(outer / "inner")
    assert (state.commit, state.problem) == (git(project, "rev-parse", "HEAD"), None)


def test_a_split_index_is_read(project):
    git(project, "update-index", "--split-index")
    assert look(project) == GitState(commit=git(project, "rev-parse", "HEAD"), branch="main", is_dirty=False)


def test_a_repository_of_sha256_is_read(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main", "--object-format=sha256")
    (tmp_path / "train.py").write_text("1\n")
    commit(tmp_path)
    git(tmp_path, "config", "status.showUntrackedFiles", "no")
    state = look(tmp_path)
    assert (len(state.commit), state.problem) == (64, None)


# What a container may have left in the repository.


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Another repository of the same user, with a secret in it."""
    other = tmp_path / "elsewhere"
    other.mkdir()
    git(other, "init", "-q", "-b", "secret")
    (other / "password.txt").write_text("hunter2\n")
    commit(other)
    return other


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were copied, which get their times last."""
    names: list[str] = []
    set_times = os.utime

    def utime(path: Path, *arguments: object, **named: object) -> None:
        names.append(path.name)
        set_times(path, *arguments, **named)

    monkeypatch.setattr(git_stand_in.os, "utime", utime)
    return names


@pytest.mark.parametrize("how", ["file", "link", "commondir"])
def test_a_git_folder_that_leads_to_another_repository_is_refused(project, elsewhere, how):
    if how == "commondir":
        (project / ".git" / "commondir").write_text(f"{elsewhere}/.git\n")
        leads_to = project / ".git"
    else:
        shutil.rmtree(project / ".git")
        leads_to = elsewhere / ".git"
        if how == "file":
            (project / ".git").write_text(f"gitdir: {elsewhere}/.git\n")
        else:
            (project / ".git").symlink_to(elsewhere / ".git")
    problem = f"{project}/.git leads to {leads_to}, a repository that does not know this folder"
    assert look(project) == GitState(problem=problem)


@pytest.mark.parametrize("how", ["info/alternates", "", "objects of one letter"])
def test_objects_of_another_repository_are_not_compared_with(project, elsewhere, how):
    own, others = project / ".git" / "objects", elsewhere / ".git" / "objects"
    secret = git(elsewhere, "rev-parse", "HEAD")
    (project / ".git" / "HEAD").write_text(f"{secret}\n")
    if how == "info/alternates":
        (own / how).write_text(f"{others}\n")
    else:
        shutil.rmtree(own)
        if how == "":
            own.symlink_to(others)
        else:
            own.mkdir()
            for each in others.iterdir():
                (own / each.name).symlink_to(each)
    state = look(project)
    assert "hunter2" not in str(state)
    assert state.problem.endswith(" leads to objects of another repository, which are not compared with")
    assert (state.commit, state.is_dirty) == (secret, None)


def test_a_work_tree_that_the_settings_name_is_not_looked_into(project, elsewhere):
    git(project, "config", "core.worktree", str(elsewhere))
    assert "password.txt" not in str(look(project))


@pytest.mark.parametrize("name", ["index", "info/exclude"])
def test_a_link_in_place_of_a_file_that_is_copied_is_refused(project, elsewhere, name):
    (project / ".git" / name).unlink()
    (project / ".git" / name).symlink_to(elsewhere / "password.txt")
    state = look(project)
    assert state.problem == f"{project}/.git/{name} is a link or not a regular file"
    assert state.commit is not None


def test_files_that_pass_for_halves_of_the_index_are_not_copied(project, copied):
    for number in range(100):
        (project / ".git" / f"sharedindex.{number:040x}").write_bytes(b"x" * 1000)
    assert look(project).problem is None
    assert sorted(copied) == ["exclude", "index"]


def test_an_index_that_would_fill_the_disk_is_not_copied(project, monkeypatch):
    monkeypatch.setattr(git_stand_in, "MAX_BYTES", 1 << 20)
    os.truncate(project / ".git" / "index", 1 << 40)  # a file with a hole: it takes no room where it is
    state = look(project)
    assert state.problem == f"{project}/.git has more than 1 MB of lists of files"
    assert state.commit is not None


def test_an_index_from_a_slow_disk_costs_the_patience_and_no_more(project, monkeypatch):
    monkeypatch.setattr(git_stand_in, "MAX_BYTES", 1 << 40)
    monkeypatch.setattr(git_stand_in, "_CHUNK", 1)
    os.truncate(project / ".git" / "index", 1 << 40)
    assert git_state.git_state(project, seconds=0.5).problem == "git took longer than 0.5 seconds"


def test_a_link_to_a_file_of_this_machine_is_told_as_a_link(project, elsewhere):
    (project / "train.py").unlink()
    (project / "train.py").symlink_to(elsewhere / "password.txt")
    assert "hunter2" not in look(project).diff


@pytest.mark.parametrize("name", ["config", "HEAD"])
def test_a_pipe_in_place_of_a_file_costs_the_patience_and_no_more(project, name):
    (project / ".git" / name).unlink()
    os.mkfifo(project / ".git" / name)
    began = time.monotonic()
    state = git_state.git_state(project, seconds=0.5)
    assert state.problem is not None
    assert time.monotonic() - began < 5


def test_a_repository_too_slow_for_our_patience_says_so(project, monkeypatch):
    os.mkfifo(project / ".gitignore")
    assert git_state.git_state(project, seconds=0.3).problem == "git took longer than 0.3 seconds"


def test_a_kernel_that_ends_does_not_wait_for_git(project):
    os.mkfifo(project / ".gitignore")
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    state = git_state.git_state(project, stop)
    assert state.problem == "the kernel ended before git had answered"
    assert state.commit is not None


class Trap:
    """A repository in which every program that can be named leaves a mark."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.mark = project.parent / "ran"
        self.program = project.parent / "evil"
        self.program.write_text(f"#!/bin/sh\ntouch {self.mark}\ncat\n")
        self.program.chmod(0o755)
        self.refusal = project.parent / "refusal"
        self.refusal.write_text(f"#!/bin/sh\ntouch {self.mark}\nexit 1\n")
        self.refusal.chmod(0o755)

    def config(self, *settings: str, file: str = ".git/config", folder: Path | None = None) -> None:
        for setting in settings:
            name, value = setting.split("=", 1)
            value = value.replace("EVIL", str(self.program)).replace("REFUSAL", str(self.refusal))
            git(folder or self.project, "config", "--file", file, name, value)

    def attributes(self, text: str = ATTRIBUTES, file: str = ".gitattributes") -> None:
        (self.project / file).write_text(text)

    def change(self) -> None:
        (self.project / "train.py").write_text("rate = 2\n")


def filters(trap: Trap) -> None:
    trap.attributes()
    trap.config("filter.evil.clean=EVIL", "filter.evil.smudge=EVIL", "filter.evil.required=true")


def filter_processes(trap: Trap) -> None:
    trap.attributes()
    trap.config("filter.evil.process=EVIL", "filter.evil.required=true")


def attributes_of_the_repository(trap: Trap) -> None:
    trap.attributes(file=".git/info/attributes")
    trap.config("filter.evil.clean=EVIL")


def included_settings(trap: Trap) -> None:
    trap.attributes()
    trap.config("include.path=more")
    trap.config("filter.evil.clean=EVIL", file=".git/more")


def settings_included_for_this_folder(trap: Trap) -> None:
    trap.attributes()
    trap.config(f"includeIf.gitdir:{trap.project}/.path=more")
    trap.config("filter.evil.clean=EVIL", file=".git/more")


def settings_of_the_work_tree(trap: Trap) -> None:
    trap.attributes()
    trap.config("core.repositoryformatversion=1", "extensions.worktreeConfig=true")
    trap.config("filter.evil.clean=EVIL", file=".git/config.worktree")


def fsmonitor(trap: Trap) -> None:
    trap.config("core.fsmonitor=EVIL")


def textconv(trap: Trap) -> None:
    trap.attributes()
    trap.config("diff.evil.textconv=EVIL")


def a_diff_driver(trap: Trap) -> None:
    trap.attributes()
    trap.config("diff.evil.command=EVIL")


def an_external_diff(trap: Trap) -> None:
    trap.config("diff.external=EVIL")


def hooks(trap: Trap) -> None:
    shutil.copy(trap.program, trap.project / ".git" / "hooks" / "post-index-change")


def hooks_elsewhere(trap: Trap) -> None:
    (trap.project.parent / "hooks").mkdir()
    shutil.copy(trap.program, trap.project.parent / "hooks" / "post-index-change")
    trap.config(f"core.hooksPath={trap.project.parent / 'hooks'}")


def a_submodule(trap: Trap) -> None:
    inner = trap.project / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "file").write_text("1\n")
    commit(inner)
    commit(trap.project)
    trap.config("core.fsmonitor=EVIL", folder=inner)
    trap.config("diff.submodule=diff", "status.submoduleSummary=true")
    (inner / "file").write_text("2\n")


def a_partial_clone(trap: Trap) -> None:
    blob = git(trap.project, "rev-parse", "HEAD:train.py")
    (trap.project / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    trap.config("core.repositoryformatversion=1", "extensions.partialClone=far", "remote.far.promisor=true")
    trap.config("remote.far.url=ssh://far/iris", "core.sshCommand=REFUSAL")


def a_partial_clone_by_a_program(trap: Trap) -> None:
    a_partial_clone(trap)
    trap.config("remote.far.url=ext::REFUSAL", "protocol.ext.allow=always")


TRAPS = [
    filters, filter_processes, attributes_of_the_repository, included_settings, settings_included_for_this_folder,
    settings_of_the_work_tree, fsmonitor, textconv, a_diff_driver, an_external_diff, hooks, hooks_elsewhere,
    a_submodule, a_partial_clone, a_partial_clone_by_a_program,
]  # fmt: skip


@pytest.fixture
def trap(project: Path) -> Trap:
    return Trap(project)


@pytest.mark.parametrize("plant", TRAPS)
def test_nothing_runs_that_the_repository_names(trap: Trap, plant: Callable[[Trap], None]):
    plant(trap)
    trap.change()
    state = look(trap.project)
    assert state.commit is not None
    assert not trap.mark.exists()


@pytest.mark.parametrize("plant", TRAPS)
def test_each_of_these_traps_catches_a_git_that_is_not_careful(trap: Trap, plant: Callable[[Trap], None]):
    plant(trap)
    trap.change()
    git(trap.project, "status")
    git(trap.project, "diff", "HEAD")
    assert trap.mark.exists()


def test_all_traps_at_once_do_not_keep_the_diff_from_being_told(trap: Trap):
    for plant in (filters, fsmonitor, textconv, an_external_diff, hooks):
        plant(trap)
    trap.change()
    state = look(trap.project)
    assert "-rate = 1\n+rate = 2\n" in state.diff
    assert not trap.mark.exists()


def test_settings_of_the_servers_environment_have_no_say(trap: Trap, monkeypatch):
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(trap.program))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(trap.program))
    trap.change()
    assert "+rate = 2\n" in look(trap.project).diff
    assert not trap.mark.exists()


def test_nothing_is_left_of_a_look(project, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    assert look(project).problem is None
    assert list((tmp_path / "tmp").iterdir()) == []
    assert git_program.PATIENCE_SECONDS == 10
