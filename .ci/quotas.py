"""Transforms the template as CloudFormation would, and holds what comes out against the quotas of AWS, with a fifth to spare."""

import collections
import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.translator.transform import transform  # noqa: E402: it asks for the region when it is imported
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

SPARE = 0.8

# A stack of today is below this, so that there is room for what comes.
RESOURCES = 320

# The quotas of AWS: CloudFormation's on a stack, API Gateway's on an HTTP API, IAM's on policies and roles, Lambda's on environments.
QUOTAS = {
    "resources of a stack": 500,
    "outputs of a stack": 200,
    "parameters of a stack": 200,
    "dynamic references": 60,
    "bytes of the template": 1_000_000,
    "routes of the API": 300,
    "integrations of the API": 300,
    "roles of the AWS account": 1000,
    "managed policies of a role": 10,
    "characters of the inline policies of a role": 10_240,
    "characters of a managed policy": 6_144,
    "bytes of an environment": 4096,
    "readers of the stream": 2 / SPARE,  # two are admitted, and two there are
}

# The longest ARN that can take the place of a reference in this stack: a function's name has 64 characters.
ARN = "arn:aws:lambda:ap-southeast-1:000000000000:function:" + "x" * 64


class ManagedPolicies:
    """The policies of AWS that the transform may ask for by their names."""

    def load(self):
        return {name: f"arn:aws:iam::aws:policy/service-role/{name}" for name in ("AWSLambdaBasicExecutionRole", "AWSLambdaDynamoDBExecutionRole")}


def transformed(file):
    with open(file, encoding="utf-8") as source:
        template = yaml_parse(source.read())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://packages/" + "0" * 32
    parameters = {name: facts.get("Default", "a@example.com") for name, facts in template["Parameters"].items()}
    return transform(template, parameters, ManagedPolicies())


def filled(value):
    """A value with the longest text in the place of each reference."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("Ref", "Fn::GetAtt", "Fn::Sub", "Fn::If"):
            return ARN
        return {key: filled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner) for inner in value]
    return value


def length(policy):
    """The characters of a policy document that IAM counts: all but blanks."""
    return len(json.dumps(filled(policy), separators=(",", ":")))


def count(template):
    resources = template["Resources"]
    of = collections.defaultdict(list)
    for name, resource in resources.items():
        of[resource["Type"]].append((name, resource.get("Properties", {})))
    paths = [api["Body"]["paths"] for _, api in of["AWS::ApiGatewayV2::Api"]]
    routes = sum(1 for api in paths for item in api.values() for method in item if method != "parameters")
    readers = collections.Counter(json.dumps(mapping["EventSourceArn"]) for _, mapping in of["AWS::Lambda::EventSourceMapping"])
    roles = of["AWS::IAM::Role"]
    return {
        "resources of a stack": len(resources),
        "outputs of a stack": len(template["Outputs"]),
        "parameters of a stack": len(template["Parameters"]),
        "dynamic references": json.dumps(template).count("{{resolve:"),
        "bytes of the template": len(json.dumps(template)),
        "routes of the API": routes,
        "integrations of the API": routes,
        "roles of the AWS account": len(roles),
        "managed policies of a role": max(len(role.get("ManagedPolicyArns", [])) for _, role in roles),
        "characters of the inline policies of a role": max(sum(length(policy["PolicyDocument"]) for policy in role.get("Policies", [])) for _, role in roles),
        "characters of a managed policy": max(length(policy["PolicyDocument"]) for _, policy in of["AWS::IAM::ManagedPolicy"]),
        "bytes of an environment": max(length(function.get("Environment", {}).get("Variables", {})) for _, function in of["AWS::Lambda::Function"]),
        "readers of the stream": max(readers.values()),
    }


def main(file):
    counted = count(transformed(file))
    assert counted.keys() == QUOTAS.keys()
    wrong = 0
    for name, quota in QUOTAS.items():
        most = min(int(quota * SPARE), RESOURCES if name == "resources of a stack" else sys.maxsize)
        over = counted[name] > most
        wrong += over
        print(f"{counted[name]:>8} of {most:>8}  {name}{'  TOO MANY' if over else ''}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
