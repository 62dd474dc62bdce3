package goroutine_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/goroutine"
)

func TestNumber(t *testing.T) {
	here := goroutine.Number()
	if here == 0 || goroutine.Number() != here {
		t.Errorf("got %d, then %d", here, goroutine.Number())
	}
	there := make(chan uint64)
	go func() { there <- goroutine.Number() }()
	if n := <-there; n == here || n == 0 {
		t.Errorf("another goroutine has %d, this one %d", n, here)
	}
}
