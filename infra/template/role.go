package template

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Statement is one statement of a policy.
type Statement struct {
	Effect  string
	Actions []string
	// NotActions are what the statement leaves out when it is about all other
	// actions.
	NotActions []string
	Resources  []string
	// Condition has the values that each condition key is compared with by its
	// operator, nil without one.
	Condition map[string]map[string][]string
}

// needs holds that a function's role may do what Lambda does by it beside
// running the function: read the stream, and send what fails for good to its
// queue. SAM gives these rights to roles that it makes, and to no others.
func (r *resolver) needs(f Function, events, invocation *yaml.Node) error {
	failed := func(n *yaml.Node) *yaml.Node {
		return get(get(get(n, "DestinationConfig"), "OnFailure"), "Destination")
	}
	check := func(resource *yaml.Node, actions ...string) error {
		for _, action := range actions {
			if resource != nil && !may(f.Policy, action, resource.Value) {
				return r.errorf(
					resource,
					"the role of %s may not %s on %s",
					f.LogicalID,
					action,
					resource.Value,
				)
			}
		}
		return nil
	}
	if err := check(failed(invocation), "sqs:SendMessage"); err != nil {
		return err
	}
	for _, event := range pairs(events) {
		properties := get(event, "Properties")
		if err := check(
			get(properties, "Stream"),
			"dynamodb:DescribeStream",
			"dynamodb:GetRecords",
			"dynamodb:GetShardIterator",
		); err != nil {
			return err
		}
		if err := check(failed(properties), "sqs:SendMessage"); err != nil {
			return err
		}
	}
	return nil
}

// may reports whether statements allow an action on a resource whatever else
// holds.
func may(policy []Statement, action, resource string) bool {
	return slices.ContainsFunc(policy, func(s Statement) bool {
		return s.Effect == "Allow" && s.Condition == nil && slices.Contains(s.Actions, action) &&
			slices.ContainsFunc(s.Resources, func(of string) bool { return covers(of, resource) })
	})
}

// covers reports whether the resource of a statement, which may end in *, is or
// includes another.
func covers(of, resource string) bool {
	begin, wide := strings.CutSuffix(of, "*")
	return of == resource || wide && begin != "" && strings.HasPrefix(resource, begin)
}

// role reads what a role of the template may do that a service of AWS takes on.
func (r *resolver) role(reference *yaml.Node, service string) ([]Statement, error) {
	name, ok := strings.CutSuffix(reference.Value, ".Arn")
	declared := r.resources[name]
	if kind := get(declared, "Type"); !ok || kind == nil || kind.Value != "AWS::IAM::Role" {
		return nil, r.errorf(reference, "%s is no role of this template", reference.Value)
	}
	properties, err := r.merged(nil, get(declared, "Properties"))
	if err != nil {
		return nil, err
	}
	var trust struct {
		Statement []struct {
			Effect    string `yaml:"Effect"`
			Action    list   `yaml:"Action"`
			Principal struct {
				Service list `yaml:"Service"`
			} `yaml:"Principal"`
		} `yaml:"Statement"`
	}
	if err := r.decode(get(properties, "AssumeRolePolicyDocument"), &trust); err != nil {
		return nil, err
	}
	if t := trust.Statement; len(t) != 1 || t[0].Effect != "Allow" ||
		!slices.Equal(t[0].Action, list{"sts:AssumeRole"}) ||
		!slices.Equal(t[0].Principal.Service, list{service}) {
		return nil, r.errorf(reference, "%s is not for %s alone to assume", name, service)
	}
	if get(properties, "PermissionsBoundary") != nil {
		return nil, r.errorf(reference, "%s has a boundary, which is not understood here", name)
	}
	var policies []*yaml.Node
	if managed := get(properties, "ManagedPolicyArns"); managed != nil {
		policies = append(policies, managed.Content...)
	}
	if own := get(properties, "Policies"); own != nil {
		for _, policy := range own.Content {
			policies = append(policies, get(policy, "PolicyDocument"))
		}
	}
	// Those that name the role, and not it them.
	for _, id := range slices.Sorted(maps.Keys(r.resources)) {
		if kind := get(
			r.resources[id],
			"Type",
		); kind == nil ||
			kind.Value != "AWS::IAM::ManagedPolicy" {
			continue
		}
		properties, err := r.merged(nil, get(r.resources[id], "Properties"))
		if err != nil {
			return nil, err
		}
		if roles := get(
			properties,
			"Roles",
		); roles != nil &&
			slices.ContainsFunc(roles.Content, func(n *yaml.Node) bool { return n.Value == name }) {
			policies = append(policies, get(properties, "PolicyDocument"))
		}
	}
	var out []Statement
	for _, policy := range policies {
		statements, err := r.policy(policy)
		if err != nil {
			return nil, err
		}
		out = append(out, statements...)
	}
	return out, nil
}

func (r *resolver) policy(policy *yaml.Node) ([]Statement, error) {
	written := get(policy, "Statement")
	if managed := r.resources[policy.Value]; policy.Kind == yaml.ScalarNode && managed != nil {
		if kind := get(managed, "Type"); kind == nil || kind.Value != "AWS::IAM::ManagedPolicy" {
			return nil, r.errorf(policy, "%s is no managed policy", policy.Value)
		}
		properties, err := r.merged(nil, get(managed, "Properties"))
		if err != nil {
			return nil, err
		}
		written = get(get(properties, "PolicyDocument"), "Statement")
	}
	if written == nil {
		return nil, r.errorf(policy, "a policy is expected to have its statements written out")
	}
	statements := []*yaml.Node{written}
	if written.Kind == yaml.SequenceNode {
		statements = written.Content
	}
	var out []Statement
	for _, statement := range statements {
		var raw struct {
			Effect    string `yaml:"Effect"`
			Action    list   `yaml:"Action"`
			NotAction list   `yaml:"NotAction"`
			Resource  list   `yaml:"Resource"`

			Condition map[string]map[string]list `yaml:"Condition"`
		}
		if err := r.decode(statement, &raw); err != nil {
			return nil, err
		}
		if raw.Effect == "" || (len(raw.Action) == 0) == (len(raw.NotAction) == 0) ||
			len(raw.Resource) == 0 {
			return nil, r.errorf(
				statement,
				"a statement needs Effect, Action or NotAction, and Resource",
			)
		}
		out = append(out, Statement{
			Effect:     raw.Effect,
			Actions:    raw.Action,
			NotActions: raw.NotAction,
			Resources:  raw.Resource,
			Condition:  conditions(raw.Condition),
		})
	}
	return out, nil
}

func conditions(raw map[string]map[string]list) map[string]map[string][]string {
	if raw == nil {
		return nil
	}
	out := map[string]map[string][]string{}
	for operator, tests := range raw {
		out[operator] = map[string][]string{}
		for key, values := range tests {
			out[operator][key] = values
		}
	}
	return out
}

// join gives each function its routes.
func (r *resolver) join(out *Template) error {
	for _, d := range r.routes {
		i := slices.IndexFunc(
			out.Functions,
			func(f Function) bool { return f.LogicalID == d.function },
		)
		if i < 0 {
			return r.errorf(d.at, "%s leads to %s, which is no function", d.route.Path, d.function)
		}
		f := &out.Functions[i]
		if f.Routes = append(f.Routes, d.route); d.signed {
			f.Signed = append(f.Signed, d.route)
		}
	}
	return nil
}
