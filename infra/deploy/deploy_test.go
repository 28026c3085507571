package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A test runs this program as a child, with other programs in its PATH.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_DEPLOY") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// account is a double of an AWS account. The program aws answers from files,
// and refuses requests without a file, as AWS refuses them. The program sam
// makes the stack.
type account struct {
	*testing.T
	folder string // the folder of template.yaml
	bin    string // the PATH of the child
}

const awsDouble = `#!/bin/sh
echo "aws $*" >> calls
[ "$1" = --version ] && { echo "aws-cli/2.27.0 Python/3.13.3"; exit; }
name=$1-$2
[ "$2" = get-email-identity ] && name=$name-$4
[ "$name" = cloudformation-execute-change-set ] && [ -e after ] && cp after answers/cloudformation-describe-stacks
[ -e answers/$name.error ] && { cat answers/$name.error >&2; exit 254; }
[ -e answers/$name ] && exec cat answers/$name
case $name in
cloudformation-describe-stacks) echo "
An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id $4 does not exist" >&2 ;;
sesv2-get-email-identity-*) echo "
An error occurred (NotFoundException) when calling the GetEmailIdentity operation: Email identity $4 does not exist." >&2 ;;
*) echo "
An error occurred (AccessDeniedException) when calling the Asked operation: not authorized" >&2 ;;
esac
exit 254
`

const samDouble = `#!/bin/sh
[ "$1" = --version ] && { echo "SAM CLI, version 1.170.0"; exit; }
echo "sam $*" >> calls
grep -o 'TableProtection=[^ ]*' samconfig.toml >> calls
[ "$1" = package ] && { while [ "$1" != --output-template-file ]; do shift; done; echo "CodeUri: s3://packages/x" > "$2"; exit; }
[ -e sam-fails ] && { echo "the stack failed" >&2; exit 1; }
printf '%s' '{"Stacks":[{"StackStatus":"CREATE_COMPLETE","Outputs":[{"OutputKey":"ApiUrl","OutputValue":"https://a1.example"}]}]}' > answers/cloudformation-describe-stacks
`

const prod = `version = 0.1

[prod.deploy.parameters]
stack_name = "profiles-prod"
region = "eu-central-1"
resolve_s3 = true
parameter_overrides = "SenderAddress=\"no-reply@example.com\" SupportAddress=\"help@example.com\""
`

func newAccount(t *testing.T) account {
	t.Helper()
	a := account{t, t.TempDir(), t.TempDir()}
	root, err := filepath.Abs("../..")
	a.must(err)
	for _, name := range []string{"template.yaml", "infra", "go.mod"} {
		a.must(os.Symlink(filepath.Join(root, name), filepath.Join(a.folder, name)))
	}
	a.must(os.Mkdir(filepath.Join(a.folder, "answers"), 0o755))
	a.write("samconfig.toml", prod)
	a.program("aws", awsDouble)
	a.program("sam", samDouble)
	a.program("go", "#!/bin/sh\necho go version go1.99.0 linux/amd64\n")
	a.program("node", "#!/bin/sh\necho v24.0.0\n")
	a.program("npm", "#!/bin/sh\n")
	return a
}

func (a account) must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// program writes a program by another process. If this process had it open for
// writing while a parallel test starts a child, it could not be run yet.
func (a account) program(name, text string) {
	a.Helper()
	install := exec.Command("install", "-m", "700", "/dev/stdin", filepath.Join(a.bin, name))
	install.Stdin = strings.NewReader(text)
	a.must(install.Run())
}

func (a account) write(name, text string) {
	a.Helper()
	a.must(os.WriteFile(filepath.Join(a.folder, name), []byte(text), 0o644))
}

func (a account) read(name string) string {
	a.Helper()
	text, err := os.ReadFile(filepath.Join(a.folder, name))
	if os.IsNotExist(err) {
		return ""
	}
	a.must(err)
	return string(text)
}

// stack makes the stack exist, in a state.
func (a account) stack(status string) {
	a.write("answers/cloudformation-describe-stacks", fmt.Sprintf(
		`{"Stacks":[{"StackStatus":%q,"Outputs":[{"OutputKey":"ApiUrl","OutputValue":"https://a1.example"}]}]}`, status))
}

// run runs the program, and returns its output and whether it ended with
// success.
func (a account) run(arguments ...string) (string, bool) {
	a.Helper()
	return a.child(nil, arguments)
}

// with runs the program with more variables.
func (a account) with(variables ...string) (string, bool) {
	a.Helper()
	return a.child(variables, nil)
}

