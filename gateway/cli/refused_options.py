"""What the domain refuses, told by the names of the options that it was given with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from gateway.cli.failures import CommandError
from gateway.journey.errors import InvalidValue


@contextmanager
def told_by_option(options: Mapping[str, str]) -> Iterator[None]:
    """Turn the refusal of a field into that of its option, as `options` pairs them.

    Raises:
        CommandError: a field was refused in the block.
    """
    try:
        yield
    except InvalidValue as error:
        option = options.get(error.field, error.field)
        raise CommandError(f"{option} is {error.value!r}: give {error.allowed}.") from None
