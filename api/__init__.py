"""The HTTP service over the registry."""

from __future__ import annotations

from api.app import create_app
from api.serving import serve

__all__ = ["create_app", "serve"]
