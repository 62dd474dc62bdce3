package library_test

import (
	"runtime"
	"testing"

	"github.com/parley-chat/parley/internal/library"
)

// TestLoad_memory: what is as large as a frame is mapped for itself, and so is gone when it is freed, also after
// something larger was freed.
func TestLoad_memory(t *testing.T) {
	t.Parallel()
	c, err := library.C()
	if err != nil {
		t.Fatal(err)
	}
	var gnu func() uintptr
	if runtime.GOOS != "linux" || c.Register(map[string]any{"gnu_get_libc_version": &gnu}) != nil {
		t.Log("this is not the GNU library")
		return
	}
	if _, err := library.Load(library.Names{Unix: []string{"libc.so.6"}}, nil); err != nil {
		t.Fatal(err)
	}
	var malloc func(size uintptr) uintptr
	var free func(memory uintptr)
	if err := c.Register(map[string]any{"malloc": &malloc, "free": &free}); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		free(malloc(8 << 20))
		const page, header = 4096, 16
		memory := malloc(460 << 10)
		if memory%page != header { // as the library lays out what is mapped
			t.Errorf("memory at %#x is not mapped for itself", memory)
		}
		free(memory)
	}
}
