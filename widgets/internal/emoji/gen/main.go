// Command gen writes the list of emoji with their names, from an unpacked npm package emojibase-data, which has them
// from Unicode's CLDR:
//
//	npm pack emojibase-data@17.0.0 && tar xf emojibase-data-17.0.0.tgz && go run ./gen package
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parley-chat/parley/widgets/internal/emoji"
)

// entry is one emoji of the package.
type entry struct {
	Label, Emoji, Hexcode string
	Tags                  []string
	Group, Order          *int
	Type                  int
	Tone                  json.RawMessage
	Skins                 []entry
}

func main() {
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if len(os.Args) != 2 {
		logger.Error("the folder of the package is missing")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		logger.Error("emoji were not written", slog.Any("error", err))
		os.Exit(1)
	}
}

func run(folder string) error {
	english, err := read(folder, "en")
	if err != nil {
		return err
	}
	var codes map[string]any
	if err := readJSON(filepath.Join(folder, "en", "shortcodes", "emojibase.json"), &codes); err != nil {
		return err
	}
	var out strings.Builder
	for _, e := range english {
		fmt.Fprintf(&out, "%s\t%d\t%s\t%s\t%s\t%s\n", e.text(), *e.Group, strings.Join(e.tones(), " "), e.Label,
			strings.Join(e.Tags, "|"), strings.Join(list(codes[e.Hexcode]), " "))
	}
	if err := os.WriteFile(filepath.Join("data", "emoji.txt"), []byte(out.String()), 0o600); err != nil {
		return err
	}
	languages, err := filepath.Glob(filepath.Join(folder, "*", "data.json"))
	if err != nil {
		return err
	}
	for _, file := range languages {
		language := filepath.Base(filepath.Dir(file))
		if strings.HasPrefix(language, "en") || language == "es-mx" {
			continue
		}
		if err := writeNames(folder, language); err != nil {
			return err
		}
	}
	return nil
}

// writeNames writes the names of a language.
func writeNames(folder, language string) error {
	all, err := read(folder, language)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, e := range all {
		if _, err := fmt.Fprintf(z, "%s\t%s\t%s\n", e.text(), e.Label, strings.Join(e.Tags, "|")); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("data", language+".txt.gz"), b.Bytes(), 0o600)
}

// read returns the emoji of the package that the font has, in Unicode's order.
func read(folder, language string) ([]entry, error) {
	var all []entry
	if err := readJSON(filepath.Join(folder, language, "data.json"), &all); err != nil {
		return nil, err
	}
	const component = 2
	all = slices.DeleteFunc(all, func(e entry) bool {
		return e.Group == nil || *e.Group == component || e.Order == nil || emoji.Count(e.text()) != 1
	})
	slices.SortFunc(all, func(a, b entry) int { return *a.Order - *b.Order })
	return all, nil
}

func readJSON(file string, to any) error {
	data, err := os.ReadFile(file) //nolint:gosec // a tool of developers
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}

// text returns the emoji without variation selectors that are not needed.
func (e entry) text() string {
	if e.Type == 1 && len([]rune(e.Emoji)) == 2 {
		return strings.TrimSuffix(e.Emoji, "\uFE0F")
	}
	return e.Emoji
}

// tones returns the emoji in the five skin tones, the same for all people in it.
func (e entry) tones() []string {
	out := make([]string, 5)
	for _, s := range e.Skins {
		var one int
		if json.Unmarshal(s.Tone, &one) == nil && one >= 1 && one <= len(out) && emoji.Count(s.Emoji) == 1 {
			out[one-1] = s.Emoji
		}
	}
	if slices.Contains(out, "") {
		return nil
	}
	return out
}

// list returns a value that is a text or a list of texts.
func list(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, one := range v {
			if s, ok := one.(string); ok {
				out = append(out, s)
			}
		}
		return out
	default:
		return nil
	}
}
