package runtimeapi

import (
	"path/filepath"
	"strconv"
)

// The values that Lambda uses for a function that does not set them.
const (
	defaultMemoryMB = 128
	defaultRegion   = "us-east-1"
	accountID       = "000000000000"
)

// environment is what Lambda sets for a function on provided.al2023, with the
// function's own variables over it. Nothing of this process's environment is in
// it.
func environment(o Options, address string) []string {
	variables := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          address,
		"AWS_LAMBDA_FUNCTION_NAME":        o.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(o.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + o.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "2030/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
		"AWS_REGION":                      defaultRegion,
		"AWS_DEFAULT_REGION":              defaultRegion,
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"LAMBDA_TASK_ROOT":                filepath.Dir(o.Program),
		"_HANDLER":                        "bootstrap",
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"TZ":                              ":UTC",
	}
	for name, value := range o.Environment {
		variables[name] = value
	}
	var out []string
	for name, value := range variables {
		out = append(out, name+"="+value)
	}
	return out
}
