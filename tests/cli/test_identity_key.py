"""`journey-gateway write-key identity-secret` and `identity-key`."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.cli.workplace import Workplace
from tests.running_server import WRITE_KEY

PRIVATE = Ed25519PrivateKey.generate()
PUBLIC_PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PRIVATE_PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


async def secrets_of(workplace: Workplace) -> list[str]:
    row = await workplace.connection.database["writeKeys"].find_one({"key": WRITE_KEY})
    assert row is not None
    return [one["value"] for one in row["identitySecrets"]]


async def test_the_secret_is_shown_by_name_or_key_and_by_no_other_command(workplace: Workplace) -> None:
    by_name = await workplace.run("write-key", "identity-secret", "first site")
    by_key = await workplace.run("write-key", "identity-secret", WRITE_KEY)
    assert by_name.code == 0, by_name.errors
    assert [by_name.output.strip()] == [by_key.output.strip()] == await secrets_of(workplace)
    listed = await workplace.run("write-key", "list")
    assert "identity key              none" in listed.output
    assert by_name.output.strip() not in listed.output


async def test_a_rotated_secret_is_shown_and_the_former_stays_for_a_day_or_not_at_all(workplace: Workplace) -> None:
    first = (await workplace.run("write-key", "identity-secret", "first site")).output.strip()
    rotated = await workplace.run("write-key", "identity-secret", "first site", "--rotate")
    assert await secrets_of(workplace) == [rotated.output.strip(), first]
    assert rotated.errors.startswith("The former is void from 20")
    last = await workplace.run("write-key", "identity-secret", "first site", "--rotate", "--at-once")
    assert await secrets_of(workplace) == [last.output.strip()]
    assert last.errors == "The former is void now.\n"


async def test_a_public_key_is_set_shown_and_removed(workplace: Workplace, tmp_path: Path) -> None:
    file = tmp_path / "public.pem"
    file.write_bytes(b"the shop's key\n" + PUBLIC_PEM)
    done = await workplace.run("write-key", "identity-key", "first site", "--file", file)
    assert (done.code, done.output) == (0, "EdDSA\n" + PUBLIC_PEM.decode()), done.errors
    row = await workplace.connection.database["writeKeys"].find_one({"key": WRITE_KEY})
    assert row is not None
    assert row["identityPublicKey"] == PUBLIC_PEM.decode()
    assert "identity key              set" in (await workplace.run("write-key", "list")).output
    assert (await workplace.run("write-key", "identity-key", WRITE_KEY)).output == done.output
    removed = await workplace.run("write-key", "identity-key", "first site", "--remove")
    assert removed.output == "There is no identity key.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["identity-secret", "nope"], "There is no write key 'nope'", id="unknown"),
        pytest.param(["identity-key", "nope"], "There is no write key 'nope'", id="unknown for a key"),
        pytest.param(["identity-secret", "first site", "--at-once"], "--at-once says how to rotate", id="at once"),
        pytest.param(["identity-key", "first site", "--file", "private.pem"], "--file private.pem holds a private key"),
        pytest.param(["identity-key", "first site", "--file", "text"], "--file text holds no public key in PEM"),
        pytest.param(["identity-key", "first site", "--file", "bytes"], "--file bytes is not PEM", id="no text"),
        pytest.param(["identity-key", "first site", "--file", "text", "--remove"], "--file and --remove", id="both"),
    ],
)
async def test_what_cannot_be_done_is_told_in_one_line(
    workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "private.pem").write_bytes(PRIVATE_PEM)
    (tmp_path / "text").write_text("no key")
    (tmp_path / "bytes").write_bytes(b"\x80\x81")
    told = await workplace.run("write-key", *arguments)
    assert (told.code, told.errors.count("\n")) == (1, 1), told.errors
    assert told.errors.startswith(f"journey-gateway: {words}")


async def test_of_several_write_keys_of_one_name_the_key_itself_has_to_be_given(workplace: Workplace) -> None:
    made = await workplace.run("write-key", "create", "--name", "first site")
    told = await workplace.run("write-key", "identity-secret", "first site")
    assert told.errors.startswith("journey-gateway: 2 write keys are called 'first site'")
    assert (await workplace.run("write-key", "identity-secret", made.output.strip())).code == 0
