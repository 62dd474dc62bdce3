package tr_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/internal/tr/source"
)

// Tests of languages change what the whole process speaks: none runs in parallel.

func found(t *testing.T) *source.Found {
	t.Helper()
	f, err := source.Read("../..", source.Roots()...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// use selects a language until the end of the test.
func use(t *testing.T, tag string) {
	t.Helper()
	if err := tr.Use(tag); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tr.Use("en"); err != nil {
			t.Error(err)
		}
	})
}

// translation returns the entries of a language: a string each, or the forms of one that counts.
func translation(t *testing.T, tag string) map[string]any {
	t.Helper()
	data, err := os.ReadFile("translations/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string]any{}
	if err := json.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	return entries
}

// Every text for users goes through this package, in a way that works.
func TestSources(t *testing.T) {
	f := found(t)
	for _, fault := range f.Faults {
		t.Error(fault)
	}
	exempt := exempt()
	used := map[string]bool{}
	for _, l := range f.Literals {
		if slices.ContainsFunc(pending(), func(p string) bool { return strings.HasPrefix(l.At.Filename, p) }) {
			continue
		}
		key := l.Text
		if _, ok := exempt[key]; !ok {
			key = l.At.Filename
		}
		if _, ok := exempt[key]; !ok {
			t.Errorf("%v: %q is not translated", l.At, l.Text)
		}
		used[key] = true
	}
	for key := range exempt {
		if !used[key] {
			t.Errorf("%q is exempt from translation, but is not there", key)
		}
	}
}

// Every language has every text, with the values and all forms of the plural that it must have, and none besides.
func TestTranslations(t *testing.T) {
	forms := map[string][]string{
		"en": {"one", "other"}, "de": {"one", "other"}, "es": {"one", "many", "other"}, "fr": {"one", "many", "other"},
		"ar": {"zero", "one", "two", "few", "many", "other"}, "zh-Hans": {"other"},
	}
	texts := map[string]source.Text{}
	for _, text := range found(t).Texts {
		if before, ok := texts[text.Key]; ok && before.One != text.One {
			t.Errorf("%v: %q has another singular than at %v", text.At, text.Key, before.At)
		}
		texts[text.Key] = text
	}
	for _, l := range tr.Languages() {
		entries := translation(t, l.Tag)
		for key := range entries {
			if _, ok := texts[key]; !ok {
				t.Errorf("%s: %q is not used", l.Tag, key)
			}
		}
		for key, text := range texts {
			switch said := entries[key].(type) {
			case string:
				if text.One != "" {
					t.Errorf("%s: %q has no plural", l.Tag, key)
				}
				checkText(t, l.Tag, text.English, said)
			case map[string]any:
				if got := slices.Sorted(maps.Keys(said)); !slices.Equal(got, slices.Sorted(slices.Values(forms[l.Tag]))) {
					t.Errorf("%s: %q has the forms %v, wanted %v", l.Tag, key, got, forms[l.Tag])
				}
				for form, words := range said {
					words, ok := words.(string)
					if !ok || form == "other" || strings.Contains(words, "{{.N}}") {
						checkText(t, l.Tag, text.English, words)
					}
				}
			default:
				t.Errorf("%s: %q is missing", l.Tag, key)
			}
		}
	}
}

// checkText compares a translation with the English: its values, the spaces around it and how it ends.
func checkText(t *testing.T, tag, english, said string) {
	t.Helper()
	values := func(s string) []string { return slices.Compact(slices.Sorted(slices.Values(tr.Values(s)))) }
	if !slices.Equal(values(english), values(said)) {
		t.Errorf("%s: %q has the values %v, %q has %v", tag, english, values(english), said, values(said))
	}
	edge := func(s string) [2]bool {
		trimmed := strings.TrimFunc(s, unicode.IsSpace)
		return [2]bool{strings.HasPrefix(s, trimmed), strings.HasSuffix(s, trimmed)}
	}
	if said == "" || edge(english) != edge(said) && strings.ContainsFunc(english, unicode.IsLetter) {
		t.Errorf("%s: %q is %q", tag, english, said)
	}
	if strings.HasSuffix(english, "…") != strings.HasSuffix(said, "…") {
		t.Errorf("%s: %q and %q do not end alike", tag, english, said)
	}
}

// What is in a file is what the program says.
func TestUse(t *testing.T) {
	for _, l := range tr.Languages() {
		use(t, l.Tag)
		if got := tr.Tag(); got != l.Tag {
			t.Errorf("got %q, want %q", got, l.Tag)
		}
		entries := translation(t, l.Tag)
		for _, text := range found(t).Texts {
			want, _ := entries[text.Key].(string)
			if text.One != "" || len(tr.Values(text.English)) > 0 {
				continue
			}
			english, sense, _ := strings.Cut(text.Key, tr.SenseMark)
			say := func() string { return tr.L(english) }
			if sense != "" {
				say = func() string { return tr.X(english, sense) }
			}
			got := say()
			if got != want {
				t.Errorf("%s: %q: got %q, want %q", l.Tag, text.Key, got, want)
			}
		}
	}
}

func TestUse_unknown(t *testing.T) {
	if err := tr.Use("xx"); err == nil {
		t.Error("no error")
	}
	if got := tr.Tag(); got != "en" {
		t.Errorf("got %q", got)
	}
}

func TestUse_system(t *testing.T) {
	for locale, want := range map[string]string{
		"de_AT.UTF-8": "de", "fr": "fr", "zh_TW.UTF-8": "zh-Hans", "zh_CN.UTF-8": "zh-Hans",
		"ar_EG.UTF-8": "ar", "es_MX": "es", "en_GB.UTF-8": "en", "pt_BR": "en",
		"C": "en", "": "en",
	} {
		t.Setenv("LC_ALL", locale)
		t.Setenv("LANGUAGE", "")
		use(t, "")
		if got := tr.Tag(); got != want {
			t.Errorf("%s: got %q, want %q", locale, got, want)
		}
		if got := os.Getenv("LC_ALL"); got != locale {
			t.Errorf("%s: the environment has %q afterwards", locale, got)
		}
	}
}

// What users have written is never taken for a part of a text.
func TestL_values(t *testing.T) {
	for got, want := range map[string]string{
		tr.L("{{.Name}} left", "Name", "{{.Name}} {{ x"):                                  "{{.Name}} {{ x left",
		tr.L("{{.A}}, {{.B}} and {{.A}}", "A", "1", "B", 2):                               "1, 2 and 1",
		tr.X("{{.A}}", "sense", "A", int64(7)):                                            "7",
		tr.N("{{.N}} person, {{.Time}}", "{{.N}} people, {{.Time}}", 1, "Time", "{{.N}}"): "1 person, {{.N}}",
		tr.N("{{.N}} person, {{.Time}}", "{{.N}} people, {{.Time}}", 500, "Time", "x"):    "500 people, x",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRightToLeft(t *testing.T) {
	for _, l := range tr.Languages() {
		use(t, l.Tag)
		want := l.Tag == "ar"
		if got := tr.RightToLeft(); got != want {
			t.Errorf("%s: got %v", l.Tag, got)
		}
		if tr.SetRightToLeft(!want); tr.RightToLeft() == want {
			t.Errorf("%s: not changed", l.Tag)
		}
	}
}

func BenchmarkL(b *testing.B) {
	for b.Loop() {
		tr.L("Delete")
	}
}

func BenchmarkL_values(b *testing.B) {
	for b.Loop() {
		tr.L("last seen {{.Time}}", "Time", "14:02")
	}
}

func BenchmarkN(b *testing.B) {
	for b.Loop() {
		tr.N("{{.N}} member", "{{.N}} members", 12)
	}
}

func BenchmarkUse(b *testing.B) {
	for b.Loop() {
		if err := tr.Use("de"); err != nil {
			b.Fatal(err)
		}
	}
}
