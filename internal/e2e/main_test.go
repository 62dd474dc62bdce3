package e2e_test

import (
	"flag"
	"os"
	"testing"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
)

// TestMain fails the run when goroutines are left at its end. In a child process it runs that child's part instead.
func TestMain(m *testing.M) {
	if part := os.Getenv(partVariable); part != "" {
		os.Exit(play(part))
	}
	// The command line overrides these.
	_ = flag.Set("rapid.checks", "5")  // in each of propertyParts; each starts a server and three devices
	_ = flag.Set("test.parallel", "8") // they mostly wait
	os.Exit(leaktest.Main(m))
}
