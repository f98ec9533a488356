"""What has changed between two lists of what an environment is built from, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from jupyter_workbench.environments.secrets import masked
from jupyter_workbench.environments.spec import EnvironmentSpec


@dataclass(frozen=True)
class Inputs:
    """What an environment is built from, without passwords, so that it may be kept in a file.

    ``image`` is as the user names it, and ``image_id`` the image of that name; ``file`` is relative to the project,
    ``packages`` are lines of pip, sorted, and ``spark`` tells one Spark from another, None without it. ``fingerprint``
    is the name of what is built from all that, where it is known.
    """

    image: str
    image_id: str
    file: str
    python: str | None = None
    packages: tuple[str, ...] = ()
    spark: str | None = None
    fingerprint: str | None = None

    @classmethod
    def of(cls, image: str, image_id: str, spec: EnvironmentSpec, fingerprint: str | None = None) -> Inputs:
        """Return those of an image and the dependency files."""
        packages = sorted({masked(line.text) for line in spec.requirements})
        spark = spec.spark
        shown = None if spark is None else repr((spark, sorted(spark.configuration.items())))
        return cls(
            image,
            image_id,
            spec.file,
            spec.python,
            tuple(packages),
            None if shown is None else sha256(shown.encode("utf-8", "surrogatepass")).hexdigest(),
            fingerprint,
        )


def changes(before: Inputs, now: Inputs) -> tuple[str, ...]:
    """Return a sentence without a full stop for each difference; there is one at least."""
    told = [*_image(before, now), *_python(before, now), *_packages(before, now)]
    if before.spark != now.spark:
        told.append("What Spark is made of has changed")
    return tuple(told) or (f"A file that {now.file} names has changed",)


def _image(before: Inputs, now: Inputs) -> Iterator[str]:
    if before.image != now.image:
        yield f"The image was {before.image} and is {now.image}"
    elif before.image_id != now.image_id:
        yield f"The image {now.image} is another one now"


def _python(before: Inputs, now: Inputs) -> Iterator[str]:
    if before.python != now.python:
        yield f"Python was {before.python or 'that of the image'} and is {now.python or 'that of the image'}"


def _packages(before: Inputs, now: Inputs) -> Iterator[str]:
    old, new = set(before.packages), set(now.packages)
    for text in sorted(new - old):
        yield f"{text} was added"
    for text in sorted(old - new):
        yield f"{text} was removed"
