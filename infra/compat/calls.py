"""Runs every call of TagoIO's SDK for Python that the reference pages show, as it stands there; see calls.mjs.

.tools/local with python infra/compat/calls.py
"""

import json
import os
import pathlib
import sys

os.environ["TAGOIO_REQUEST_ATTEMPTS"] = "1"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"

from tagoio_sdk import Account, Resources  # noqa: E402
from tagoio_sdk.infrastructure.api_request import TagoIORequestError  # noqa: E402

document = json.loads(pathlib.Path(__file__).parent.joinpath("../../docs/openapi.json").read_text(encoding="utf-8"))
calls = failed = 0
for item in document["paths"].values():
    for operation in item.values():
        call = operation.get("x-sdk", {}).get("python")
        if not call:
            continue
        calls += 1
        token = "p-DemoAna0OnlyForTheLocalStack000KBP"
        known = {"Account": Account, "Resources": Resources, "token": token, "resources": Resources({"token": token})}
        try:
            exec(call, known)  # what is run is our own text
        except TagoIORequestError as refusal:
            if str(refusal).startswith("Route Not Found"):
                failed += 1
                print(f"{operation['operationId']} in Python  FAILED: {refusal}")
        except Exception as problem:
            failed += 1
            print(f"{operation['operationId']} in Python  FAILED: {problem!r}")
print(f"{calls} calls in Python ran as the reference pages show them, {failed} failed")
sys.exit(1 if failed or calls < 40 else 0)
