package contacts

import (
	"cmp"
	"strings"
)

// longestAddress is the most bytes an address may have.
const longestAddress = 128

// Person is somebody to write to.
type Person struct {
	Address string
	Name    string
	Typed   bool // not known: what was typed is taken for an address

	Online, Pictured bool
}

// asRow is the person as the list would show them.
func (m *Model) asRow(p Person) Row {
	r := *m.bare(p.id())
	r.Name, r.Online, r.Pictured = p.Name, p.Online, p.Pictured
	if r.Echo && r.Name == r.Peer {
		r.Name = echoName
	}
	return r
}

func (p Person) id() ID { return ID{Peer: p.Address} }

// People are those to choose from for a new conversation: this user's own notes, the known ones whose name or address fits
// what was typed, and then that itself as an address.
func (m *Model) People(typed string) []Person {
	typed = strings.TrimSpace(typed)
	var list []Person
	if typed == "" || matches(typed, SavedTitle, m.self) {
		list = append(list, Person{Address: m.self, Name: SavedTitle})
	}
	known := false
	for _, p := range m.Contacts() {
		known = known || fold(p.Address) == fold(typed)
		if typed == "" || matches(typed, p.Name, p.Address) {
			list = append(list, p)
		}
	}
	if !known && fold(typed) != fold(m.self) && isAddress(typed) {
		list = append(list, Person{Address: typed, Name: typed, Typed: true})
	}
	return list
}

// Contacts are the people who are known, by name.
func (m *Model) Contacts() []Person {
	var list []Person
	for _, p := range m.cfg.Backend.GetSortedUserProfiles() {
		if p.GroupID == 0 && fold(p.Address) != fold(m.self) {
			list = append(list, Person{
				Address: p.Address, Name: cmp.Or(p.Name, p.Address), Online: p.Online, Pictured: len(p.Picture) > 0,
			})
		}
	}
	return list
}

// isAddress tells whether text can be an address: no spaces, not too long.
func isAddress(text string) bool {
	return text != "" && len(text) <= longestAddress && !strings.ContainsAny(text, " \t\r\n")
}
