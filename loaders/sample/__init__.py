"""The sample district: a fictitious 萧山区 of any size, with the messy files people send and the truth beside them."""

from __future__ import annotations

from loaders.sample.writing import write_sample

__all__ = ["write_sample"]
