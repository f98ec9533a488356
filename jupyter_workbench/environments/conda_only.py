"""Conda packages that PyPI has not got: those that can be left out, those that cannot, and what is no package."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

STANDARD_LIBRARY = frozenset(name for name in sys.stdlib_module_names if not name.startswith("_")) | frozenset(
    (
        # Gone in newer Pythons than that of some image; named here so that each Python of ours reads a file alike.
        *("asynchat", "asyncore", "binhex", "cgi", "cgitb", "chunk", "crypt", "distutils", "imghdr", "imp", "mailcap"),
        *("msilib", "nntplib", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib", "compression"),
        *("annotationlib", "tomllib"),
    )
)
"""Modules that come with Python; users list them as if they were packages."""

LIBRARIES = frozenset(
    (
        *("arrow-cpp", "blas", "blosc", "boost", "boost-cpp", "bzip2", "c-ares", "ca-certificates", "cairo", "charls"),
        *("dbus", "expat", "fontconfig", "freetype", "fribidi", "geos", "gettext", "giflib", "glib", "glog", "gmp"),
        *("gflags", "graphite2", "grpc-cpp", "gst-plugins-base", "gstreamer", "harfbuzz", "hdf4", "hdf5", "icu"),
        *(
            "intel-openmp",
            "jpeg",
            "jxrlib",
            "kealib",
            "krb5",
            "lame",
            "lcms2",
            "ld-impl-linux-64",
            "lerc",
            "llvm-openmp",
        ),
        *("lz4-c", "lzo", "metis", "mkl", "mkl-fft", "mkl-random", "mpc", "mpfr", "mysql-common", "mysql-libs"),
        *("ncurses", "nettle", "nomkl", "nspr", "nss", "openblas", "openh264", "openjpeg", "openssl", "orc", "pango"),
        *("pcre", "pcre2", "pixman", "poppler", "poppler-data", "proj", "pthread-stubs", "python-abi", "pytorch-mutex"),
        *("qt", "qt-main", "re2", "readline", "sip", "snappy", "sqlite", "tbb", "tbb4py", "tk", "unixodbc", "x264"),
        *("xerces-c", "xz", "yaml", "zeromq", "zfp", "zlib", "zlib-ng", "zstd"),
    )
)
"""Libraries in C that an exported environment lists: on PyPI each wheel brings those that it needs."""

_LIBRARY_BEGINNINGS = ("lib", "aws-c-", "aws-crt-", "cuda-version", "openmp-mutex", "r-mutex", "xorg-")


class OnlyConda(NamedTuple):
    """Why PyPI has not got a package, and what to do about it."""

    why: str
    advice: str


_IMAGE = "name an image that has it as `baseDockerImage` and remove the line"
_R = OnlyConda("it belongs to R, which is no part of a Python environment", "remove the line")
_CUDA = OnlyConda("the wheels of torch and of tensorflow[and-cuda] bring the CUDA that they need", "remove the line")
_PROGRAM = OnlyConda("it is a program, which the image has to bring", _IMAGE)
_COMPILER = OnlyConda("it is a compiler, which the image has to bring", _IMAGE)
_RAPIDS = OnlyConda("NVIDIA publishes it for one CUDA each", "write it below `- pip:` with `-cu12` behind its name")
_CONDA = OnlyConda("environments are built without conda", "remove the line")

CONDA_ONLY: Mapping[str, OnlyConda] = MappingProxyType(
    {
        "anaconda": OnlyConda("it stands for hundreds of packages", "name those that you import instead"),
        "autoconf": _PROGRAM,
        "automake": _PROGRAM,
        "binutils": _COMPILER,
        "c-compiler": _COMPILER,
        "clang": _COMPILER,
        "clangxx": _COMPILER,
        "compilers": _COMPILER,
        "conda": _CONDA,
        "conda-build": _CONDA,
        "cuda": _CUDA,
        "cuda-toolkit": _CUDA,
        "cudatoolkit": _CUDA,
        "cudatoolkit-dev": _CUDA,
        "cudf": _RAPIDS,
        "cudnn": _CUDA,
        "cugraph": _RAPIDS,
        "cuml": _RAPIDS,
        "cupti": _CUDA,
        "curl": _PROGRAM,
        "cxx-compiler": _COMPILER,
        "faiss-gpu": OnlyConda("PyPI has faiss-cpu only", "write that instead"),
        "ffmpeg": _PROGRAM,
        "fortran-compiler": _COMPILER,
        "gcc": _COMPILER,
        "gfortran": _COMPILER,
        "git": _PROGRAM,
        "git-lfs": _PROGRAM,
        "go": _COMPILER,
        "graphviz": OnlyConda(_PROGRAM.why, f"{_IMAGE}, or write `python-graphviz` for its Python package"),
        "gxx": _COMPILER,
        "imagemagick": _PROGRAM,
        "java-jdk": _PROGRAM,
        "julia": _PROGRAM,
        "make": _PROGRAM,
        "mamba": _CONDA,
        "maven": _PROGRAM,
        "mpich": _PROGRAM,
        "mysql": _PROGRAM,
        "nccl": _CUDA,
        "nodejs": _PROGRAM,
        "openjdk": _PROGRAM,
        "openmpi": _PROGRAM,
        "pandoc": _PROGRAM,
        "perl": _PROGRAM,
        "pkg-config": _PROGRAM,
        "postgresql": _PROGRAM,
        "pytorch-cuda": _CUDA,
        "rapids": _RAPIDS,
        "ripgrep": _PROGRAM,
        "rstudio": _R,
        "ruby": _PROGRAM,
        "rust": _COMPILER,
        "tesseract": _PROGRAM,
        "texlive-core": _PROGRAM,
        "wget": _PROGRAM,
    }
)
"""By normalised name."""

_BEGINNINGS: Mapping[str, OnlyConda] = MappingProxyType(
    {
        "bioconductor-": _R,
        "clang-": _COMPILER,
        "cuda-": _CUDA,
        "gcc-": _COMPILER,
        "gfortran-": _COMPILER,
        "gxx-": _COMPILER,
        "r-": _R,
        "spacy-model-": OnlyConda(
            "spaCy publishes its models elsewhere",
            "write the address of its wheel (https://github.com/explosion/spacy-models) below `- pip:`",
        ),
    }
)


def is_library(name: str) -> bool:
    """Say whether a normalised name is that of a library which wheels bring with them."""
    return name in LIBRARIES or name.startswith(_LIBRARY_BEGINNINGS)


def only_conda(name: str) -> OnlyConda | None:
    """Return what is known of a package that PyPI has not got, by its normalised name."""
    beginnings = (known for beginning, known in _BEGINNINGS.items() if name.startswith(beginning))
    return CONDA_ONLY.get(name) or next(beginnings, None)
