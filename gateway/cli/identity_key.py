"""`journey-gateway write-key identity-secret` and `identity-key`: by what a site vouches for who its visitors are."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from gateway.access.write_keys import new_identity_secret, set_identity_key
from gateway.cli.failures import CommandError, told_in_one_line
from gateway.cli.operator import OPERATOR
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.cli.write_keys_called import write_key_called
from gateway.clock import now
from gateway.intake.identity_keys import KINDS, IdentityKey, pem_of, read_public_key
from gateway.storage.identity_secrets import GRACE, current_identity_secret

Name = Annotated[str, typer.Argument(help="The name of the write key, or the write key itself.")]


def identity_secret(
    name: Name,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new one; the former stays valid for 24 hours.")
    ] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="With --rotate: the former is void now, as when it was disclosed.")
    ] = False,
) -> None:
    """Show the secret that your back end signs identities with; it is for no page and no app."""
    run(_identity_secret(name, rotate=rotate, at_once=at_once))


def identity_key(
    name: Name,
    file: Annotated[
        Path | None, typer.Option(help=f"The public key in PEM: {KINDS}.", exists=True, dir_okay=False)
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take no more tokens that are signed by it.")] = False,
) -> None:
    """Set or remove the public key that tokens about your visitors are checked with, or show the one that is set."""
    with told_in_one_line():
        if file is not None and remove:
            raise CommandError("--file and --remove exclude each other: give one of them.")
        given = _read(file) if file is not None else None
    run(_identity_key(name, given, remove=remove))


async def _identity_secret(name: str, *, rotate: bool, at_once: bool) -> None:
    if at_once and not rotate:
        raise CommandError("--at-once says how to rotate: give --rotate as well.")
    grace = timedelta() if at_once else GRACE
    async with surroundings(read_settings(), join=True) as ready:
        database = ready.connection.database
        row = await write_key_called(database, name)
        if rotate:
            secret = await new_identity_secret(database, row["_id"], OPERATOR, now(), grace)
        else:
            secret = await current_identity_secret(database, row["_id"], now())
    typer.echo(secret)
    if rotate:
        typer.echo(f"The former is void {f'from {now() + grace:%Y-%m-%d %H:%M} UTC on' if grace else 'now'}.", err=True)


async def _identity_key(name: str, given: IdentityKey | None, *, remove: bool) -> None:
    async with surroundings(read_settings(), join=True) as ready:
        database = ready.connection.database
        row = await write_key_called(database, name)
        if given is not None or remove:
            row["identityPublicKey"] = pem_of(given) if given is not None else None
            await set_identity_key(database, row["_id"], row["identityPublicKey"], OPERATOR, now())
    stored = row.get("identityPublicKey")
    typer.echo(f"{read_public_key(stored).algorithm}\n{stored.strip()}" if stored else "There is no identity key.")


def _read(file: Path) -> IdentityKey:
    try:
        return read_public_key(file.read_text())
    except OSError as error:
        raise CommandError(f"--file {file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"--file {file} is not PEM, which is text: convert it with `openssl pkey`.") from None
    except ValueError as error:
        raise CommandError(f"--file {file} {error}: give the public key in PEM, {KINDS}.") from None
