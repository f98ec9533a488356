"""The package ``azureml`` of a kernel: ours holds ``azureml.logging`` only, and hides nothing that is installed.

Our folder is the last of ``sys.path``, so an installed ``azureml`` is found first; azureml-core's own ``__init__``
says the same line as this one, and thereby takes our folder in. Where it is a namespace package, this one takes it in.
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
