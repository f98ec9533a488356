"""The logging API of Azure Machine Learning Workbench: ``get_azureml_logger().log(name, value)`` and ``.upload``."""

from __future__ import annotations

from workbench_kernel.logger import Logger, LogRequest, get_azureml_logger  # type: ignore[import-not-found]

__all__ = ["LogRequest", "Logger", "get_azureml_logger"]
