"""Sends a running local stack what its OpenAPI document admits, and what it does not, and holds each answer against the document.

As the owner of the demo account, as a member of one of its profiles, and as nobody. What would end the token that the rest goes with comes last.
"""

import json
import os
import subprocess
import sys
import urllib.request

API = os.environ["TAGOIO_API"]
OWNER = "p-DemoAna0OnlyForTheLocalStack000KBP"
PASSWORD = "demo lantern otter"
LAST = ["account-delete", "password-set", "token-revoke-all", "token-delete", "token-rotate", "token-leaked", "profile-switch", "token-edit", "otp-enable", "otp-confirm"]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection"


def ask(path, body):
    request = urllib.request.Request(API + path, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["result"]


def sign_in(email):
    """A token for the first profile that is shared with an account."""
    profiles = ask("/account/login", {"email": email, "password": PASSWORD})["profiles"]
    shared = next(p for p in profiles if p["from_share"])
    return ask("/account/profile/token", {"profile_id": shared["id"], "email": email, "password": PASSWORD, "name": "examined"})["token"]


def examine(who, token, *more):
    print(f"-- as {who}", flush=True)
    command = [
        os.path.join(os.path.dirname(sys.executable), "st"), "run", "docs/openapi.json", "--url", API, "--phases", "examples,coverage,fuzzing",
        "--max-examples", os.environ.get("EXAMPLES", "10"), "--workers", "1", "--checks", CHECKS, "--warnings", "off", "--generation-deterministic", "--suppress-health-check", "all",
        "--continue-on-failure", *more,
    ]
    if token:
        command += ["--header", "token: " + token]
    return subprocess.run(command, check=False).returncode


def main():
    last = [part for name in LAST for part in ("--exclude-operation-id", name)]
    failed = examine("nobody", None)
    failed |= examine("a member", sign_in("mia@example.com"), *last)
    failed |= examine("the owner", OWNER, *last)
    failed |= examine("the owner, at last", OWNER, *[part for name in LAST for part in ("--include-operation-id", name)])
    return failed


if __name__ == "__main__":
    sys.exit(main())
