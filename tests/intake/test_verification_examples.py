"""The examples of docs/verified-identify.md are run as they stand there, and what they sign is accepted."""

import asyncio
import os
import re
import shutil
import sys
import time
from asyncio.subprocess import PIPE
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.intake.verification import verified_claims
from gateway.storage.identity_secrets import draw_identity_secret
from snippet.write_key import WriteKey

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/verified-identify.md").read_text()
SIGN = ROOT / "examples/verified_identify/sign.py"
SECRET = draw_identity_secret()
USER_ID, EMAIL = "kündin-7", "jo@example.com"
USER, ADDRESS = ("ExternalId", USER_ID), ("Email", EMAIL)

PRIVATE = Ed25519PrivateKey.generate()
PUBLIC_PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
KEY = WriteKey("key-1", "wk", "Shop", identity_secrets=(SECRET,), identity_public_key=PUBLIC_PEM)

BEFORE = {
    "python": f"user_id, email = {USER_ID!r}, {EMAIL!r}\n",
    "javascript": f"const userId = {USER_ID!r}, email = {EMAIL!r};\n",
}
AFTER = {"python": "\nprint(%s)", "javascript": "\nconsole.log(%s);"}


def example(language: str, name: str) -> str:
    """Return the example of this name as it stands in the guide."""
    (code,) = re.findall(rf"<!-- example: {language} {name} -->\n```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return str(code)


async def run(program: str, *arguments: str, directory: Path) -> str:
    """Return what a program prints that knows the identity secret."""
    environment = os.environ | {"IDENTITY_SECRET": SECRET, "PYTHONIOENCODING": "utf-8"}
    process = await asyncio.create_subprocess_exec(
        program, *arguments, cwd=directory, env=environment, stdout=PIPE, stderr=PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    return output.decode().strip()


async def run_example(language: str, name: str, directory: Path) -> str:
    """Run an example as the rest of a back end would, and return what it signed."""
    result = "signature" if name == "signature" else "token"
    code = BEFORE[language] + example(language, name) + AFTER[language] % result
    if language == "python":
        return await run(sys.executable, "-c", code, directory=directory)
    node = shutil.which("node") or str(Path(sys.executable).with_name("node"))
    return await run(node, "--input-type=module", "--eval", code, directory=directory)


@pytest.mark.parametrize("language", ["python", "javascript"])
async def test_the_signature_of_the_example_is_accepted(language: str, tmp_path: Path) -> None:
    signature = await run_example(language, "signature", tmp_path)
    sent = {"signatures": {"userId": signature}}
    assert verified_claims(sent, [USER, ADDRESS], KEY, datetime.now(UTC)) == {USER}


@pytest.mark.parametrize("name", ["token", "key pair"])
@pytest.mark.parametrize("language", ["python", "javascript"])
async def test_the_token_of_the_example_is_accepted(language: str, name: str, tmp_path: Path) -> None:
    pem = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "private.pem").write_bytes(pem)
    token = await run_example(language, name, tmp_path)
    assert verified_claims({"token": token}, [USER, ADDRESS], KEY, datetime.now(UTC)) == {USER, ADDRESS}
    tomorrow = datetime.fromtimestamp(time.time() + 86_400, UTC)
    assert verified_claims({"token": token}, [USER, ADDRESS], KEY, tomorrow) == frozenset()


async def test_the_script_among_the_examples_signs_a_call_of_the_tag(tmp_path: Path) -> None:
    told = await run(
        sys.executable, str(SIGN), USER_ID, "--email", " Jo@Example.com", "--phone", "+491701", directory=tmp_path
    )
    name, user_id, traits, verification = msgspec.json.decode(f"[{told.removeprefix('journey(').removesuffix(');')}]")
    assert (name, user_id) == ("identify", USER_ID)
    claims = [("ExternalId", user_id), ("Email", traits["email"].strip()), ("Phone", traits["phone"])]
    assert verified_claims(verification, claims, KEY, datetime.now(UTC)) == set(claims)
