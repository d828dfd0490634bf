"""Where commands write: what was asked for, and what went wrong."""

from __future__ import annotations

from rich.console import Console

console, errors = Console(), Console(stderr=True)
