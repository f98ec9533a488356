"""The package ``azureml`` of a kernel: what we have of it hides nothing that is installed.

Our folder is the last of ``sys.path``, so an installed ``azureml`` is found first; azureml-core's own ``__init__``
says the same line as this one, and thereby takes our folder in. Where it is a namespace package, this one takes it in,
and goes last. ``azureml.logging`` is ours in any case (see `workbench_kernel.importing`); ``azureml.assets`` and
``azureml.core`` are where no other is installed.
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
__path__ = [*__path__[1:], __path__[0]]
