"""Are the arguments of a call what its schema asks for. The one door to jsonschema."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema
import referencing
import referencing.exceptions

log = logging.getLogger("lived.tools")

WORDS = 300
"""Characters of a complaint that the model is told: it may quote the value."""

Check = Callable[[dict[str, Any]], str]
"""What is wrong with arguments, as a sentence; "" when nothing is."""


def checker(name: str, schema: Mapping[str, Any]) -> Check:
    """The check for a function's ``parameters``. A schema that is none is said once in the log and checks nothing:
    then the program is on its own."""
    if not schema:
        return lambda _: ""
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        log.warning("the parameters of %s are no JSON Schema (%s): its arguments are not checked", name, error.message)
        return lambda _: ""
    # an empty registry: nothing is fetched from anywhere, whatever the schema refers to
    validator = kind(schema, registry=referencing.Registry())

    def check(args: dict[str, Any]) -> str:
        try:
            error = jsonschema.exceptions.best_match(validator.iter_errors(args))
        except referencing.exceptions.Unresolvable as missing:
            log.warning("the parameters of %s refer to what is not in them: %s", name, missing)
            return ""
        if error is None:
            return ""
        place = ".".join(str(part) for part in error.absolute_path)
        return f"The arguments of {name} are wrong{f' at {place}' if place else ''}: {error.message[:WORDS]}."

    return check
