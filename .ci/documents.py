"""Runs the commands of docs/recovery.md and docs/edge.md in their order, with the program aws, against a double of AWS.

The program holds each command to the form that AWS documents. moto stands in for AWS, and gives the effects. Of a question that moto does not
know, only the form is checked. `make` is left out: the document's calls of it are noted.
"""

import http.client
import http.server
import json
import logging
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

import boto3

os.environ["MOTO_ACM_VALIDATION_WAIT"] = "0"  # moto reads it when it is imported

from moto.server import ThreadedMotoServer  # noqa: E402
from quotas import transformed  # noqa: E402

REGION, STACK, ZONE = "eu-central-1", "profiles-prod", "Z0123456789ABC"

BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.M | re.S)

# Answers of moto to a question that it does not know. A stream that was off may be on again at AWS.
UNKNOWN = (b"not been implemented", b"Not yet implemented", b"Cannot enable stream")

# A wait asks every few seconds; a double needs none.
AWS = """#!{python}
import sys, time
sleep = time.sleep
time.sleep = lambda seconds: sleep(min(seconds, 0.02))
from awscli.clidriver import main
sys.exit(main())
"""

# At the first deployment over the restored table, the facts of that table are noted.
PRELUDE = """
make() {
  echo "$*" >> made
  [ "$1" = deploy ] && [ -n "${NEW:-}" ] && [ ! -e restored.json ] || return 0
  aws dynamodb describe-table --table-name "$NEW" > restored.json
  aws dynamodb describe-time-to-live --table-name "$NEW" > expiry.json
  aws dynamodb describe-continuous-backups --table-name "$NEW" > backups.json
  aws dynamodb list-tags-of-resource --resource-arn "$(aws dynamodb describe-table --table-name "$NEW" --query Table.TableArn --output text)" > tags.json
}
"""


class Front(http.server.BaseHTTPRequestHandler):
    """Hands requests on to moto. Where moto knows no answer, it is empty."""

    moto, unknown = "", []

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection(self.moto)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 500 or any(words in text for words in UNKNOWN):
            self.unknown.append(self.headers.get("X-Amz-Target") or f"{self.command} {self.path}")
            return self.answer(200, {}, b"{}")
        self.answer(answer.status, answer.headers, text)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "server", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def script(name):
    """The commands of a document. It is an error that there are none."""
    blocks = [re.sub(f"^{indent}", "", text, flags=re.M) for indent, text in BLOCK.findall(pathlib.Path("docs", name).read_text())]
    commands = "".join(blocks)
    if commands.count("aws ") < 5:
        raise SystemExit(f"docs/{name} has {commands.count('aws ')} commands of aws in its blocks: its form has changed")
    return commands


def account(moto):
    """Makes what the documents begin with: a stack with a table and a secret, and a zone."""

    def client(service):
        return boto3.client(service, endpoint_url=moto, region_name=REGION, aws_access_key_id="local", aws_secret_access_key="local")

    table = transformed("template.yaml")["Resources"]["Table"]
    table["Properties"]["DeletionProtectionEnabled"] = True
    del table["Condition"]
    outputs = {"TableName": {"Ref": "Table"}, "ApiUrl": "https://api.example.com", "DomainTarget": "d-1.execute-api.eu-central-1.amazonaws.com"}
    secret = client("secretsmanager").create_secret(Name="SecretKey", SecretString="{}")["ARN"]
    template = {"Resources": {"Table": table}, "Outputs": {key: {"Value": value} for key, value in {**outputs, "SecretArn": secret}.items()}}
    client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(template))
    [name] = client("dynamodb").list_tables()["TableNames"]
    client("dynamodb").update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    client("dynamodb").put_item(TableName=name, Item={"PK": {"S": "A#1"}, "SK": {"S": "A"}})
    return client("route53").create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"].split("/")[-1]


def run(name, commands, folder, endpoint):
    environment = {
        "PATH": f"{folder}/bin{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": "",
        "AWS_MAX_ATTEMPTS": "1",
    }
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", PRELUDE + commands], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if ended.returncode:
        raise SystemExit(f"docs/{name}: a command ended with the status {ended.returncode}:\n{ended.stdout}")
    return ended.stdout


def restored(folder):
    """What the restored table lacks at the first deployment over it."""
    table, expiry, backups, tags = (json.loads((folder / f"{part}.json").read_text()) for part in ("restored", "expiry", "backups", "tags"))
    table = table["Table"]
    facts = {
        "the index due": [index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])] == ["due"],
        "its items": table["ItemCount"] == 1,
        "a stream with keys": table.get("StreamSpecification") == {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        "protection": table["DeletionProtectionEnabled"],
        "expiry": expiry["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"},
        "point-in-time recovery": backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED",
        "a tag": tags["Tags"] == [{"Key": "stack", "Value": STACK}],
    }
    return [name for name, holds in facts.items() if not holds]


def taken_back(made):
    """The deployments that alarms would take back: those of a service that is read-only."""
    read_only, found = False, []
    for call in made:
        if call.startswith("maintenance STATE="):
            read_only = "STATE=on" in call
        elif call.startswith("deploy ") and read_only and "ROLLBACK=off" not in call:
            found.append(call)
    return found


def main():
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    Front.moto = f"{host}:{port}"
    front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    threading.Thread(target=front.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{front.server_port}"
    zone = account(f"http://{host}:{port}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "bin").mkdir()
        program = folder / "bin/aws"
        program.write_text(AWS.format(python=sys.executable))
        program.chmod(0o700)
        for document in sys.argv[1:] or ("recovery.md", "edge.md"):
            commands = script(document)
            run(document, commands.replace(ZONE, zone), folder, endpoint)
            print(f"docs/{document}: {commands.count('aws ')} commands of aws are as AWS documents them")
        if (folder / "restored.json").exists() and (lacks := restored(folder)):
            raise SystemExit(f"docs/recovery.md deploys over a table without {', '.join(lacks)}")
        if found := taken_back((folder / "made").read_text().splitlines()):
            raise SystemExit(f"alarms would take back what the documents deploy while the service is read-only: {found}")
        assert taken_back(["maintenance STATE=on", "deploy ENV=prod", "maintenance STATE=off", "deploy ENV=prod"]) == ["deploy ENV=prod"]
        # The checks themselves: a command with a wrong option is found.
        for wrong in ("aws dynamodb describe-table --table-nam x", "aws dynamodb update-time-to-live --table-name x --time-to-live-specification Enabled", "aws dynamodb restore-table"):
            try:
                run("a wrong command", wrong, folder, endpoint)
            except SystemExit:
                continue
            raise SystemExit(f"expected a refusal of: {wrong}")
    print("only in their form, as the double does not know them:", ", ".join(sorted(set(Front.unknown))) or "none")


if __name__ == "__main__":
    main()
