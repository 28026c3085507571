package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// config is samconfig.toml, of which a part is read and written: a section
// [NAME.deploy.parameters] for each environment. Other lines stay as they are.
type config struct {
	file  string
	lines []string
}

// environment is what the section of an environment says.
type environment struct {
	stack, region string
	bucket        string // for what is uploaded; "" for that of sam
	parameters    map[string]string
}

var (
	environmentName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)
	tomlKey         = regexp.MustCompile(`^([a-z0-9_]+)\s*=\s*(.*)$`)
	override        = regexp.MustCompile(`^([A-Za-z0-9]+)=("[^"\\]*"|[^\s"\\]*)(?:\s+|$)`)
	regionName      = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
	stackName       = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)
)

// checkName returns why an environment cannot have a name.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("say which environment: ENV=prod")
	case !environmentName.MatchString(name):
		return fmt.Errorf(
			"ENV is %q: it must be small letters, digits and -, such as prod", name)
	}
	return nil
}

// readConfig reads the file; one that does not exist is empty.
func readConfig(file string) (*config, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &config{file: file, lines: []string{"version = 0.1"}}, nil
	}
	if err != nil {
		return nil, err
	}
	return &config{file, strings.Split(strings.TrimRight(string(text), "\n"), "\n")}, nil
}

func header(name string) string { return "[" + name + ".deploy.parameters]" }

// section is where the lines of an environment begin and end, without their
// header. ok is false when there is none.
func (c *config) section(name string) (from, to int, ok bool) {
	from = 1 + slices.IndexFunc(c.lines, func(line string) bool {
		return strings.TrimSpace(line) == header(name)
	})
	if from == 0 {
		return 0, 0, false
	}
	for to = from; to < len(c.lines); to++ {
		if strings.HasPrefix(strings.TrimSpace(c.lines[to]), "[") {
			break
		}
	}
	return from, to, true
}

// get reads an environment. ok is false when there is none. The error names the
// line that is not understood.
func (c *config) get(name string) (e environment, ok bool, err error) {
	from, to, ok := c.section(name)
	if !ok {
		return environment{}, false, nil
	}
	for i, line := range c.lines[from:to] {
		m := tomlKey.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue // an empty line, or a comment
		}
		wrong := func(why string) error {
			return fmt.Errorf("%s:%d: %s: %s", filepath.Base(c.file), from+i+1, m[1], why)
		}
		switch m[1] {
		case "stack_name", "region", "parameter_overrides", "s3_bucket":
		default:
			continue // for sam alone
		}
		text, err := strconv.Unquote(m[2])
		if err != nil || m[2][0] != '"' {
			return environment{}, false, wrong("expected a text in quotation marks, on one line")
		}
		switch m[1] {
		case "stack_name":
			e.stack = text
		case "region":
			e.region = text
		case "s3_bucket":
			e.bucket = text
		default:
			if e.parameters, err = parseOverrides(text); err != nil {
				return environment{}, false, wrong(err.Error())
			}
		}
	}
	if !stackName.MatchString(e.stack) || !regionName.MatchString(e.region) {
		return environment{}, false, fmt.Errorf(
			"%s: %s needs a stack_name and a region, and has %q and %q",
			filepath.Base(c.file), header(name), e.stack, e.region)
	}
	return e, true, nil
}

// parseOverrides reads parameters as sam writes them: Name="value" Name=value.
func parseOverrides(text string) (map[string]string, error) {
	out := map[string]string{}
	for rest := strings.TrimSpace(text); rest != ""; {
		m := override.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("expected Name=\"value\", came %q", rest)
		}
		if _, twice := out[m[1]]; twice {
			return nil, fmt.Errorf("%s is there twice", m[1])
		}
		out[m[1]] = strings.Trim(m[2], `"`)
		rest = rest[len(m[0]):]
	}
	return out, nil
}

// put writes an environment, with its parameters in the order of the template.
// Other lines of its section stay.
func (c *config) put(name string, e environment, order []parameter) error {
	var overrides []string
	for _, p := range order {
		if value, ok := e.parameters[p.name]; ok {
			overrides = append(overrides, fmt.Sprintf("%s=%q", p.name, value))
		}
	}
	line := "parameter_overrides = " + strconv.Quote(strings.Join(overrides, " "))
	if from, to, ok := c.section(name); ok {
		i := slices.IndexFunc(c.lines[from:to], func(l string) bool {
			return strings.HasPrefix(strings.TrimSpace(l), "parameter_overrides")
		})
		if i >= 0 {
			c.lines[from+i] = line
		} else {
			c.lines = slices.Insert(c.lines, from, line)
		}
	} else {
		c.lines = append(c.lines,
			"",
			header(name),
			"stack_name = "+strconv.Quote(e.stack),
			"region = "+strconv.Quote(e.region),
			"s3_prefix = "+strconv.Quote(e.stack),
			"resolve_s3 = true",
			`capabilities = "CAPABILITY_IAM"`,
			"confirm_changeset = false",
			"fail_on_empty_changeset = false",
			line,
		)
	}
	return os.WriteFile(c.file, []byte(strings.Join(c.lines, "\n")+"\n"), 0o644)
}
