package template

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Route is a route of the HTTP API. The default route has an empty Method and
// the Path Default; a route for every method has the Method ANY.
type Route struct {
	Method string `yaml:"Method"`
	Path   string `yaml:"Path"`
}

// Key is the name of the route at API Gateway.
func (r Route) Key() string { return strings.TrimSpace(r.Method + " " + r.Path) }

// API is the HTTP API.
type API struct {
	LogicalID string
	// CORS is nil when the API does not answer preflight requests.
	CORS *CORS
	// FailOnWarnings takes a route that could not be made for a failure.
	FailOnWarnings bool
	// Throttle is the limit of all routes together but those in Throttles,
	// which have limits of their own, by their method and path.
	Throttle  Throttle
	Throttles map[string]Throttle
}

// Throttle is a limit of requests. The zero Throttle is none.
type Throttle struct {
	Rate  float64 `yaml:"ThrottlingRateLimit"`  // requests a second
	Burst float64 `yaml:"ThrottlingBurstLimit"` // as many may come at once
}

// CORS is the API's CorsConfiguration.
type CORS struct {
	AllowOrigins     []string `yaml:"AllowOrigins"`
	AllowHeaders     []string `yaml:"AllowHeaders"`
	AllowMethods     []string `yaml:"AllowMethods"`
	ExposeHeaders    []string `yaml:"ExposeHeaders"`
	MaxAge           int      `yaml:"MaxAge"`
	AllowCredentials bool     `yaml:"AllowCredentials"`
}

// undeclarable says why API Gateway takes no route with a path, empty when it
// does.
func undeclarable(path string) string {
	if path == Default {
		return ""
	}
	if !strings.HasPrefix(path, "/") {
		return "which does not begin with a slash"
	}
	if path != "/" && strings.HasSuffix(path, "/") {
		return "which ends in a slash: API Gateway makes no such route"
	}
	parts := strings.Split(path[1:], "/")
	for i, part := range parts {
		name, isParameter := strings.CutPrefix(part, "{")
		name, closed := strings.CutSuffix(name, "}")
		name, greedy := strings.CutSuffix(name, "+")
		switch {
		case isParameter != closed || strings.ContainsAny(name, "{}+"):
			return "in which " + part + " is neither a word nor a parameter"
		case part == "" && path != "/":
			return "which has an empty part"
		case isParameter && name == "":
			return "in which a parameter has no name"
		case greedy && i < len(parts)-1:
			return "in which more follows on " + part + ", which takes all that follows"
		}
	}
	return ""
}

func (r *resolver) api(out *API, properties *yaml.Node) error {
	var raw struct {
		FailOnWarnings bool                `yaml:"FailOnWarnings"`
		Throttle       Throttle            `yaml:"DefaultRouteSettings"`
		Throttles      map[string]Throttle `yaml:"RouteSettings"`
	}
	if err := r.decode(properties, &raw); err != nil {
		return err
	}
	out.FailOnWarnings = raw.FailOnWarnings
	out.Throttle, out.Throttles = raw.Throttle, raw.Throttles
	if body := get(properties, "DefinitionBody"); body != nil {
		if err := r.definition(body); err != nil {
			return err
		}
	}
	for key := range out.Throttles {
		if !slices.ContainsFunc(r.routes, func(d declared) bool { return d.route.Key() == key }) {
			return r.errorf(properties, "RouteSettings has %s, which is no route: API Gateway refuses that", key)
		}
	}
	cors := get(properties, "CorsConfiguration")
	if cors == nil {
		return nil
	}
	out.CORS = &CORS{}
	return r.decode(cors, out.CORS)
}

// anyMethod is how API Gateway's documents say ANY.
const anyMethod = "x-amazon-apigateway-any-method"

// integration is where a route of a document leads.
type integration struct {
	Default     bool                  `yaml:"isDefaultRoute"`
	Security    []map[string][]string `yaml:"security"`
	Responses   map[string]any        `yaml:"responses"`
	Integration struct {
		Type        string `yaml:"type"`
		Method      string `yaml:"httpMethod"`
		Format      string `yaml:"payloadFormatVersion"`
		Credentials string `yaml:"credentials"`
		URI         string `yaml:"uri"`
	} `yaml:"x-amazon-apigateway-integration"`
}

