"""``spark``, ``sc``, ``sqlContext`` and ``sql`` in the user's namespace: the real objects, over none of his own."""

from __future__ import annotations

from typing import Any, Dict, Set

from .session import Session

NAMES = ("spark", "sc", "sqlContext", "sql")


class Names:
    """What we put into the namespace of a shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._ours: Dict[str, Any] = {}

    def put(self, session: Session) -> None:
        """Bind the names to this session, those of an earlier one too; `%who` lists what the user made."""
        ours = session.names()
        for name, value in ours.items():
            if self._is_free(name):
                self._shell.user_ns[name] = value
        self._shell.user_ns_hidden.update(ours)
        self._ours = ours

    def restore(self) -> None:
        """Bind what the user has deleted, with `%reset` for example."""
        for name, value in self._ours.items():
            self._shell.user_ns.setdefault(name, value)

    def wanted(self, used: Set[str]) -> Set[str]:
        """Return which of these names mean Spark: not those that the user has given to something else."""
        return {name for name in used.intersection(NAMES) if self._is_free(name)}

    def _is_free(self, name: str) -> bool:
        bound = self._shell.user_ns
        return name not in bound or (name in self._ours and bound[name] is self._ours[name])
