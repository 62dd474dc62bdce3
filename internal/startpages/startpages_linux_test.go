package startpages

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestUnwritten(t *testing.T) {
	t.Parallel()
	const smaps = `00400000-02a5c000 r-xp 00000000 08:01 1234                               /opt/a b/parley
Size:              39280 kB
Anonymous:             0 kB
02a5c000-03000000 r--p 0265c000 08:01 1234                               /opt/a b/parley
Anonymous:             0 kB
03000000-03010000 r--p 02c00000 08:01 1234                               /opt/a b/parley
Anonymous:            12 kB
03010000-03020000 rw-p 02c10000 08:01 1234                               /opt/a b/parley
Anonymous:             0 kB
7f0000000000-7f0000010000 r-xp 00000000 08:01 99                         /usr/lib/libc.so.6
Anonymous:             0 kB
7f0000010000-7f0000020000 r--p 00000000 00:00 0
Anonymous:             0 kB
`
	got, err := unwritten(strings.NewReader(smaps), "/opt/a b/parley")
	if err != nil {
		t.Fatal(err)
	}
	if want := []mapping{{0x400000, 0x2a5c000}, {0x2a5c000, 0x3000000}}; !reflect.DeepEqual(got, want) {
		t.Errorf("unwritten mappings = %x, want %x", got, want)
	}
}

// The program goes on after its pages were unmapped, from which it runs at that moment, and fewer are mapped.
func TestRelease(t *testing.T) { //nolint:paralleltest // other tests would map pages meanwhile
	before := mapped(t)
	bytes, err := Release()
	if err != nil {
		t.Fatal(err)
	}
	if bytes == 0 {
		t.Error("released 0 bytes, want the text of the program")
	}
	if after := mapped(t); after >= before {
		t.Errorf("mapped pages of files = %d KiB, want less than %d", after, before)
	}
}

// mapped returns the memory of this process that is pages of files, in KiB.
func mapped(t *testing.T) (kib int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(status), "\nRssFile:")
	if _, err := fmt.Sscan(rest, &kib); !ok || err != nil {
		t.Fatalf("RssFile of /proc/self/status: %v, %v", ok, err)
	}
	return kib
}