func (a account) child(variables, arguments []string) (string, bool) {
	a.Helper()
	self, err := os.Executable()
	a.must(err)
	cmd := exec.Command(self, arguments...)
	cmd.Dir = a.folder
	cmd.Env = []string{"RUN_DEPLOY=1", "ENV=prod", "HOME=" + a.folder,
		"PATH=" + a.bin + string(filepath.ListSeparator) + os.Getenv("PATH")}
	cmd.Env = append(cmd.Env, variables...)
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

var change = regexp.MustCompile(`delete-stack|stack-delete-complete|sam deploy|sam package|execute-change-set|TableProtection=\\"(on|off)`)

// called are the calls that change something, and the protection of the table
// in samconfig.toml at that time.
func (a account) called() []string { return change.FindAllString(a.read("calls"), -1) }

func TestDeploy(t *testing.T) {
	t.Parallel()
	off, on := `TableProtection=\"off`, `TableProtection=\"on`
	for name, c := range map[string]struct {
		status string // of the stack; "" for none
		fails  bool   // sam
		want   []string
		said   string
		bad    bool
	}{
		"the first": {
			want: []string{"sam deploy", off, "sam deploy", on},
			said: "make smoke API_URL=https://a1.example",
		},
		"a later one": {
			status: "UPDATE_COMPLETE", want: []string{"sam package", on, "execute-change-set"},
			said: "make smoke API_URL=https://a1.example",
		},
		"after one that went back": {
			status: "UPDATE_ROLLBACK_COMPLETE", want: []string{"sam package", on, "execute-change-set"},
		},
		"after one that was looked at": {
			status: "REVIEW_IN_PROGRESS", want: []string{"sam deploy", off, "sam deploy", on},
		},
		"after a first one that failed": {
			status: "ROLLBACK_COMPLETE",
			want:   []string{"delete-stack", "stack-delete-complete", "sam deploy", off, "sam deploy", on},
		},
		"beside another one":  {status: "UPDATE_IN_PROGRESS", said: "profiles-prod is UPDATE_IN_PROGRESS: wait", bad: true},
		"of a broken stack":   {status: "DELETE_FAILED", said: "put it right with CloudFormation", bad: true},
		"the first one fails": {fails: true, want: []string{"sam deploy", off}, said: "sam deploy: exit status 1", bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			if c.status != "" {
				a.stack(c.status)
			}
			if c.fails {
				a.write("sam-fails", "")
			}
			a.write("answers/cloudformation-delete-stack", "{}")
			a.write("answers/cloudformation-wait", "{}")
			a.updates("OK")
			said, ok := a.run()
			if got := a.called(); !slices.Equal(got, c.want) || ok == c.bad ||
				!strings.Contains(said, c.said) {
				t.Errorf("ok is %v, got %q, want %q; said %s", ok, got, c.want, said)
			}
			if calls := a.read("calls"); strings.Contains(calls, "sam deploy") && !strings.Contains(calls, "--config-env prod ") {
				t.Errorf("sam is not told the environment: %s", calls)
			}
		})
	}
}

func TestDeployRefuses(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.write("samconfig.toml", strings.ReplaceAll(prod, "prod", "test"))
	if said, ok := a.run(); ok || !strings.Contains(said, "no environment prod") {
		t.Errorf("ok is %v, said %s", ok, said)
	}
	if said, ok := a.run("ask"); ok || !strings.Contains(said, "no terminal to ask at") {
		t.Errorf("ok is %v, said %s", ok, said)
	}
	if calls := a.read("calls"); strings.Contains(calls, "sam") {
		t.Errorf("got %s, want no deployment", calls)
	}
}

