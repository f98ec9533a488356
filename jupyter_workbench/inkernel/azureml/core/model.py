"""Models of the project, as code for Azure Machine Learning finds them: ``Model.get_model_path(NAME)``."""

from __future__ import annotations

from typing import Any, Optional

from workbench_kernel.assets import model_path  # type: ignore[import-not-found]


class Model:
    """The models that ``workbench model register`` gave to this project."""

    @staticmethod
    def get_model_path(model_name: str, version: Optional[int] = None, _workspace: Any = None) -> str:
        """Return the path of a model's file: of its newest version, unless one is named.

        FileNotFoundError, with what to do, where there is none. ``_workspace`` is azureml-core's, and not needed here.
        """
        return str(model_path(model_name, version))
