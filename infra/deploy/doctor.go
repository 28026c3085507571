package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// doctor prints what is right and wrong with the tools and the account, and,
// once it is deployed, with the stack of an environment. Without the name of
// one it checks what does not depend on it. The error is that something is
// wrong.
func (d deployment) doctor(ctx context.Context, name string) error {
	r := &report{out: d.out}
	var e environment
	if name != "" {
		if err := checkName(name); err != nil {
			return err
		}
		known := false
		var err error
		if e, known, err = d.config.get(name); err != nil {
			return err
		}
		if !known {
			return fmt.Errorf(
				"samconfig.toml has no environment %s: make deploy ENV=%s asks for it; make doctor alone checks the account", name, name)
		}
	}
	d.tools(ctx, r)
	if e.region == "" {
		e.region = currentRegion(ctx)
	}
	aws := cloud{e.region}
	if !d.identity(ctx, r, aws) {
		r.unchecked("account and stack", "they need credentials and a region")
	} else {
		d.looks(ctx, r, aws, e)
	}
	if r.wrong > 0 {
		return fmt.Errorf("%d of the checks found something wrong", r.wrong)
	}
	return nil
}

// looks checks the account, and the stack if it is there.
func (d deployment) looks(ctx context.Context, r *report, aws cloud, e environment) {
	if e.stack == "" {
		d.account(ctx, r, aws, e, true)
		r.unchecked("stack", "name its environment: make doctor ENV=prod")
		return
	}
	now, err := aws.stackOf(ctx, e.stack)
	d.account(ctx, r, aws, e, err == nil && now.Status == "")
	switch {
	case r.failed("stack", err):
	case now.Status == "":
		r.unchecked("stack", "it is not deployed yet")
	default:
		d.deployed(ctx, r, aws, e, now)
	}
}

var versionNumber = regexp.MustCompile(`\d+\.\d+(\.\d+)*`)

// tools checks the programs that deploying needs.
func (d deployment) tools(ctx context.Context, r *report) {
	need := exec.CommandContext(ctx, "sh", "infra/need/need.sh", "go", "node")
	need.Dir = d.folder
	if said, err := need.CombinedOutput(); err != nil {
		r.isWrong("Go and Node.js", "%s", strings.TrimSpace(string(said)))
	} else {
		r.ok("Go and Node.js", "their versions will do")
	}
	for _, tool := range []struct{ name, where string }{
		{"aws", "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"},
		{"sam", "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html"},
	} {
		cmd := exec.CommandContext(ctx, tool.name, "--version")
		cmd.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0")
		said, err := cmd.CombinedOutput()
		version := versionNumber.FindString(string(said))
		if err != nil || version == "" {
			r.isWrong(tool.name, "it is not in the PATH, or does not say its version: %s", tool.where)
			continue
		}
		// The transform runs in AWS, so the version of sam is hardly important;
		// version 0 knows neither --config-env nor resolve_s3.
		major, _, _ := strings.Cut(version, ".")
		r.must(major != "0", tool.name, "version "+version, "install version 1 or later: "+tool.where)
	}
}

// identity checks whom AWS takes the caller for. Nothing else can be checked
// without that.
func (d deployment) identity(ctx context.Context, r *report, aws cloud) bool {
	r.must(regionName.MatchString(aws.region), "region", fmt.Sprintf("%q", aws.region),
		"set AWS_REGION, or run make deploy ENV=name, which asks for it")
	var who struct{ Account, Arn string }
	if err := aws.ask(ctx, &who, "sts", "get-caller-identity"); err != nil {
		r.isWrong("credentials", "%v: run aws configure or aws sso login, or set AWS_PROFILE", err)
		return false
	}
	r.ok("credentials", "%s", who.Arn)
	return regionName.MatchString(aws.region)
}
