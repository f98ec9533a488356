"""`python -m jupyter_workbench.cli`: the command line of exactly this Python, whatever the PATH says."""

from __future__ import annotations

from jupyter_workbench.cli import main

main()
