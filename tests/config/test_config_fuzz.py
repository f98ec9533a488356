"""Whatever the files contain: loading never raises, and every problem is in our own words."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_workbench.config import yaml
from jupyter_workbench.config.models import COMPUTE_KEYS, COMPUTE_MODELS, RunConfiguration
from jupyter_workbench.config.project import load

FILES = [
    ".azureml/project.json",
    "aml_config/conda_dependencies.yml",
    "aml_config/docker.compute",
    "aml_config/docker.runconfig",
    "aml_config/spark_dependencies.yml",
]
GOOD = {
    "aml_config/docker.compute": b"type: localdocker\n",
    "aml_config/docker.runconfig": b"Target: docker\nFramework: PySpark\n",
}
OUR_WORDS = re.compile(r"(?s)expected .+, got .+ - .+")

scalars = st.sampled_from(
    ["", "null", "true", "'true'", "1.10", "$file", "docker", "<x>", "../x", '"\\0"', *COMPUTE_MODELS]
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from(["a", "pip", "group", "''", '"=\\0"']), inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        )
    ),
    max_leaves=6,
)
OTHER_KEYS = {
    "Id",
    "Scope",
    "channels",
    "configuration",
    "dependencies",
    "name",
    "packages",
    "repositories",
    "version",
    "<<",
}
keys = st.sampled_from(sorted(COMPUTE_KEYS | RunConfiguration.keys() | OTHER_KEYS))
texts = st.lists(st.tuples(keys, values), max_size=8).map(
    lambda lines: "".join(f"{key}: {value}\n" for key, value in lines).encode()
)
fragments = st.lists(
    st.sampled_from(
        [
            "a",
            ": ",
            "\n",
            "  ",
            "\t",
            "- ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "'",
            '"',
            "\\",
            "&a ",
            "*a",
            "!",
            "|",
            "%",
            "#",
            "\r",
            "\ufeff",
            "\x85",
            "\ud800",
        ]
    ),
    max_size=30,
).map(lambda parts: "".join(parts).encode(errors="surrogatepass"))


@pytest.mark.parametrize("parser", [yaml.Parser, yaml.PurePythonParser], ids=["default", "PyYAML"])
@settings(max_examples=150, deadline=None)
@given(file=st.sampled_from(FILES), content=st.binary(max_size=200) | fragments | texts)
def test_loading_never_raises_and_always_speaks_our_language(parser: type, file: str, content: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(yaml, "Parser", parser)
        for name, text in {**GOOD, file: content}.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text)
        project = load(Path(folder))

    for problem in project.problems:
        assert OUR_WORDS.fullmatch(problem.message)
        assert problem.line is None or problem.line >= 1
