"""Check a value against a JSON Schema (2020-12), with a readable path to what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry

from apps.lib.errors import Invalid


class SchemaMismatch(Invalid):
    """A value does not fit its schema."""

    code = "schema_mismatch"


@lru_cache(maxsize=256)
def _validator(schema: str) -> Draft202012Validator:
    parsed = json.loads(schema)
    Draft202012Validator.check_schema(parsed)
    # An empty registry: a remote $ref is never followed.
    return Draft202012Validator(parsed, registry=Registry())


def demand_schema(schema: Mapping[str, Any]) -> None:
    """Raise SchemaMismatch with the path and the reason unless this is a JSON Schema (2020-12)."""
    try:
        Draft202012Validator.check_schema(dict(schema))
    except SchemaError as error:
        where = "/".join(str(part) for part in error.absolute_path) or "the schema"
        raise SchemaMismatch(f"{where}: {error.message[:300]}") from error


def check(value: Any, schema: Mapping[str, Any]) -> None:
    """Raise SchemaMismatch with the path and the reason of the first mismatch."""
    error = next(iter(_validator(json.dumps(schema, sort_keys=True)).iter_errors(value)), None)
    if error is not None:
        where = "/".join(str(part) for part in error.absolute_path) or "the value"
        raise SchemaMismatch(f"{where}: {error.message[:300]}")
