package bus_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/bus/bustest"
)

func TestLocal(t *testing.T) {
	t.Parallel()
	nodes := make(map[*testing.T]*bus.Local)
	bustest.Run(t, func(t *testing.T) bus.Bus {
		t.Helper()
		if nodes[t] == nil {
			nodes[t] = &bus.Local{}
		}
		n := nodes[t].Join()
		t.Cleanup(func() {
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		})
		return n
	})
}
