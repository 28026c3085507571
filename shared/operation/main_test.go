package operation_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/testkit"
)

// When all tests have run, one of them has produced each reason that an entry
// lists.
func TestMain(m *testing.M) {
	code := m.Run()
	whole := flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" &&
		!testing.Short() && flag.Lookup("test.list").Value.String() == ""
	if code == 0 && whole {
		for _, unseen := range testkit.Judge().Unseen(operation.All()) {
			fmt.Println(unseen)
			code = 1
		}
	}
	os.Exit(code)
}
