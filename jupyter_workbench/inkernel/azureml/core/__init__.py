"""As much of azureml-core as this kernel has without it: ``azureml.core.model.Model.get_model_path``.

An installed azureml-core is found first; where ``azureml.core`` is a namespace package, this one takes it in.
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
__path__ = [*__path__[1:], __path__[0]]


def __getattr__(name: str) -> object:
    if name == "Model":  # imported when it is asked for: an installed `azureml.core.model` may be found
        from .model import Model

        return Model
    raise AttributeError(
        "{} is of azureml-core, which is not installed in this kernel - install it and restart the kernel".format(name)
    )
