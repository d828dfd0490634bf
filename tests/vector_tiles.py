"""Reading vector tiles (Mapbox Vector Tile 2.1): layers, properties and points, no more than tests ask for."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5


def read_tile(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """Layer → features: their properties, and `at`: the first point in the tile's own coordinates."""
    layers: dict[str, list[dict[str, Any]]] = {}
    for number, layer in _fields(data):
        assert number == 3
        name, features = _layer(layer)
        assert name not in layers
        layers[name] = features
    return layers


def _layer(data: bytes) -> tuple[str, list[dict[str, Any]]]:
    parts: dict[int, list[Any]] = {}
    for number, value in _fields(data):
        parts.setdefault(number, []).append(value)
    keys, values = [key.decode() for key in parts.get(3, [])], [_value(value) for value in parts.get(4, [])]
    return parts[1][0].decode(), [_feature(feature, keys, values) for feature in parts.get(2, [])]


def _feature(data: bytes, keys: list[str], values: list[Any]) -> dict[str, Any]:
    fields = dict(_fields(data))
    tags = list(_varints(fields.get(2, b"")))
    _, x, y, *_ = _varints(fields[4])
    properties = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
    return {**properties, "at": (_signed(x), _signed(y))}


def _value(data: bytes) -> Any:
    ((number, value),) = _fields(data)
    if number == 1:
        return value.decode()
    if number in (2, 3):
        return struct.unpack("<f" if number == 2 else "<d", value)[0]
    return _signed(value) if number == 6 else bool(value) if number == 7 else value


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _varints(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value, at, shift = value | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if key & 7 == BYTES:
            size, at = _varint(data, at)
        else:
            size = {FIXED_64: 8, FIXED_32: 4}[key & 7]
        yield key >> 3, data[at : at + size]
        at += size
