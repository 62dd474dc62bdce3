package text

import (
	"strings"
	"testing"
)

func TestFindRanges(t *testing.T) {
	tests := []struct{ text, query, want string }{
		{"Hello World", "world", "World"},
		{"Hello World", "o", "o|o"},
		{"Straße und ÄRGER", "ärger STRA", "Stra|ÄRGER"},
		{"aaaa", "aa", "aaaa"},
		{"plan the plan", "plan  the", "plan|the|plan"},
		{"nothing", "xyz", ""},
		{"nothing", "  ", ""},
		{"", "a", ""},
		{"e\u0301t\u00e9", "\u00c9", "\u00e9"},
		{"\xff\xfe", "a", ""},
	}
	for _, tc := range tests {
		var got []string
		for _, r := range FindWords(tc.text, tc.query) {
			got = append(got, tc.text[r.Start:r.End])
		}
		if s := strings.Join(got, "|"); s != tc.want {
			t.Errorf("%q in %q: got %q, want %q", tc.query, tc.text, s, tc.want)
		}
	}
}

func FuzzFindRanges(f *testing.F) {
	f.Add("Hello World", "o wor")
	f.Add("İstanbul ſ K", "i k s")
	f.Fuzz(func(t *testing.T, text, query string) {
		last := 0
		for _, r := range FindWords(text, query) {
			if r.Start < last || r.End <= r.Start || r.End > len(text) {
				t.Fatalf("%v after %d of %d", r, last, len(text))
			}
			last = r.End
		}
	})
}