// invocation is the address by which API Gateway invokes a function.
var invocation = regexp.MustCompile(
	`^arn:aws:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/(\w+)\.Arn/invocations$`,
)

// definition reads the routes of an API from its document. They become those of
// their functions when these are read.
func (r *resolver) definition(body *yaml.Node) error {
	for path, item := range pairs(get(body, "paths")) {
		missing, err := r.undeclared(path.Value, item)
		if err != nil {
			return err
		}
		for method, operation := range pairs(item) {
			if method.Value == "parameters" {
				continue
			}
			var to integration
			if err := r.decode(operation, &to); err != nil {
				return err
			}
			route := Route{strings.ToUpper(method.Value), path.Value}
			if method.Value == anyMethod {
				route.Method = "ANY"
			}
			if to.Default {
				route = Route{Path: strings.TrimPrefix(path.Value, "/")}
			}
			if to.Default != (route.Path == Default) {
				return r.errorf(path, "%s is the default route, and no other is", Default)
			}
			if problem := undeclarable(route.Path); problem != "" {
				return r.errorf(path, "the path %s, %s", route.Path, problem)
			}
			if missing != "" {
				return r.errorf(
					path,
					"%s has the parameter %s, which is not declared: API Gateway warns of that",
					path.Value,
					missing,
				)
			}
			i := to.Integration
			function := invocation.FindStringSubmatch(i.URI)
			if i.Type != "aws_proxy" || i.Method != "POST" || i.Format != "2.0" || function == nil {
				return r.errorf(
					method,
					"%s %s leads to no function: it needs aws_proxy, POST, the format 2.0 and the address of one",
					method.Value,
					path.Value,
				)
			}
			if to.Responses == nil {
				return r.errorf(
					method,
					"%s %s says nothing of responses: API Gateway warns of that, be they none",
					method.Value,
					path.Value,
				)
			}
			if err := r.mayInvoke(
				operation,
				i.Credentials,
				"apigateway.amazonaws.com",
				function[1],
			); err != nil {
				return err
			}
			signed := false
			for _, scheme := range to.Security {
				if _, ok := scheme["AWS_IAM"]; !ok || len(scheme) != 1 {
					return r.errorf(
						method,
						"%s %s has an authorizer that is not understood",
						method.Value,
						path.Value,
					)
				}
				signed = true
			}
			r.routes = append(r.routes, declared{function[1], route, signed, path})
		}
	}
	return nil
}

// undeclared is the first parameter of a path that its item does not declare,
// "" for none.
func (r *resolver) undeclared(path string, item *yaml.Node) (string, error) {
	var parameters []struct {
		Name     string `yaml:"name"`
		In       string `yaml:"in"`
		Required bool   `yaml:"required"`
	}
	if err := r.decode(get(item, "parameters"), &parameters); err != nil {
		return "", err
	}
	declared := map[string]bool{}
	for _, p := range parameters {
		declared[p.Name] = p.In == "path" && p.Required
	}
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(
			part,
			"{",
		); ok &&
			!declared[strings.TrimSuffix(name, "}")] {
			return part, nil
		}
	}
	return "", nil
}

// declared is a route that the API's document has.
type declared struct {
	function string
	route    Route
	signed   bool
	at       *yaml.Node
}

// mayInvoke holds that the role by which a service invokes a function may do
// so.
func (r *resolver) mayInvoke(at *yaml.Node, role, service, function string) error {
	if role == "" {
		return r.errorf(
			at,
			"the integration has no credentials, so that API Gateway may not invoke %s",
			function,
		)
	}
	key := service + " " + role
	if r.invokers[key] == nil {
		statements, err := r.role(
			&yaml.Node{Kind: yaml.ScalarNode, Value: role, Line: at.Line},
			service,
		)
		if err != nil {
			return err
		}
		r.invokers[key] = statements
	}
	if !may(r.invokers[key], "lambda:InvokeFunction", function+".Arn") {
		return r.errorf(at, "%s may not invoke %s", role, function)
	}
	return nil
}
