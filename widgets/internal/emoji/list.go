package emoji

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"embed"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// The list and the names are written by ./gen, whose comment has the command: what it reads is not in the repository.
//
//go:embed data
var data embed.FS

// Group is a category of emoji.
type Group int

// The categories, as Unicode numbers them.
const (
	Smileys    Group = 0
	People     Group = 1
	Animals    Group = 3
	Food       Group = 4
	Travel     Group = 5
	Activities Group = 6
	Objects    Group = 7
	Symbols    Group = 8
	Flags      Group = 9
)

// Groups returns the categories in order.
func Groups() []Group {
	return []Group{Smileys, People, Animals, Food, Travel, Activities, Objects, Symbols, Flags}
}

// Emoji is an entry of the list of all emoji.
type Emoji struct {
	Text  string
	Group Group
	Tones []string // the emoji in the five skin tones; nil if it has none
	Name  string   // in English
	Codes []string // as written between colons, such as smile

	words []string // of name, codes and keywords, in lower case
}

// All returns all emoji in Unicode's order. It must not be changed.
var All = sync.OnceValue(func() []Emoji {
	file, err := data.ReadFile("data/emoji.txt")
	if err != nil {
		return nil // it is linked into the program; a test reads it
	}
	out := make([]Emoji, 0, 2000)
	for line := range strings.Lines(string(file)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 6 {
			continue
		}
		group, _ := strconv.Atoi(f[1])
		e := Emoji{Text: f[0], Group: Group(group), Name: f[3], Codes: strings.Fields(f[5])}
		e.Tones = strings.Fields(f[2])
		e.words = words(f[3] + " " + f[4] + " " + strings.ReplaceAll(f[5], "_", " "))
		out = append(out, e)
	}
	return out
})

// words returns the words of a text in lower case, each once.
func words(s string) []string {
	list := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	slices.Sort(list)
	return slices.Compact(list)
}

var (
	namesMu sync.Mutex
	names   = make(map[string]map[string]localName) // by language and emoji
)

// localName is what an emoji is called in another language.
type localName struct {
	name  string
	words []string // of the name too
}

// namesIn returns the names of all emoji in a language, nil if there are none. A language is one like de.
func namesIn(language string) map[string]localName {
	namesMu.Lock()
	defer namesMu.Unlock()
	if n, ok := names[language]; ok {
		return n
	}
	n := readNames(language)
	names[language] = n
	return n
}

func readNames(language string) map[string]localName {
	file, err := data.ReadFile("data/" + language + ".txt.gz")
	if err != nil {
		return nil // there are none
	}
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil
	}
	out := make(map[string]localName, 2000)
	for scan := bufio.NewScanner(z); scan.Scan(); {
		if text, rest, ok := strings.Cut(scan.Text(), "\t"); ok {
			name, _, _ := strings.Cut(rest, "\t")
			out[text] = localName{name, words(rest)}
		}
	}
	return out
}

// NameIn returns the name of an emoji in a language, the English one where there is no other.
func (e *Emoji) NameIn(language string) string { return cmp.Or(namesIn(language)[e.Text].name, e.Name) }

// Search returns the emoji that all words of a query are found for, in English or the language, the best first. A
// query may be an emoji itself, or a code between colons.
func Search(query, language string) []Emoji {
	wanted := words(query)
	if len(wanted) == 0 {
		return exactly(strings.TrimSpace(query))
	}
	known := namesIn(language)
	type hit struct {
		at, rank, length int
	}
	var hits []hit
	all := All()
	for i := range all {
		e := &all[i]
		if rank := e.rank(wanted, known[e.Text].words); rank >= 0 {
			hits = append(hits, hit{i, rank, e.shortest(wanted)})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Or(a.rank-b.rank, a.length-b.length) })
	out := make([]Emoji, len(hits))
	for i, h := range hits {
		out[i] = all[h.at]
	}
	return out
}

func exactly(text string) []Emoji {
	for _, e := range All() {
		if e.Text == text || slices.Contains(e.Tones, text) {
			return []Emoji{e}
		}
	}
	return nil
}

// rank returns how well an emoji fits: 0 if a code or the name is what is wanted, 1 if it starts like that, 2 if all
// words are whole ones, 3 if they start like ones, -1 if not.
func (e *Emoji) rank(wanted, local []string) int {
	whole := true
	for _, w := range wanted {
		starts, equal := find(e.words, w)
		if !starts || !equal {
			s, q := find(local, w)
			starts, equal = starts || s, equal || q
		}
		if !starts {
			return -1
		}
		whole = whole && equal
	}
	joined := strings.Join(wanted, "_")
	switch {
	case slices.Contains(e.Codes, joined), strings.EqualFold(e.Name, strings.Join(wanted, " ")):
		return 0
	case slices.ContainsFunc(e.Codes, func(c string) bool { return strings.HasPrefix(c, joined) }):
		return 1
	case whole:
		return 2
	default:
		return 3
	}
}

// shortest returns the length of the shortest code that starts with what is wanted, 0 if none does.
func (e *Emoji) shortest(wanted []string) int {
	least, joined := 0, strings.Join(wanted, "_")
	for _, c := range e.Codes {
		if strings.HasPrefix(c, joined) && (least == 0 || len(c) < least) {
			least = len(c)
		}
	}
	return least
}

// find reports whether one of sorted words starts with a word, and whether one is equal to it.
func find(sorted []string, word string) (starts, equal bool) {
	i, equal := slices.BinarySearch(sorted, word)
	return equal || i < len(sorted) && strings.HasPrefix(sorted[i], word), equal
}

// WithTone returns an emoji in a skin tone from 1 to 5; 0 is the yellow one.
func (e *Emoji) WithTone(tone int) string {
	if tone < 1 || tone > len(e.Tones) {
		return e.Text
	}
	return e.Tones[tone-1]
}

// Find returns the entry of an emoji, also of one in a skin tone, whose text is then that one.
func Find(s string) Emoji {
	for _, e := range All() {
		if e.Text == s {
			return e
		}
		if slices.Contains(e.Tones, s) {
			e.Text = s
			return e
		}
	}
	return Emoji{Text: s}
}
