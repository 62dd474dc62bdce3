//go:build !unix

package sfu

import (
	"os"
	"testing"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }
