package desktop

import (
	"runtime"
	"slices"
	"testing"
)

func TestFilesOf(t *testing.T) {
	for name, c := range map[string]struct {
		list string
		want []string
	}{
		"one":               {"file:///home/a/b.png\r\n", []string{"/home/a/b.png"}},
		"order":             {"file:///b\nfile:///a\n", []string{"/b", "/a"}},
		"comments":          {"# copied\r\nfile:///a\r\n", []string{"/a"}},
		"what to do":        {"copy\nfile:///a\nfile:///b", []string{"/a", "/b"}},
		"escaped":           {"file:///a%20b/%C3%A9%23.txt", []string{"/a b/é#.txt"}},
		"with a host":       {"file://localhost/a", []string{"/a"}},
		"another host":      {"file://elsewhere/a", nil},
		"not files":         {"https://example.org/a.png\nabout:blank\n/plain/path", nil},
		"zero byte":         {"file:///a%00b", nil},
		"not to be read":    {"file:///a%zz", nil},
		"up and down":       {"file:///a/../b", []string{"/b"}},
		"nothing":           {"", nil},
		"the folder itself": {"file:///", []string{"/"}},
	} {
		t.Run(name, func(t *testing.T) {
			want := c.want
			if runtime.GOOS == "windows" {
				want = nil
				for _, path := range c.want {
					want = append(want, filesOf("file:///"+path)...)
				}
			}
			if got := filesOf(c.list); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func FuzzFilesOf(f *testing.F) {
	f.Add("copy\nfile:///a%20b\r\n#x\nfile://h/y")
	f.Fuzz(func(t *testing.T, list string) {
		for _, path := range filesOf(list) {
			if path == "" || slices.Contains([]byte(path), 0) {
				t.Errorf("%q gives %q", list, path)
			}
		}
	})
}
