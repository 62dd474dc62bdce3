// Package tr has the words that a user reads, in the user's language. It is Fyne's lang with a choice of the language,
// values by name, and English that is complete: L, N and X are lang's functions of these names.
//
// A text's English is its key. Values stand in it as {{.Name}}:
//
//	tr.L("{{.Name}} left", "Name", name)
//	tr.N("{{.N}} message", "{{.N}} messages", len(list))
//	tr.X("Call", "verb")
//
// The translations are in translations/, a JSON file for each language, in the format of go-i18n. English is made from
// the sources with go generate.
package tr

import (
	"embed"
	"fmt"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"golang.org/x/text/language"
)

//go:generate go run ./gen

// SenseMark is between the English of a text and its sense in the keys of translations.
const SenseMark = "|"

// Language is one that the program speaks.
type Language struct {
	Tag  string // such as "de", for Use
	Name string // in itself, such as "Deutsch"
}

//go:embed translations
var files embed.FS

// state is what Use sets. texts are those without values: some are asked for with each row that is drawn.
var state struct {
	sync.Mutex
	tag   string
	texts map[string]string
}

// ready selects English where nothing was selected yet. The lock is held.
func ready() {
	if state.tag == "" {
		if err := use(english); err != nil {
			panic(err) // the file is part of the program
		}
	}
}

const english = "en"

// Languages returns what Use accepts, English first, the others by their names.
func Languages() []Language {
	return []Language{
		{english, "English"}, {"de", "Deutsch"}, {"es", "Español"}, {"fr", "Français"}, {"ar", "العربية"}, {"zh", "中文"},
	}
}

// Use changes the language: a tag of Languages, or "" for the one that is closest to the system's. Texts that are on
// the screen already stay as they are. It changes the process's environment for a moment: call it before anything else
// reads that, or when nothing does.
func Use(tag string) error {
	if tag == "" {
		tag = closest(lang.SystemLocale())
	}
	state.Lock()
	defer state.Unlock()
	return use(tag)
}

func use(tag string) error {
	data, err := files.ReadFile("translations/" + tag + ".json")
	if err == nil {
		err = add(tag, data)
	}
	if err != nil {
		return fmt.Errorf("language %q: %w", tag, err)
	}
	state.tag, state.texts = tag, map[string]string{}
	return nil
}

// closest returns the tag of the language that a user of a locale understands best.
func closest(locale fyne.Locale) string {
	var tags []language.Tag
	for _, l := range Languages() {
		tags = append(tags, language.Make(l.Tag))
	}
	_, i, _ := language.NewMatcher(tags).Match(language.Make(locale.String()))
	return Languages()[i].Tag
}

// Tag returns the tag of the language in use.
func Tag() string {
	state.Lock()
	defer state.Unlock()
	ready()
	return state.tag
}

// RightToLeft reports whether the language in use is written from right to left.
func RightToLeft() bool { return Tag() == "ar" }

// L returns a text with values, which are names and what to put in their places, in turn.
func L(text string, values ...any) string { return localize(text, text, values) }

// X is L for a text whose English has several senses, such as "Call" as a noun and as a verb. sense is for translators.
func X(text, sense string, values ...any) string { return localize(text+SenseMark+sense, text, values) }

// N is L for a text that counts, in the singular and in the plural, whose key is the plural. {{.N}} stands for n in both.
// Each translation has all forms that its language has.
func N(one, other string, n int, values ...any) string {
	data := pairs(values)
	data["N"] = n
	key := other
	if n == 1 {
		other = one // for a text that is not translated
	}
	state.Lock()
	defer state.Unlock()
	ready()
	return lang.XN(key, other, n, data)
}

func localize(key, text string, values []any) string {
	state.Lock()
	defer state.Unlock()
	ready()
	if len(values) > 0 {
		return lang.X(key, text, pairs(values))
	}
	said, ok := state.texts[key]
	if !ok {
		said = lang.X(key, text)
		state.texts[key] = said
	}
	return said
}

// pairs makes a template's data from names and values.
func pairs(values []any) map[string]any {
	data := make(map[string]any, len(values)/2+1)
	for i := 0; i+1 < len(values); i += 2 {
		name, ok := values[i].(string)
		if !ok {
			panic(fmt.Sprintf("tr: %v is no name", values[i]))
		}
		data[name] = values[i+1]
	}
	return data
}
