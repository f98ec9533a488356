"""Why there can be no Spark, told in facts: `environments.spark_failures` makes words of them."""

from __future__ import annotations

import json


class Refused(Exception):
    """``kind`` and facts as JSON; see `environments.spark_failures`, which explains each kind."""

    def __init__(self, kind: str, **facts: object) -> None:
        super().__init__(kind, facts)
        self.kind = "spark-" + kind
        self.words = json.dumps(facts)

    @property
    def told(self) -> tuple[str, str]:
        """Kind and words, as a builder tells them."""
        return self.kind, self.words
