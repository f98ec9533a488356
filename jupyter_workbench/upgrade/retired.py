"""What is gone since Workbench was retired, and what stands in its place: tables of facts, each row with its reason.

Checked against PyPI and the public registries in November 2026. No row names something that still works: versions are
dropped only where no kernel of today, or no Python of today, can use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PYTHON = "3.12"
"""The Python that an upgraded environment asks for: the newest that the usual data packages all have wheels for."""

IMAGE = f"python:{PYTHON}"
"""The image of an upgraded container: a public one with that same Python, and compilers for what has no wheel."""

RETIRED_IMAGES: Mapping[str, str] = MappingProxyType(
    {"microsoft/mmlspark": "the Workbench images were withdrawn from Docker Hub"}
)

DEAD_HOSTS: Mapping[str, str] = MappingProxyType(
    {
        "azuremldownloads.azureedge.net": "the download server of Workbench is gone",
        "azuremldownloads.blob.core.windows.net": "the download server of Workbench is gone",
        "mmlspark.azureedge.net": "the Maven repository of MMLSpark is gone",
        "cntk.ai": "CNTK ended in 2019, its wheels are for Python 3.6 and older",
    }
)

DEAD_PIP_PACKAGES: Mapping[str, str] = MappingProxyType(
    {
        "azure-ml-api-sdk": "it spoke to a service that was switched off with Workbench",
        "azureml-requirements": "it was only on the download server of Workbench, which is gone",
        "azureml-datacollector": "it spoke to a service that was switched off with Workbench",
    }
)
"""By normalised name (https://packaging.python.org/en/latest/specifications/name-normalization/)."""

RENAMED_PACKAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"sklearn": ("scikit-learn", "sklearn is what one imports, scikit-learn is the package")}
)

RENAMED_PIP_PACKAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"tensorflow-gpu": ("tensorflow[and-cuda]", "tensorflow-gpu was removed from PyPI, tensorflow serves GPUs itself")}
)
"""The new name brings a version scheme of its own: a pin of the old name is dropped."""

STANDARD_LIBRARY = frozenset(
    (
        *("base64", "collections", "copy", "csv", "functools", "glob", "gzip", "hashlib", "io", "itertools", "json"),
        *("math", "os", "pickle", "random", "re", "shutil", "string", "subprocess", "sys", "tempfile", "threading"),
        *("time", "urllib", "warnings", "zipfile"),
    )
)
"""Names that users list and that no package of any use bears; zlib and readline, say, are real conda packages."""

FIRST_VERSIONS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "h5py": (3, 10),
        "matplotlib": (3, 8),
        "numpy": (1, 26),
        "pandas": (2, 1, 1),
        "pillow": (10, 1),
        "pip": (23, 2),
        "pyspark": (3, 5),
        "scikit-learn": (1, 3, 1),
        "scipy": (1, 11, 2),
        "tensorflow": (2, 16),
        "torch": (2, 2),
    }
)
"""The first version of a package for Python 3.12. A pin below it can stay only where Python stays too."""

DEAD_MAVEN_PACKAGES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("com.microsoft.ml.spark", "mmlspark_2.11"): (
            "it was only in the Maven repository of MMLSpark, which is gone "
            "(its successor is com.microsoft.azure:synapseml_2.12)"
        ),
        ("com.microsoft", "dprep_2.11"): "it was only on the download server of Workbench, which is gone",
    }
)
"""mmlspark_2.11 from 1.0 on is in Maven Central and stays: see ``spark.dead_package``."""
