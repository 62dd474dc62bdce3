//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"slices"
	"testing"

	"github.com/godbus/dbus/v5"
)

func TestPictureFilters(t *testing.T) {
	if got, want := dbus.MakeVariant(pictureFilters()).Signature().String(), "a(sa(us))"; got != want {
		t.Errorf("type of the filters: got %s, want %s", got, want)
	}
}

func TestChosen(t *testing.T) {
	uris := map[string]dbus.Variant{"uris": dbus.MakeVariant([]string{
		"file:///tmp/a%20b+c.txt", "file:///tmp/%C3%A4.png",
		"https://example.org/x",
	})}
	for name, c := range map[string]struct {
		body []any
		want []string
		ok   bool
	}{
		"accepted":   {[]any{uint32(0), uris}, []string{"/tmp/a b+c.txt", "/tmp/ä.png"}, true},
		"cancelled":  {[]any{uint32(1), map[string]dbus.Variant{}}, nil, true},
		"closed":     {[]any{uint32(2), map[string]dbus.Variant{}}, nil, true},
		"ended":      {[]any{uint32(3), map[string]dbus.Variant{}}, nil, false},
		"no files":   {[]any{uint32(0), map[string]dbus.Variant{}}, nil, false},
		"other kind": {[]any{uint32(0), map[string]dbus.Variant{"uris": dbus.MakeVariant(7)}}, nil, false},
		"no answer":  {nil, nil, false},
		"damaged":    {[]any{"x", uris}, nil, false},
	} {
		got, err := chosen(c.body)
		if !slices.Equal(got, c.want) || (err == nil) != c.ok {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, c.want)
		}
	}
}
