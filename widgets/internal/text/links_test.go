package text

import (
	"slices"
	"strings"
	"testing"
)

func TestFindLinks(t *testing.T) {
	tests := map[string][]string{
		"no link":                                   nil,
		"https://example.org":                       {"https://example.org"},
		"see http://a.example/b, and more":          {"http://a.example/b"},
		"(https://en.example/wiki/A_(b)) end":       {"https://en.example/wiki/A_(b)"},
		"HTTPS://X.EXAMPLE?a=b&c=d#e!":              {"HTTPS://X.EXAMPLE?a=b&c=d#e"},
		"two https://a.example https://b.example.":  {"https://a.example", "https://b.example"},
		"javascript://alert":                        nil,
		"xhttp://a.example":                         nil,
		"http://":                                   nil,
		"<https://a.example>":                       {"https://a.example"},
		"https://ä.example/ö":                       {"https://ä.example/ö"},
		"ftp://a.example https://b.example/x\nnext": {"https://b.example/x"},
		"www.example.org/a, WWW.b.example!":         {"www.example.org/a", "WWW.b.example"},
		"www. and www.x and awww.b.org":             nil,
		"mail me@example.org. or a.b+c@x.co":        {"me@example.org", "a.b+c@x.co"},
		"@bob and a@b":                              nil,
		"call +49 30 1234567, (555) 123-4567":       {"+49 30 1234567", "(555) 123-4567"},
		"2026-11-29 12345678 1+1 +1 10.0.0.1":       nil,
		"https://a.example/@x@y.org?t=+4930123456":  {"https://a.example/@x@y.org?t=+4930123456"},
	}
	for text, want := range tests {
		var got []string
		for _, k := range FindLinks(text) {
			got = append(got, text[k.Start:k.End])
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("Hello @Bob\r\n\tsee https://a.org", 6, 10)
	f.Fuzz(func(t *testing.T, raw string, from, to int) {
		text := Clean(raw)
		last := 0
		for _, k := range MergeMentions(FindLinks(text), raw, text, []Range{{from, to}, {to, from + to}}) {
			if k.Start < last || k.End <= k.Start || k.End > len(text) {
				t.Fatalf("%v after %d of %d", k, last, len(text))
			}
			last = k.End
		}
	})
}

func TestMentions_cleaned(t *testing.T) {
	raw := "a\tb\r\n@Bob and \x01@Eve"
	text := Clean(raw)
	at := strings.Index(raw, "@Bob")
	eve := strings.Index(raw, "@Eve")
	links := MergeMentions(nil, raw, text, []Range{{at, at + 4}, {eve, eve + 4}, {-1, 3}, {5, 500}})
	var got []string
	for _, k := range links {
		got = append(got, text[k.Start:k.End])
	}
	if want := []string{"@Bob", "@Eve"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
