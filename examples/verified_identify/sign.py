"""Print an identify call that your site vouches for, as its back end would write it into a page.

IDENTITY_SECRET=$(journey-gateway write-key identity-secret "first site") \
    python examples/verified_identify/sign.py customer-7 --email jo@example.com
"""

import argparse
import hashlib
import hmac
import json
import os


def main() -> None:
    """Sign what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("user_id")
    parser.add_argument("--email")
    parser.add_argument("--phone")
    told = parser.parse_args()
    values = {"userId": told.user_id, "email": told.email and told.email.strip().lower(), "phone": told.phone}
    signatures = {name: signature(name, value) for name, value in values.items() if value}
    traits = {name: value for name, value in (("email", told.email), ("phone", told.phone)) if value}
    arguments = ("identify", told.user_id, traits, {"signatures": signatures})
    print(f"journey({', '.join(map(json.dumps, arguments))});")


def signature(name: str, value: str) -> str:
    """Return the HMAC-SHA256 of name and value by the identity secret, in hexadecimal digits."""
    return hmac.new(os.environ["IDENTITY_SECRET"].encode(), f"{name}:{value}".encode(), hashlib.sha256).hexdigest()


if __name__ == "__main__":
    main()
