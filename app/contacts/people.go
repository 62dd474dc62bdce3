package contacts

import (
	"cmp"
	"strings"
)

// longestAddress is the maximum length of an address in bytes.
const longestAddress = 128

// Person is a user to write to.
type Person struct {
	Address string
	Name    string
	Typed   bool // unknown: the typed text counts as an address

	Online, Pictured bool
}

// asRow is the user as the list would show them.
func (m *Model) asRow(p Person) Row {
	r := *m.newRow(p.id())
	r.Name, r.Online, r.Pictured = p.Name, p.Online, p.Pictured
	if r.Echo && r.Name == r.Peer {
		r.Name = "Echo"
	}
	return r
}

func (p Person) id() ID { return ID{Peer: p.Address} }

// People are the users to choose from for a new chat: the notes to oneself, the known users whose name or address
// matches the typed text, and then that text as an address.
func (m *Model) People(typed string) []Person {
	typed = strings.TrimSpace(typed)
	var list []Person
	if typed == "" || matches(typed, SavedTitle(), m.self) {
		list = append(list, Person{Address: m.self, Name: SavedTitle()})
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

// Contacts are the known users, by name.
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

// isAddress reports whether text can be an address: no spaces, not too long.
func isAddress(text string) bool {
	return text != "" && len(text) <= longestAddress && !strings.ContainsAny(text, " \t\r\n")
}
