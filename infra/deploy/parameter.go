package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Parameters that the commands know by name.
const (
	protection = "TableProtection" // decided by whether the stack exists

	existingTable  = "ExistingTable"
	existingStream = "ExistingStream" // looked up
	existingSecret = "ExistingSecret"

	domainName      = "DomainName"
	certificateArn  = "CertificateArn"
	hostedZoneID    = "HostedZoneId"
	defaultEndpoint = "DefaultEndpoint"
	originDigests   = "OriginDigests"
)

// unasked are parameters that nobody is asked for. Those of a recovery are
// written into samconfig.toml by whoever recovers.
var unasked = []string{protection, existingTable, existingStream, existingSecret}

// declared is what deploying needs of template.yaml.
type declared struct {
	parameters []parameter         // in the order of the file
	ids        map[string][]string // logical ids, by the type of resource
	topics     []string            // ids of those that people subscribe to
	rate       string              // requests a second of the API, or the parameter with it
}

// parameter is a parameter of the template, with what CloudFormation holds its
// value to.
type parameter struct {
	name string
	parameterFacts
}

type parameterFacts struct {
	Type        string   `yaml:"Type"`
	Default     *string  `yaml:"Default"`
	Description string   `yaml:"Description"`
	Pattern     string   `yaml:"AllowedPattern"`
	Allowed     []string `yaml:"AllowedValues"`
	Constraint  string   `yaml:"ConstraintDescription"`
	Least       *float64 `yaml:"MinValue"`
	Most        *float64 `yaml:"MaxValue"`
	Shortest    *int     `yaml:"MinLength"`
	Longest     *int     `yaml:"MaxLength"`
	NoEcho      bool     `yaml:"NoEcho"`
}

// readTemplate reads a template. A property of a parameter that is not
// understood is an error: its rule would not be checked.
func readTemplate(file string) (declared, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return declared{}, err
	}
	var whole struct {
		Parameters yaml.Node `yaml:"Parameters"`
		Resources  map[string]struct {
			Type       string    `yaml:"Type"`
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &whole); err != nil {
		return declared{}, fmt.Errorf("%s: %w", file, err)
	}
	out := declared{ids: map[string][]string{}}
	for i := 0; i+1 < len(whole.Parameters.Content); i += 2 {
		p := parameter{name: whole.Parameters.Content[i].Value}
		raw, err := yaml.Marshal(whole.Parameters.Content[i+1])
		if err != nil {
			return declared{}, err
		}
		strict := yaml.NewDecoder(strings.NewReader(string(raw)))
		strict.KnownFields(true)
		if err := strict.Decode(&p.parameterFacts); err != nil {
			return declared{}, fmt.Errorf("%s: the parameter %s: %w", file, p.name, err)
		}
		if _, err := regexp.Compile(p.Pattern); err != nil {
			return declared{}, fmt.Errorf("%s: the parameter %s: %w", file, p.name, err)
		}
		out.parameters = append(out.parameters, p)
	}
	for id, resource := range whole.Resources {
		out.ids[resource.Type] = append(out.ids[resource.Type], id)
		var facts struct {
			Settings struct {
				Rate string `yaml:"ThrottlingRateLimit"`
			} `yaml:"DefaultRouteSettings"`
			Subscription []any `yaml:"Subscription"`
		}
		switch resource.Type {
		case "AWS::Serverless::HttpApi", "AWS::SNS::Topic":
			if err := resource.Properties.Decode(&facts); err != nil {
				return declared{}, fmt.Errorf("%s: %s: %w", file, id, err)
			}
		}
		if facts.Settings.Rate != "" {
			out.rate = facts.Settings.Rate
		}
		if len(facts.Subscription) > 0 {
			out.topics = append(out.topics, id)
		}
	}
	slices.Sort(out.topics)
	for _, ids := range out.ids {
		slices.Sort(ids)
	}
	return out, nil
}

// find returns the parameter with a name.
func (d declared) find(name string) (parameter, bool) {
	i := slices.IndexFunc(d.parameters, func(p parameter) bool { return p.name == name })
	if i < 0 {
		return parameter{}, false
	}
	return d.parameters[i], true
}

// check returns why CloudFormation would refuse a value, as an error that says
// what would be right.
func (p parameter) check(value string) error {
	if p.Type == "Number" {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || p.Least != nil && n < *p.Least || p.Most != nil && n > *p.Most {
			return fmt.Errorf("%q is no number%s", value, p.between())
		}
	}
	n := utf8.RuneCountInString(value)
	switch {
	case len(p.Allowed) > 0 && !slices.Contains(p.Allowed, value):
		return fmt.Errorf("%q is none of %s", value, strings.Join(p.Allowed, ", "))
	case p.Pattern != "" && !regexp.MustCompile(`^(?:`+p.Pattern+`)$`).MatchString(value):
		if p.Constraint != "" {
			return fmt.Errorf("%q does not fit: %s", value, p.Constraint)
		}
		return fmt.Errorf("%q does not have the form %s", value, p.Pattern)
	case p.Shortest != nil && n < *p.Shortest:
		return fmt.Errorf("%q has less than %d characters", value, *p.Shortest)
	case p.Longest != nil && n > *p.Longest:
		return fmt.Errorf("%q has more than %d characters", value, *p.Longest)
	case strings.ContainsAny(value, "\"\\\n\r\t "):
		return fmt.Errorf("%q has a blank, a quotation mark or a backslash", value)
	}
	return nil
}

func (p parameter) between() string {
	var b strings.Builder
	if p.Least != nil {
		fmt.Fprintf(&b, " of at least %v", *p.Least)
	}
	if p.Most != nil {
		fmt.Fprintf(&b, " of at most %v", *p.Most)
	}
	return b.String()
}
