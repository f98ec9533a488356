"""Outputs that the project keeps by a name, as in Azure Machine Learning Workbench: ``get_local_path(link)``."""

from pkgutil import extend_path

from workbench_kernel.assets import local_path as get_local_path  # type: ignore[import-not-found]

__path__ = extend_path(__path__, __name__)
__path__ = [*__path__[1:], __path__[0]]

__all__ = ["get_local_path"]
