// Command parleyd is the Parley server and its administration.
//
//	parleyd serve --addr :8443
//	parleyd user add alice --name "Alice Martin"
//	parleyd token new alice --label laptop
//
// parleyd help lists everything.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes.
const (
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	switch {
	case err == nil:
	case errors.Is(err, errUsage):
		os.Exit(exitUsage)
	default:
		_, _ = fmt.Fprintf(os.Stderr, "parleyd: %v\n", err)
		os.Exit(exitFailure)
	}
}
