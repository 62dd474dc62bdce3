// Command gen writes the English translation from the sources.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/parley-chat/parley/internal/tr/source"
)

func main() {
	if err := run("../..", "translations/en.json"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(top, path string) error {
	found, err := source.Read(top, source.Roots()...)
	if err != nil {
		return err
	}
	entries := map[string]any{}
	for _, t := range found.Texts {
		entries[t.Key] = t.English
		if t.One != "" {
			entries[t.Key] = map[string]string{"one": t.One, "other": t.English}
		}
	}
	var out bytes.Buffer
	w := json.NewEncoder(&out)
	w.SetEscapeHTML(false)
	w.SetIndent("", "\t")
	if err := w.Encode(entries); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o600)
}
