"""`workbench computetarget`: compute targets are attached, listed, shown, tested and detached, and no file is lost."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from jupyter_workbench.config.models import DEFAULT_DOCKER_IMAGE, DockerCompute, LocalCompute
from jupyter_workbench.config.project import load
from jupyter_workbench.targets import testing
from jupyter_workbench.targets.check import Check
from jupyter_workbench.upgrade.retired import PYTHON
from jupyter_workbench.writing.pairs import compute_text

ATTACH = ("computetarget", "attach", "localdocker")


@pytest.fixture
def project(run, tmp_path, monkeypatch) -> Path:
    run("project", "create", "myIris")
    monkeypatch.chdir(tmp_path / "myIris")
    return tmp_path / "myIris"


def files(project: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (project / "aml_config").iterdir()}


def docker(project: Path, name: str = "docker") -> DockerCompute:
    compute = load(project).entry(name).compute
    assert isinstance(compute, DockerCompute)
    return compute


def test_a_python_of_this_machine_is_attached_as_project_create_writes_it(run, project):
    assert compute_text(LocalCompute(name="local")) == (project / "aml_config" / "local.compute").read_text()
    result = run("computetarget", "attach", "local", "-n", "torch", "--python", "~/envs/torch/bin/python")
    assert result.stdout == (
        "Written: aml_config/torch.compute and aml_config/torch.runconfig.\n"
        "Whether it works: workbench computetarget test -n torch\n"
    )
    entry = load(project).entry("torch")
    assert (entry.compute.python_location, entry.problems) == ("~/envs/torch/bin/python", ())


# ---- attach: refusals


def test_a_file_that_is_there_is_left_as_it_is_and_nothing_is_written(run, project):
    (project / "aml_config" / "docker.runconfig").write_text("Target: local\n")
    before = files(project)
    result = run(*ATTACH, "-n", "docker")
    assert result.exit_code == 1
    assert result.stderr == (
        "aml_config/docker.runconfig is there already and is left as it is - choose another name, or remove it with "
        "`workbench runconfiguration delete -n docker`.\n"
    )
    assert files(project) == before


def test_attaching_twice_says_how_to_take_it_back(run, project):
    run(*ATTACH, "-n", "docker")
    before = files(project)
    result = run(*ATTACH, "-n", "docker", "--memory", "4g")
    assert result.exit_code == 1
    assert result.stderr == (
        "aml_config/docker.compute is there already and is left as it is - choose another name, or remove it with "
        "`workbench computetarget detach -n docker`.\n"
    )
    assert files(project) == before


def test_a_link_that_leads_nowhere_is_left_as_it_is(run, project):
    (project / "aml_config" / "docker.compute").symlink_to(project / "elsewhere")
    assert run(*ATTACH, "-n", "docker").exit_code == 1
    assert not (project / "elsewhere").exists()
    assert not (project / "aml_config" / "docker.runconfig").exists()


def test_a_folder_that_may_not_be_written_is_one_sentence(run, project, monkeypatch):
    plain = Path.open

    def refuse(self, mode="r", *arguments, **options):
        if mode == "x":
            raise PermissionError(13, "Permission denied", str(self))
        return plain(self, mode, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    result = run(*ATTACH, "-n", "docker")
    assert result.exit_code == 1
    assert result.stderr == f"{project}/aml_config/docker.compute cannot be written: Permission denied.\n"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        (
            "--image",
            "microsoft/mmlspark::plus-0.7.91",
            "expected the name of a Docker image, got `microsoft/mmlspark::plus-0.7.91` - "
            "did you mean `microsoft/mmlspark:plus-0.7.91`?",
        ),
        ("--memory", "lots", "expected an amount of memory, got `lots` - write it as `4g` or `512m`"),
        ("--cpus", "0", "expected a number of CPUs above 0, got `0` - write it as `2` or `1.5`"),
        (
            "--network",
            "container:db",
            "expected the name of a network, got `container:db` - write none, bridge, host or a network of the engine",
        ),
        (
            "--mount",
            "/data",
            "expected HOST_PATH:CONTAINER_PATH, got `/data` - "
            "write it as `~/data:/data` or `~/data:/data:ro`, with no other colon",
        ),
        (
            "--mount",
            "/data:/azureml-run/data",
            "expected a folder of the container that is free, got `/data:/azureml-run/data` - "
            "/azureml-run is ours, name another one",
        ),
    ],
)
def test_a_setting_that_no_file_may_hold_is_wrong_usage(run, project, option, value, message):
    before = files(project)
    result = run(*ATTACH, "-n", "docker", option, value)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == f"Error: Invalid value for '{option}': {message}."
    assert files(project) == before


def test_a_name_that_is_not_safe_in_every_file_system_is_wrong_usage(run, project):
    result = run(*ATTACH, "-n", "../docker")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "Error: Invalid value for '-n' / '--name': expected a name of letters, digits, blanks and . _ - "
        "(at most 64, a letter or digit first, no blank or dot last), got '../docker'."
    )


def test_outside_of_a_project_nothing_can_be_attached(run, tmp_path):
    result = run(*ATTACH, "-n", "docker")
    assert result.exit_code == 1
    assert result.stderr == (
        f"expected a folder `aml_config` in {tmp_path} or above it, got none - "
        "name the folder of a project, or make one with `workbench project create NAME`\n"
    )


# ---- attach


def test_both_files_are_written_and_the_next_commands_told(run, project):
    result = run(*ATTACH, "-n", "my docker")
    assert result.exit_code == 0
    assert result.stdout == (
        "Written: aml_config/my docker.compute and aml_config/my docker.runconfig.\n"
        "Whether it works: workbench computetarget test -n 'my docker'\n"
        "Its environment, ahead of time: workbench experiment prepare -c 'my docker'\n"
    )


@pytest.mark.parametrize("name", ["docker", "my docker", "null", "true", "1.10", "größe"])
def test_what_is_written_is_a_run_configuration_without_problems(run, project, name):
    run(*ATTACH, "-n", name)
    assert load(project).problems == ()
    entry = load(project).entry(name)
    assert (entry.target, entry.target_type, entry.framework) == (name, "docker", "Python")


def test_every_option_is_in_the_file_as_it_was_meant(run, project):
    options = ("--image", "ada/ml:1.10", "--no-shared-volumes", "--gpu", "--memory", "4096m", "--cpus", "2.0")
    mounts = ("--mount", "~/data:/data:ro", "--mount", "my data:/more")
    run(*ATTACH, "-n", "docker", *options, "--network", "none", *mounts)
    compute = docker(project)
    assert (compute.image, compute.shared_volumes, compute.nvidia_docker) == ("ada/ml:1.10", False, True)
    assert (compute.memory, compute.cpus, compute.network) == (4 * 1024**3, 2.0, "none")
    assert [str(mount) for mount in compute.mounts] == ["~/data:/data:ro", "my data:/more"]
    assert compute.native_shared_directory == "~/.azureml/share/"


def test_without_options_nothing_is_limited_and_the_image_is_the_usual_one(run, project):
    run(*ATTACH, "-n", "docker")
    assert docker(project) == DockerCompute(name="docker", base_docker_image=DEFAULT_DOCKER_IMAGE)


def test_the_usual_image_has_the_python_of_upgraded_projects():
    assert f"python:{PYTHON}-slim" == DEFAULT_DOCKER_IMAGE


def test_every_line_of_a_comment_explains_or_is_a_setting_that_can_be_taken_as_it_is(run, project):
    run(*ATTACH, "-n", "docker")
    path = project / "aml_config" / "docker.compute"
    keys = ("sharedVolumes", "memory", "cpus", "network", "mounts", "  - ")
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line[2:] if line[2:].startswith(keys) else line for line in lines))
    assert load(project).problems == ()
    assert docker(project).shared_volumes is True
    assert [str(mount) for mount in docker(project).mounts] == ["~/data:/data:ro"]


def test_a_run_configuration_that_waits_for_this_target_is_left_as_it_is(run, project):
    (project / "aml_config" / "docker.runconfig").write_text("Target: docker\nFramework: Python # mine\n")
    result = run(*ATTACH, "-n", "docker")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "Written: aml_config/docker.compute."
    assert files(project)["docker.runconfig"] == "Target: docker\nFramework: Python # mine\n"
    assert load(project).problems == ()


def test_a_project_without_dependency_files_gets_a_run_configuration_without_problems(run, project):
    (project / "aml_config" / "conda_dependencies.yml").unlink()
    run(*ATTACH, "-n", "docker")
    assert load(project).problems == ()
    assert "\n# CondaDependenciesFile: aml_config/conda_dependencies.yml\n" in files(project)["docker.runconfig"]


def test_the_project_may_be_named_by_any_folder_in_it(run, project, monkeypatch, tmp_path):
    (project / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run(*ATTACH, "-n", "docker", "myIris/data").exit_code == 0
    assert "docker.compute" in files(project)


# ---- list, show


def test_a_project_without_compute_targets_says_how_to_attach_one(run, project):
    for path in (project / "aml_config").iterdir():
        path.unlink()
    result = run("computetarget", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "myIris has no compute target: `workbench computetarget attach localdocker -n NAME`.\n"


def test_a_name_that_no_compute_target_has_names_those_there_are(run, project):
    run(*ATTACH, "-n", "docker")
    result = run("computetarget", "show", "-n", "dokcer")
    assert result.exit_code == 1
    assert result.stderr == "expected a compute target of myIris, got dokcer - write docker or local\n"


def test_the_list_tells_type_status_and_users_of_each(run, project):
    run(*ATTACH, "-n", "docker")
    (project / "aml_config" / "hdi.compute").write_text("type: cluster\naddress: 192.0.2.17\nusername: ada\n")
    (project / "aml_config" / "broken.compute").write_text("type: dokcer\n")
    (project / "aml_config" / "second.runconfig").write_text("Target: docker\nFramework: Python\n")
    rows = json.loads(run("computetarget", "list", "-o", "json").stdout)
    assert [(row["name"], row["type"], row["run_configurations"]) for row in rows] == [
        ("broken", None, []),
        ("docker", "docker", ["docker", "second"]),
        ("hdi", "cluster", []),
        ("local", "local", ["local"]),
    ]
    assert {row["name"]: row["status"] for row in rows} == {
        "broken": "problem",
        "docker": "ready",
        "hdi": "unsupported",
        "local": "ready",
    }
    assert rows[0]["problems"][0]["line"] == 1


def test_the_list_as_a_table(run, project):
    assert run("computetarget", "list").stdout == (
        'NAME   TYPE   STATUS  RUN CONFIGURATIONS\nlocal  local  ready   ["local"]\n'
    )


def test_show_has_every_setting_under_its_key_in_the_file(run, project):
    run(*ATTACH, "-n", "docker", "--memory", "4g", "--mount", "data:/data")
    assert json.loads(run("computetarget", "show", "-n", "docker", "-o", "json").stdout) == {
        "name": "docker",
        "type": "docker",
        "file": "aml_config/docker.compute",
        "status": "ready",
        "run_configurations": ["docker"],
        "problems": [],
        "userManagedEnvironment": False,
        "baseDockerImage": DEFAULT_DOCKER_IMAGE,
        "sharedVolumes": None,
        "nvidiaDocker": False,
        "nativeSharedDirectory": "~/.azureml/share/",
        "memory": "4g",
        "cpus": None,
        "network": None,
        "mounts": ["data:/data"],
    }


def test_show_tells_the_image_that_is_meant_where_the_file_names_none(run, project):
    (project / "aml_config" / "docker.compute").write_text("type: docker\n")
    shown = run("computetarget", "show", "-n", "docker", "--query", "baseDockerImage")
    assert shown.stdout == f"{DEFAULT_DOCKER_IMAGE}\n"


def test_show_never_tells_a_password(run, project):
    machine = "type: remotedocker\naddress: 192.0.2.17\nusername: ada\npassword: hunter2\n"
    (project / "aml_config" / "vm.compute").write_text(machine)
    result = run("computetarget", "show", "-n", "vm", "-o", "json")
    assert json.loads(result.stdout)["address"] == "192.0.2.17"
    assert "hunter2" not in result.output


# ---- test


def test_a_file_that_cannot_be_used_is_not_tested(run, project):
    (project / "aml_config" / "docker.compute").write_text("type: docker\nbaseDockerImage: a::b\n")
    result = run("computetarget", "test", "-n", "docker")
    assert result.exit_code == 1
    assert result.stderr == (
        "The compute target docker of myIris cannot be tested:\n"
        "aml_config/docker.compute:2: baseDockerImage: expected the name of a Docker image, got `a::b` - "
        "did you mean `a:b`?\n"
    )


def test_a_type_that_cannot_run_kernels_yet_fails(run, project):
    (project / "aml_config" / "hdi.compute").write_text("type: cluster\naddress: 192.0.2.17\nusername: ada\n")
    result = run("computetarget", "test", "-n", "hdi")
    assert result.exit_code == 1
    assert result.stdout == "failure  type: cluster targets cannot run kernels today - choose docker or local\n"


def test_a_local_interpreter_that_is_not_there_fails_with_what_to_do(run, project):
    (project / "aml_config" / "local.compute").write_text("type: local\npythonLocation: /nowhere/python\n")
    result = run("computetarget", "test", "-n", "local")
    assert result.exit_code == 1
    assert result.stdout == (
        "failure  Python: expected a Python interpreter, got /nowhere/python, which does not exist - "
        "name one that does, or `python` for the active one\n"
    )


def test_a_local_target_is_well_with_its_interpreter(run, project):
    result = run("computetarget", "test", "-n", "local")
    assert (result.exit_code, result.stdout) == (0, f"ok       Python: {sys.executable}\n")


@pytest.fixture
def found(monkeypatch) -> list[Check]:
    """What the checks of a docker target find, in place of those of an engine."""
    checks = [
        Check("engine", ok=True, message="Docker 20.10 at unix:///var/run/docker.sock"),
        Check("image", ok=False, message="ada/ml is not there\nand cannot be pulled", fix="log in: docker login"),
    ]

    async def ask(project, entry, environment):
        assert (entry.file, entry.compute.name, entry.target_type) == ("aml_config/docker.compute", "docker", "docker")
        return checks

    monkeypatch.setattr(testing, "_CHECKS", {"docker": ask})
    return checks


def test_each_check_is_one_line_and_a_failure_exits_with_1(run, project, found):
    run(*ATTACH, "-n", "docker")
    result = run("computetarget", "test", "-n", "docker")
    assert result.exit_code == 1
    assert result.stdout == (
        "ok       engine: Docker 20.10 at unix:///var/run/docker.sock\n"
        "failure  image: ada/ml is not there and cannot be pulled - log in: docker login\n"
    )


def test_checks_that_are_all_well_exit_with_0(run, project, found):
    found.pop()
    run(*ATTACH, "-n", "docker")
    assert run("computetarget", "test", "-n", "docker").exit_code == 0


def test_a_target_is_tested_without_a_run_configuration(run, project, found):
    run(*ATTACH, "-n", "docker")
    (project / "aml_config" / "docker.runconfig").unlink()
    result = run("computetarget", "test", "-n", "docker", "-o", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[1] == {
        "name": "image",
        "ok": False,
        "message": "ada/ml is not there\nand cannot be pulled",
        "fix": "log in: docker login",
    }


# ---- detach


def test_a_target_that_other_run_configurations_use_is_left_as_it_is(run, project):
    run(*ATTACH, "-n", "docker")
    for name in ("second", "the third"):
        (project / "aml_config" / f"{name}.runconfig").write_text("Target: docker\nFramework: Python\n")
    before = files(project)
    result = run("computetarget", "detach", "-n", "docker")
    assert result.exit_code == 1
    assert result.stderr == (
        "The compute target docker is left as it is: other run configurations use it - "
        "give them another Target, or delete them:\n"
        "  workbench runconfiguration delete -n second\n"
        "  workbench runconfiguration delete -n 'the third'\n"
    )
    assert files(project) == before


def test_a_file_that_is_not_a_compute_target_is_left_as_it_is(run, project):
    (project / "aml_config" / "notes.compute").write_text("my notes\n")
    result = run("computetarget", "detach", "-n", "notes")
    assert result.exit_code == 1
    assert result.stderr == (
        "aml_config/notes.compute is left as it is: it cannot be read as a compute target - mend it "
        "(`workbench project check` says how), or remove the file yourself\n"
    )
    assert files(project)["notes.compute"] == "my notes\n"


def test_what_attach_wrote_is_removed_and_told(run, project):
    before = files(project)
    run(*ATTACH, "-n", "docker", "--memory", "1536m", "--cpus", "1.5", "--mount", "my data:/data")
    result = run("computetarget", "detach", "-n", "docker")
    assert result.exit_code == 0
    assert result.stdout == "Removed aml_config/docker.runconfig.\nRemoved aml_config/docker.compute.\n"
    assert files(project) == before


def test_what_a_user_wrote_is_kept_beside_it(run, project):
    run(*ATTACH, "-n", "docker")
    mine = files(project)["docker.compute"] + "# The lab's machine has 64 GB: ask Ada first.\n"
    (project / "aml_config" / "docker.compute").write_text(mine)
    result = run("computetarget", "detach", "-n", "docker")
    assert result.stdout == (
        "Removed aml_config/docker.runconfig.\n"
        "Removed aml_config/docker.compute; as it is not as its template has it, "
        "it is kept as aml_config/docker.compute.bak.\n"
    )
    assert files(project)["docker.compute.bak"] == mine
    assert [compute.name for compute in load(project).computes] == ["local"]


def test_what_was_kept_before_is_kept_too(run, project):
    for text in ("type: docker # one\n", "type: docker # two\n", "type: docker # three\n"):
        (project / "aml_config" / "docker.compute").write_text(text)
        run("computetarget", "detach", "-n", "docker")
    kept = {name: text for name, text in files(project).items() if ".bak" in name}
    assert kept == {
        "docker.compute.bak": "type: docker # one\n",
        "docker.compute.bak2": "type: docker # two\n",
        "docker.compute.bak3": "type: docker # three\n",
    }


def test_a_run_configuration_of_the_same_name_on_another_target_stays(run, project):
    (project / "aml_config" / "docker.compute").write_text("type: docker\n")
    (project / "aml_config" / "docker.runconfig").write_text("Target: local\nFramework: Python\n")
    run("computetarget", "detach", "-n", "docker")
    assert "docker.runconfig" in files(project)


def test_the_text_of_a_file_is_that_of_its_settings(run, project):
    run(*ATTACH, "-n", "docker", "--cpus", "4", "--network", "my_net", "--shared-volumes")
    assert compute_text(docker(project)) == files(project)["docker.compute"]
