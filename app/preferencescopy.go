package app

import (
	"encoding/json"
	"fmt"
)

// copied are preferences as a backup has them. Those that belong to the computer, such as the devices of calls, the
// proxy, sizes of windows and the passcode, are not in it.
type copied struct {
	Strings map[string]string   `json:"strings,omitempty"`
	Lists   map[string][]string `json:"lists,omitempty"`
	Bools   map[string]bool     `json:"bools,omitempty"`
	Ints    map[string]int      `json:"ints,omitempty"`
}

// named are the names of preferences that are copied, by kind.
type named struct{ strings, lists, bools, ints []string }

// ownNamed are those that each account has, sharedNamed those of all accounts.
func ownNamed() named {
	return named{
		strings: []string{"chat.last"}, lists: []string{"chat.begun", "chat.pins", "notify.mentions"},
		bools: []string{"privacy.unreceipted", "privacy.previews"},
	}
}

func sharedNamed() named {
	return named{
		strings: []string{"theme", "look.accent", "look.background", "window.close"}, lists: []string{"emoji.recent"},
		bools: []string{"notify.off", "notify.hidden", "notify.silent", "look.compact"}, ints: []string{"look.size"},
	}
}

// copyOut returns the preferences for a backup, as JSON.
func (p preferences) copyOut() []byte {
	c := copied{
		Strings: map[string]string{}, Lists: map[string][]string{}, Bools: map[string]bool{}, Ints: map[string]int{},
	}
	add := func(n named, stored func(string) string) {
		for _, name := range n.strings {
			if v := p.store.String(stored(name)); v != "" {
				c.Strings[name] = v
			}
		}
		for _, name := range n.lists {
			if v := p.store.StringList(stored(name)); len(v) > 0 {
				c.Lists[name] = v
			}
		}
		for _, name := range n.bools {
			c.Bools[name] = p.store.Bool(stored(name))
		}
		for _, name := range n.ints {
			if v := p.store.Int(stored(name)); v != 0 {
				c.Ints[name] = v
			}
		}
	}
	add(ownNamed(), p.own)
	add(sharedNamed(), func(name string) string { return name })
	data, err := json.Marshal(c)
	if err != nil {
		return nil // maps of plain values
	}
	return data
}

// copyIn sets the account's preferences of a backup; with shared, also those of all accounts.
func (p preferences) copyIn(data []byte, shared bool) error {
	var c copied
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("read preferences: %w", err)
	}
	set := func(n named, stored func(string) string) {
		for _, name := range n.strings {
			if v, ok := c.Strings[name]; ok {
				p.store.SetString(stored(name), v)
			}
		}
		for _, name := range n.lists {
			if v, ok := c.Lists[name]; ok {
				p.store.SetStringList(stored(name), v)
			}
		}
		for _, name := range n.bools {
			if v, ok := c.Bools[name]; ok {
				p.store.SetBool(stored(name), v)
			}
		}
		for _, name := range n.ints {
			if v, ok := c.Ints[name]; ok {
				p.store.SetInt(stored(name), v)
			}
		}
	}
	set(ownNamed(), p.own)
	if shared {
		set(sharedNamed(), func(name string) string { return name })
	}
	return nil
}
