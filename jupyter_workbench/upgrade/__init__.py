"""Make a project of 2017 run today, by edits that a person would make: everything else stays byte for byte.

A module a kind of file (``compute``, ``conda``, ``runconfig``, ``spark``) holds a small function a rule; what is gone,
and why, is told by the tables in ``retired``. ``propose`` reads and ``write`` writes, nothing else touches the disk.
"""

from __future__ import annotations

from jupyter_workbench.upgrade.changes import FileChange, write
from jupyter_workbench.upgrade.proposal import Proposal, examine, propose

__all__ = ["FileChange", "Proposal", "examine", "propose", "write"]