// asked has a person answer the questions, and returns the text that was
// written.
func asked(t *testing.T, before, answers string) (text, said string, isNew bool, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "samconfig.toml")
	if before != "" {
		if err := os.WriteFile(file, []byte(before), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := readConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	var person *bufio.Scanner
	if answers != "" {
		person = bufio.NewScanner(strings.NewReader(answers))
	}
	isNew, err = deployment{declared: real(t), config: c, out: &out}.ask("prod", person, "eu-west-1")
	raw, _ := os.ReadFile(file)
	return string(raw), out.String(), isNew, err
}

// real is the template of the project.
func real(t *testing.T) declared {
	t.Helper()
	d, err := readTemplate("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// enough is an answer (Enter) to more questions than there are.
var enough = strings.Repeat("\n", 100)

// Every answer is checked against its rule, and asked for again if it is wrong.
func TestAsk(t *testing.T) {
	t.Parallel()
	text, said, isNew, err := asked(t, "", "my stack\nmine\nmoon\n\nnobody\nNo Body <a@b.c>\na@example.com\n\nhelp@example.com\n"+enough)
	if err != nil || !isNew {
		t.Fatalf("new: %v, %v; said %s", isNew, err, said)
	}
	for _, part := range []string{
		`"my stack" is not letters, digits and -`, `"moon" is not the name of a region`, `Region [eu-west-1]: `,
		`"nobody" does not have the form`, `"No Body <a@b.c>" does not have the form`, `"" does not have the form`,
		`TransferPolicy [support]: `,
	} {
		if !strings.Contains(said, part) {
			t.Errorf("said %s, want %s", said, part)
		}
	}
	c := &config{"samconfig.toml", strings.Split(text, "\n")}
	e, ok, err := c.get("prod")
	if err != nil || !ok || e.stack != "mine" || e.region != "eu-west-1" {
		t.Errorf("got %+v, %v, %v", e, ok, err)
	}
	for name, want := range map[string]string{
		"SenderAddress": "a@example.com", "SupportAddress": "help@example.com",
		"ConsoleUrl": "", "LogRetentionDays": "30", "TransferPolicy": "support",
	} {
		if got, ok := e.parameters[name]; !ok || got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, ok := e.parameters[protection]; ok || strings.Contains(said, protection) {
		t.Errorf("a person is asked for %s", protection)
	}
	// All answers are known then. Nobody is asked, and nothing is written.
	again, said, isNew, err := asked(t, text, "")
	if err != nil || isNew || said != "" || again != text {
		t.Errorf("got %v, %v; said %q", isNew, err, said)
	}
}

func TestAskRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, answers, want string }{
		"nobody answers":            {"", "mine\n", "Region has no answer: nothing was written"},
		"nobody is there":           {"", "", "no terminal to ask at"},
		"a value that does not fit": {strings.Replace(prod, "help@", "help", 1), "", `SupportAddress: "helpexample.com" does not have the form`},
		"another one":               {strings.Replace(prod, `com\""`, `com\" ConsoleUrl=nowhere"`, 1), "", `ConsoleUrl: "nowhere" does not have the form`},
		"a missing value":           {strings.Replace(prod, ` SupportAddress=\"help@example.com\"`, "", 1), "", "lacks SupportAddress, and there is no terminal"},
		"an unknown parameter":      {strings.Replace(prod, `com\""`, `com\" Other=1"`, 1), "", "sets Other, which template.yaml does not have"},
		"no text":                   {strings.Replace(prod, `"profiles-prod"`, "profiles", 1), "", "samconfig.toml:4: stack_name: expected a text"},
		"no parameter":              {strings.Replace(prod, "SenderAddress=", "Sender Address=", 1), "", "samconfig.toml:7: parameter_overrides: expected Name="},
		"a parameter twice":         {strings.Replace(prod, "SupportAddress", "SenderAddress", 1), "", "SenderAddress is there twice"},
		"no region":                 {strings.Replace(prod, `region = "eu-central-1"`, "", 1), "", "needs a stack_name and a region"},
	} {
		text, _, _, err := asked(t, c.before, c.answers)
		if err == nil || !strings.Contains(err.Error(), c.want) || text != c.before {
			t.Errorf("%s: got %v, want %q; written: %v", name, err, c.want, text != c.before)
		}
	}
	for _, name := range []string{"", "Prod", "a b", "-a", "../a", "a]"} {
		if checkName(name) == nil {
			t.Errorf("%q is the name of an environment", name)
		}
	}
}

// A new parameter takes its default, and the rest of the file stays.
func TestTheFileStays(t *testing.T) {
	t.Parallel()
	before := "# ours\n" + prod + "\n# by hand\n[test.deploy.parameters]\nstack_name = \"other\"\n\n[prod.logs.parameters]\ntail = true\n"
	text, _, _, err := asked(t, before, "")
	if err != nil || !strings.Contains(text, `LogRetentionDays=\"30\"`) {
		t.Fatalf("got %v, %s", err, text)
	}
	var kept []string
	for _, line := range strings.Split(before, "\n") {
		if !strings.HasPrefix(line, "parameter_overrides") {
			kept = append(kept, line)
		}
	}
	got := slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool {
		return strings.HasPrefix(l, "parameter_overrides")
	})
	if !slices.Equal(got, kept) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(kept, "\n"))
	}
}
