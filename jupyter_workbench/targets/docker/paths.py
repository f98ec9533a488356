"""Where things are inside a kernel's container."""

from __future__ import annotations

from pathlib import PurePosixPath

PROJECT = PurePosixPath("/azureml-run")
"""The project and the working directory, as in Azure ML Workbench."""

SHARE = PurePosixPath("/azureml-share")
KERNEL = PurePosixPath("/azureml-kernel")
"""The kernel process' own folder: its records, its packages, its home."""

SOCKETS = PurePosixPath("/azureml-sockets")
INKERNEL = PurePosixPath("/azureml-inkernel")
CA_BUNDLE = KERNEL / "ca-certificates.crt"
HOME = KERNEL / "home"
