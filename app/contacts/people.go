package contacts

import "strings"

// longestAddress is the most bytes an address may have.
const longestAddress = 128

// Person is somebody to write to.
type Person struct {
	Address string
	Name    string
	Typed   bool // not known: what was typed is taken for an address
}

// People are those to choose from for a new conversation: this user's own notes, the known ones whose name or address fits
// what was typed, and then that itself as an address.
func (m *Model) People(typed string) []Person {
	typed = strings.TrimSpace(typed)
	var list []Person
	add := func(address, name string) {
		if name == "" {
			name = address
		}
		if typed == "" || matches(typed, name, address) {
			list = append(list, Person{Address: address, Name: name})
		}
	}
	add(m.self, SavedTitle)
	known := false
	for _, p := range m.cfg.Backend.GetSortedUserProfiles() {
		if p.GroupID != 0 || fold(p.Address) == fold(m.self) {
			continue
		}
		known = known || fold(p.Address) == fold(typed)
		add(p.Address, p.Name)
	}
	if !known && fold(typed) != fold(m.self) && isAddress(typed) {
		list = append(list, Person{Address: typed, Name: typed, Typed: true})
	}
	return list
}

// isAddress tells whether text can be an address: no spaces, not too long.
func isAddress(text string) bool {
	return text != "" && len(text) <= longestAddress && !strings.ContainsAny(text, " \t\r\n")
}

// matches tells whether a word of one of the texts begins with what is looked for, whatever the case.
func matches(what string, texts ...string) bool {
	what = strings.ToLower(what)
	for _, text := range texts {
		text = strings.ToLower(text)
		if strings.HasPrefix(text, what) || strings.Contains(text, " "+what) {
			return true
		}
	}
	return false
}
