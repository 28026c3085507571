"""Runs make deploy and make doctor as a person does, with the programs aws and sam, against a double of AWS.

moto stands in for AWS. The few questions that it does not know are answered here, in the form of AWS's documents.
"""

import http.server
import json
import logging
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request

import boto3
from moto.server import ThreadedMotoServer
from quotas import ManagedPolicies, transform, yaml_parse

# Answers to requests that moto does not know, by method and path, or by the target of the JSON protocol.
LAMBDA = {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 10}}
ANSWERS = {
    "GET /2016-08-19/account-settings": LAMBDA,
    "GET /v2/email/account": {
        "ProductionAccessEnabled": True,
        "SendingEnabled": True,
        "EnforcementStatus": "HEALTHY",
        "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0},
    },
    "ServiceQuotasV20190624.GetServiceQuota": {"Quota": {"ServiceCode": "apigateway", "QuotaCode": "L-8A5B8E43", "Value": 10000.0}},
}
SERVICES = ("LAMBDA", "SESV2", "SERVICE_QUOTAS", "CLOUDFORMATION")

# Of the resources that doctor looks at, those that moto makes of a template. The others are made beside it.
MADE = ("AWS::DynamoDB::Table", "AWS::SNS::Topic")


def make(moto, template):
    """Makes what moto does not make of a template, and returns the names of it."""
    secrets, alarms = boto3.client("secretsmanager", **client(moto)), boto3.client("cloudwatch", **client(moto))
    names = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            facts = {"MetricName": "any", "Namespace": "any", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 0}
            alarms.put_metric_alarm(AlarmName=name, ComparisonOperator="GreaterThanThreshold", **facts)
            alarms.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="nothing has happened")
            names[name] = name
        elif resource["Type"] == "AWS::SecretsManager::Secret":
            known = {secret["Name"]: secret["ARN"] for secret in secrets.list_secrets()["SecretList"]}
            names[name] = known.get(name) or secrets.create_secret(Name=name, SecretString="{}")["ARN"]
    return names


