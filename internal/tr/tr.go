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
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

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

// state is what Use sets. texts have been asked for already, and are kept: some are for each row that is drawn.
var state struct {
	sync.Mutex
	tag   string
	texts map[form]string
}

// form is a text, or one form of a text that counts.
type form struct {
	key string
	n   int
}

var rightToLeft atomic.Bool // widgets ask for it whenever they are drawn

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
		{english, "English"}, {"de", "Deutsch"}, {"es", "Español"}, {"fr", "Français"}, {"ar", "العربية"}, {"zh-Hans", "中文"},
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
	state.tag, state.texts = tag, map[form]string{}
	rightToLeft.Store(tag == "ar")
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
func RightToLeft() bool { return rightToLeft.Load() }

// SetRightToLeft changes what RightToLeft reports until the next Use, for tests of mirrored windows with English words.
func SetRightToLeft(mirrored bool) { rightToLeft.Store(mirrored) }

// L returns a text with values, which are names and what to put in their places, in turn.
func L(text string, values ...any) string { return fill(translated(text, text), values) }

// X is L for a text whose English has several senses, such as "Call" as a noun and as a verb. sense is for translators.
func X(text, sense string, values ...any) string {
	return fill(translated(text+SenseMark+sense, text), values)
}

// N is L for a text that counts, in the singular and in the plural, whose key is the plural. {{.N}} stands for n in both.
// Each translation has all forms that its language has.
func N(one, other string, n int, values ...any) string {
	return fill(counted(one, other, n), append([]any{"N", n}, values...))
}

// translated returns a text with the places of its values.
func translated(key, text string) string {
	state.Lock()
	defer state.Unlock()
	ready()
	said, ok := state.texts[form{key, 0}]
	if !ok {
		said = lang.X(key, text, places(text))
		state.texts[form{key, 0}] = said
	}
	return said
}

// counted is translated for a text that counts.
func counted(one, other string, n int) string {
	const most = 200 // above it, forms are not kept
	key, text := form{other, n}, other
	if n == 1 {
		text = one // of what is not translated
	}
	state.Lock()
	defer state.Unlock()
	ready()
	said, ok := state.texts[key]
	if !ok {
		said = lang.XN(other, text, n, places(one+other))
		if n < most {
			state.texts[key] = said
		}
	}
	return said
}

// places returns a template's data that puts the place of each value where it was.
func places(text string) map[string]any {
	data := map[string]any{}
	for _, name := range Values(text) {
		data[name] = open + name + end
	}
	return data
}

const open, end = "{{.", "}}"

// Values returns the names of the values that stand in a text, in their order.
func Values(text string) []string {
	var names []string
	for {
		_, after, found := strings.Cut(text, open)
		name, rest, closed := strings.Cut(after, end)
		if !found || !closed {
			return names
		}
		names, text = append(names, name), rest
	}
}

// fill puts values, which are names and values in turn, into their places in a text. A value is not looked at: what a
// user has written may have braces in it.
func fill(text string, values []any) string {
	if len(values) == 0 {
		return text
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, open)
		name, rest, closed := strings.Cut(after, end)
		out.WriteString(before)
		if !found || !closed {
			return out.String()
		}
		write(&out, value(values, name))
		text = rest
	}
}

func value(values []any, name string) any {
	for i := 0; i+1 < len(values); i += 2 {
		if values[i] == name {
			return values[i+1]
		}
	}
	return ""
}

func write(out *strings.Builder, value any) {
	switch v := value.(type) {
	case string:
		out.WriteString(v)
	case int:
		out.WriteString(strconv.Itoa(v))
	default:
		fmt.Fprint(out, v)
	}
}
