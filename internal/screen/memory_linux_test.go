//go:build display

package screen

import "testing"

// TestForeignMemory: memory that the server does not see is noticed.
func TestForeignMemory(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if !s.extension(extMemory) {
		t.Fatal("no shared memory")
	}
	m := newMemory(s.display, 1)
	if m == nil {
		t.Fatal("no shared memory")
	}
	defer m.close()
	foreign := *m
	foreign.bytes = make([]byte, len(m.bytes))
	if err := foreign.probe(); err == nil {
		t.Error("it is not noticed")
	}
}
