package text

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// shape writes what was parsed in a short form: marks as letters around their text.
func shape(r Rich) string {
	var b strings.Builder
	kinds := map[BlockKind]string{BlockText: "", BlockCode: "code:", BlockQuote: "quote:", BlockItem: "item:"}
	starts := make(map[int]string)
	for _, block := range r.Blocks {
		starts[block.Start] = kinds[block.Kind]
	}
	at := 0
	for _, m := range r.Marks {
		for at < m.End {
			end := m.End
			for start := range starts {
				if start > at {
					end = min(end, start)
				}
			}
			b.WriteString(starts[at])
			b.WriteString(marked(r.Text[at:end], m.Marks))
			at = end
		}
	}
	if len(r.Marks) == 0 {
		b.WriteString(r.Text)
	}
	return b.String()
}

func marked(s string, m Marks) string {
	for _, one := range []struct {
		on   bool
		name string
	}{{m.Code, "c"}, {m.Strike, "s"}, {m.Italic, "i"}, {m.Bold, "b"}} {
		if one.on {
			s = one.name + "(" + s + ")"
		}
	}
	if m.Link != "" {
		s = fmt.Sprintf("link(%s, %s)", s, m.Link)
	}
	return s
}

func TestParseMarks(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                            "",
		"plain":                       "plain",
		"**bold** and":                "b(bold) and",
		"a **bold**!":                 "a b(bold)!",
		"*it* _it_":                   "i(it) i(it)",
		"~~gone~~":                    "s(gone)",
		"`a*b*c`":                     "c(a*b*c)",
		"**a _b_ c**":                 "b(a )b(i(b))b( c)",
		"***both***":                  "b(i(both))",
		"2*3*4 = 24":                  "2*3*4 = 24",
		"snake_case_name":             "snake_case_name",
		"__init__":                    "__init__",
		"¯\\_(ツ)_/¯":                  "¯\\_(ツ)_/¯",
		"* not *":                     "* not *",
		"** not **":                   "** not **",
		"~1 and ~2":                   "~1 and ~2",
		"**open":                      "**open",
		"这是**粗体**文字":                  "这是b(粗体)文字",
		"**שלום** x":                  "b(שלום) x",
		"https://a.org/_b_/*c*":       "https://a.org/_b_/*c*",
		"**https://a.org**":           "b(https://a.org)",
		"[here](https://a.org/x_y_z)": "link(here, https://a.org/x_y_z)",
		"[**b**](https://a.org)":      "link(b(b), https://a.org)",
		"[x](javascript:alert)":       "[x](javascript:alert)",
		"[x] (https://a.org)":         "[x] (https://a.org)",
		"> said\n> so\nyes":           "quote:said\nso\nyes",
		">_<":                         ">_<",
		">>> x":                       ">>> x",
		"- one":                       "- one",
		"- one\n- two":                "item:• one\nitem:• two",
		"1. one\n2. two":              "item:1. one\nitem:2. two",
		"on 1. May":                   "on 1. May",
		"```\na **b**\n```":           "code:c(a **b**)",
		"```go\nx := 1\n\ny\n```":     "code:c(x := 1\n\ny)",
		"```x```":                     "code:c(x)",
		"see ```x":                    "see ```x",
		"a\n```\nb\n```\nc":           "a\ncode:c(b)\nc",
		"``":                          "``",
		"****":                        "****",
		"a **b `c**` d** e":           "a b(b )b(c(c**))b( d) e",
	}
	for source, want := range tests {
		if got := shape(ParseMarks(source)); got != want {
			t.Errorf("%q: got %q, want %q", source, got, want)
		}
	}
}

func TestRich_SourceOf(t *testing.T) {
	t.Parallel()
	r := ParseMarks("see **all** of `it`")
	for _, tc := range []struct{ part, want string }{
		{"see all of it", "see **all** of `it`"},
		{"all", "**all**"},
		{"see all", "see **all**"},
		{"all of it", "**all** of `it`"},
		{"ll o", "ll o"},
		{"of", "of"},
		{" of ", " of "},
	} {
		at := strings.Index(r.Text, tc.part)
		if got := r.SourceOf(at, at+len(tc.part)); got != tc.want {
			t.Errorf("%q: copied as %q, want %q", tc.part, got, tc.want)
		}
	}
	quote := ParseMarks("> said\nyes")
	if got := quote.SourceOf(0, len("said")); got != "> said" {
		t.Errorf("a quote is copied as %q", got)
	}
}

func FuzzParseMarks(f *testing.F) {
	for _, s := range []string{
		"**bold** _it_ `c` ~~s~~", "```\ncode\n```", "> q\n- a\n- b\n1. c", "[x](https://a.org) https://b.org/_c_",
		"***a* b**", "**a *b `c* d` e**", "`` ` ``", "*\n*", "**שלום** 👍🏽_x_",
	} {
		f.Add(s, 1, 5)
	}
	f.Fuzz(func(t *testing.T, s string, a, b int) {
		s = Clean(s)
		r := ParseMarks(s)
		if !utf8.ValidString(r.Text) || len(r.Text) > 2*len(s) {
			t.Fatalf("%q: shown as %q", s, r.Text)
		}
		last := 0
		for _, m := range r.Marks {
			if m.End <= last || m.End > len(r.Text) {
				t.Fatalf("%q: a mark ends at %d after %d", s, m.End, last)
			}
			last = m.End
		}
		if r.Styled() && last != len(r.Text) {
			t.Fatalf("%q: marks end at %d of %d", s, last, len(r.Text))
		}
		next := 0
		for _, block := range r.Blocks {
			if block.Start != next || block.End < block.Start || block.Start+block.Bullet > block.End {
				t.Fatalf("%q: block %+v at %d of %q", s, block, next, r.Text)
			}
			next = block.End + 1
		}
		if next != len(r.Text)+1 {
			t.Fatalf("%q: blocks end at %d of %d", s, next, len(r.Text)+1)
		}
		for _, c := range r.copied {
			if r.Text[c.shown:c.shown+c.size] != s[c.source:c.source+c.size] {
				t.Fatalf("%q: %+v differs", s, c)
			}
		}
		from := min(max(a, 0), len(r.Text))
		to := min(max(b, from), len(r.Text))
		r.SourceOf(from, to)
		if at := r.ShownAt(min(max(a, 0), len(s))); at < 0 || at > len(r.Text) {
			t.Fatalf("%q: shown at %d", s, at)
		}
		if r.SourceOf(0, len(r.Text)) != s {
			t.Fatalf("%q: copied as %q", s, r.SourceOf(0, len(r.Text)))
		}
	})
}
