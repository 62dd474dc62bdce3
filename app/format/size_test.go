package format_test

import (
	"testing"

	"github.com/parley-chat/parley/app/format"
)

const mega = 1000 * 1000

func TestSize(t *testing.T) {
	sizes := map[int64]string{
		-1: "", 0: "", 1: "1 B", 999: "999 B", 1000: "1 kB", 1234: "1.2 kB", 9949: "9.9 kB", 9950: "10 kB", 999_499: "999 kB",
		999_500: "1 MB", 24 * mega: "24 MB", 3_200_000: "3.2 MB", 1_500_000_000: "1.5 GB", 4 << 40: "4398 GB",
	}
	for bytes, words := range sizes {
		if got := format.Size(bytes); got != words {
			t.Errorf("size: got %q, want %q", got, words)
		}
	}
	parts := []struct {
		done, total int64
		want        string
	}{
		{3_200_000, 24 * mega, "3.2 of 24 MB"},
		{3_299_999, 24 * mega, "3.2 of 24 MB"},
		{12 * mega, 24 * mega, "12.0 of 24 MB"},
		{0, 24 * mega, "0 of 24 MB"},
		{12, 500, "12 of 500 B"},
		{0, 0, "0 of 0 B"},
		{120 * mega, 240 * mega, "120 of 240 MB"},
		{40 * mega, 4300 * mega, "0.04 of 4.3 GB"},
		{4299 * mega, 4300 * mega, "4.29 of 4.3 GB"},
		{1500, 2000, "1.5 of 2 kB"},
	}
	for _, p := range parts {
		if got := format.Part(p.done, p.total); got != p.want {
			t.Errorf("part: got %q, want %q", got, p.want)
		}
	}
}
