package library_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/library"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	none := []string{"parley-has-no-such-library.so"}
	if _, err := library.Open(library.Names{Unix: none, Darwin: none, Windows: none}); err == nil {
		t.Error("a library that does not exist was loaded")
	}
	if _, err := library.Open(library.Names{}); err == nil {
		t.Error("a library without a name was loaded")
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	c, err := library.C()
	if err != nil {
		t.Fatal(err)
	}
	var abs func(int32) int32
	if err := c.Register(map[string]any{"abs": &abs}); err != nil || abs(-7) != 7 {
		t.Errorf("abs: %v", err)
	}
	var none func()
	if err := c.Register(map[string]any{"parley_has_no_such_function": &none}); err == nil {
		t.Error("a function that does not exist was registered")
	}
	if _, err := c.Control("parley_has_no_such_function"); err == nil {
		t.Error("a function that does not exist was registered")
	}
}
