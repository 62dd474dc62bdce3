// Package librarytest helps the tests of what needs a library of the system.
package librarytest

import (
	"errors"
	"os"
	"testing"
)

// needVariable is set where all libraries are installed, as in CI.
const needVariable = "PARLEY_NEED_LIBS"

// Missing reports whether err is that of a missing library, which is right on a machine without it. Another error, and
// a missing library where PARLEY_NEED_LIBS is set, fail the test.
func Missing(t testing.TB, err, missing error) bool {
	t.Helper()
	switch {
	case err == nil:
		return false
	case !errors.Is(err, missing) || os.Getenv(needVariable) != "":
		t.Fatal(err)
	}
	t.Log(err)
	return true
}