class Rest(http.server.BaseHTTPRequestHandler):
    """Gives the answers of ANSWERS, and transforms templates before moto sees them, as CloudFormation does."""

    moto, beside, sets = "", {}, []

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = ANSWERS.get(self.headers.get("X-Amz-Target") or f"{self.command} {self.path}")
        refusal = {} if known else {"X-Amzn-ErrorType": "NotFoundException"}
        self.answer(200 if known else 404, refusal, json.dumps(known or {"message": f"{self.path} does not exist."}).encode())

    def do_POST(self):
        if "X-Amz-Target" in self.headers:
            return self.do_GET()
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True))
        if url := form.pop("TemplateURL", None):
            _, bucket, key = urllib.parse.urlsplit(url).path.split("/", 2)
            packaged = boto3.client("s3", **client(self.moto)).get_object(Bucket=bucket, Key=key)["Body"].read().decode()
            template = transform(yaml_parse(packaged), {}, ManagedPolicies())
            self.beside.update(make(self.moto, template))
            template["Resources"] = {name: resource for name, resource in template["Resources"].items() if resource["Type"] in MADE}
            del template["Outputs"]
            form["TemplateBody"] = json.dumps(template)
        if form["Action"] == "CreateChangeSet":
            self.sets.append(form)
        request = urllib.request.Request(self.moto, urllib.parse.urlencode(form).encode(), {"Authorization": self.headers["Authorization"]})
        try:
            with urllib.request.urlopen(request) as found:
                answer = found.read().decode()
            if form["Action"] == "ListStackResources":
                more = "".join(
                    f"<member><LogicalResourceId>{name}</LogicalResourceId><PhysicalResourceId>{other}</PhysicalResourceId></member>"
                    for name, other in self.beside.items()
                )
                answer = answer.replace("</StackResourceSummaries>", more + "</StackResourceSummaries>")
            self.answer(200, {}, answer.encode())
        except urllib.error.HTTPError as refusal:
            self.answer(refusal.code, {}, refusal.read())

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def client(endpoint):
    return {"endpoint_url": endpoint, "region_name": "eu-central-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}


class Failed(Exception):
    pass


def guards(sets):
    """The names of the alarms that change sets give CloudFormation."""
    arns = [form.get(f"RollbackConfiguration.RollbackTriggers.member.{i}.Arn") for form in sets for i in range(1, 6)]
    return [arn.split(":")[-1] for arn in arns if arn]


def hold(said, *wanted):
    for text in wanted:
        if text not in said:
            raise Failed(f"expected {text!r}, came\n{said}")


# A question that no answer fits would be asked again and again.
MOST_QUESTIONS = 100


class Person:
    """Runs the program in a folder, with a terminal to answer at or without one."""

    def __init__(self, program, folder, moto, rest):
        self.program, self.folder = program, folder
        bin = os.path.dirname(sys.executable)
        self.environment = {
            "PATH": bin + os.pathsep + os.environ["PATH"],
            "HOME": folder,
            "ENV": "test",
            "AWS_ENDPOINT_URL": moto,
            **{f"AWS_ENDPOINT_URL_{service}": rest for service in SERVICES},
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "SAM_CLI_TELEMETRY": "0",
        }

    def run(self, *arguments):
        ended = subprocess.run(
            [self.program, *arguments], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return ended.returncode, ended.stdout

    def answer(self, answers, *arguments):
        """Answers each question by its name, with Enter when there is nothing else."""
        ours, theirs = pty.openpty()
        child = subprocess.Popen([self.program, *arguments], cwd=self.folder, env=self.environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.close(theirs)
        said, asked = b"", 0
        while part := child.stdout.read(1):
            said += part
            if question := re.search(rb"(\w+) \[[^\n]*\]: \Z", said):
                asked += 1
                if asked > MOST_QUESTIONS:
                    child.kill()
                os.write(ours, answers.get(question[1].decode(), "").encode() + b"\n")
        os.close(ours)
        return child.wait(), said.decode()


def main(program):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    Rest.moto = endpoint
    rest = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rest)
    threading.Thread(target=rest.serve_forever, daemon=True).start()

    with tempfile.TemporaryDirectory() as folder:
        for name in ("template.yaml", "infra", "go.mod"):
            os.symlink(os.path.abspath(name), os.path.join(folder, name))
        # .ci/package.py packages what is built.
        for name in os.listdir("functions"):
            os.makedirs(os.path.join(folder, "dist/fn", name))
            pathlib.Path(folder, "dist/fn", name, "bootstrap").write_text(name)
        person = Person(os.path.abspath(program), folder, endpoint, f"http://127.0.0.1:{rest.server_port}")

        answers = {"Region": "eu-central-1", "SenderAddress": "no-reply@example.com", "SupportAddress": "help@example.com"}
        status, said = person.answer(answers, "ask")
        hold(said, "WRONG        SES sender: neither no-reply@example.com", "WRONG        Lambda: 10 functions", "nothing is deployed")
        assert status == 1
        ANSWERS["GET /v2/email/identities/example.com"] = {"IdentityType": "DOMAIN", "VerifiedForSendingStatus": True}
        LAMBDA["AccountLimit"]["UnreservedConcurrentExecutions"] = 1000

        boto3.client("s3", **client(endpoint)).create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        # sam would make a bucket of its own with a stack that moto does not know.
        config = pathlib.Path(folder, "samconfig.toml")
        config.write_text(config.read_text().replace("resolve_s3 = true", 's3_bucket = "packages"'))
        status, said = person.run()
        hold(said, '"TableProtection": "off"', '"TableProtection": "on"', "make doctor ENV=test")
        if guards(Rest.sets):
            raise Failed(f"expected a first deployment without alarms, came {guards(Rest.sets)}")
        # Over a stack, alarms take a deployment back. moto does what it is told, and fires none.
        config.write_text(config.read_text().replace('LogRetentionDays=\\"30\\"', 'LogRetentionDays=\\"14\\"'))
        status, said = person.run()
        hold(said, "watches 2 alarms for 15 minutes", "make doctor ENV=test")
        hold(str(guards(Rest.sets)), "['FailuresFastAlarm', 'AccessDeniedAlarm']")
        parameters = {Rest.sets[-1].get(f"Parameters.member.{i}.ParameterKey"): Rest.sets[-1].get(f"Parameters.member.{i}.ParameterValue") for i in range(1, 40)}
        hold(str((status, parameters["LogRetentionDays"], Rest.sets[-1]["RollbackConfiguration.MonitoringTimeInMinutes"])), "(0, '14', '15')")
        alarms = boto3.client("cloudwatch", **client(endpoint))
        alarms.set_alarm_state(AlarmName="FailuresFastAlarm", StateValue="ALARM", StateReason="requests fail")
        status, said = person.run()
        hold(said, "the alarm FailuresFastAlarm fires (requests fail)", "ROLLBACK=off")
        alarms.set_alarm_state(AlarmName="FailuresFastAlarm", StateValue="OK", StateReason="nothing has happened")
        # moto makes the table of a stack without these, and what doctor says then is to do that.
        table = boto3.client("dynamodb", **client(endpoint))
        [name] = table.list_tables()["TableNames"]
        table.update_table(TableName=name, DeletionProtectionEnabled=True)
        table.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        table.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
        status, said = person.run("doctor")
        print(said)
        if status or "WRONG" in said or "NOT CHECKED" in said:
            raise Failed("expected a stack in which nothing is wrong")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except Failed as failure:
        sys.exit(str(failure))
