package link_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/parley-chat/parley/app/link"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]link.Link{
		"parley:chat/bob":                        {Kind: link.Chat, Value: "bob"},
		"PARLEY:chat/Bob%40example.org":          {Kind: link.Chat, Value: "Bob@example.org"},
		"parley:chat/j%C3%BCrgen%20m":            {Kind: link.Chat, Value: "jürgen m"},
		"parley:group/ABCD-efgh-2345":            {Kind: link.Group, Value: "ABCD-efgh-2345"},
		"parley:join/parley1_AQ_-z9":             {Kind: link.Join, Value: "parley1_AQ_-z9"},
		"":                                       {},
		"parley:":                                {},
		"parley:chat":                            {},
		"parley:chat/":                           {},
		"parley://chat/bob":                      {},
		"parley:chat/bob/more":                   {},
		"parley:chat/bob?send=1":                 {},
		"parley:chat/bob#x":                      {},
		"parley:Chat/bob":                        {},
		"parley:call/bob":                        {},
		"http:chat/bob":                          {},
		"xparley:chat/bob":                       {},
		"parley:chat/%zz":                        {},
		"parley:chat/%00":                        {},
		"parley:chat/%0Abob":                     {},
		"parley:chat/%20bob":                     {},
		"parley:chat/%FF":                        {},
		"parley:chat/%E2%80%AEbob":               {}, // turns the direction
		"parley:chat/bob%E2%80%8B":               {}, // cannot be seen
		"parley:group/AB%20CD":                   {},
		"parley:group/..%2F..":                   {},
		"parley:join/hello":                      {},
		"parley:join/parley1_":                   {},
		"parley:join/parleyinvite1_":             {},
		"parley:join/parleyinvite1_AQ":           {Kind: link.Join, Value: "parleyinvite1_AQ"},
		"parley:join/parley1_a%26b":              {},
		"parley:chat/" + strings.Repeat("x", 64): {},
		"parley:join/parley1_" + strings.Repeat("x", 2000): {},
		"parley:chat/" + strings.Repeat("%41", 5000):       {},
	} {
		got, err := link.Parse(text)
		if got != want || (err == nil) != (want != link.Link{}) || err != nil && !errors.Is(err, link.ErrLink) {
			t.Errorf("%.60q: got %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"parley:chat/bob", "parley:group/ABCD", "parley:join/parley1_x", "parley:chat/%C3%BC"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := link.Parse(text)
		if err != nil {
			if l != (link.Link{}) {
				t.Errorf("%q: got %+v with an error", text, l)
			}
			return
		}
		if l.Value == "" || !utf8.ValidString(l.Value) || strings.ContainsAny(l.Value, "\x00\n\r\u202E") || !link.Is(text) {
			t.Errorf("%q: got %+v", text, l)
		}
		if again, err := link.Parse(l.String()); err != nil || again != l {
			t.Errorf("%q, written as %q: got %+v, %v", text, l, again, err)
		}
	})
}
