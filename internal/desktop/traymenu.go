//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"fmt"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
	"github.com/godbus/dbus/v5/prop"

	"github.com/parley-chat/parley/app/system"
)

// trayMenu is the menu of the icon (com.canonical.dbusmenu). D-Bus calls its methods on goroutines of their own.
type trayMenu struct {
	conn   *dbus.Conn
	chosen func(id string)

	mu       sync.Mutex // guards what follows
	revision uint32
	entries  []menuEntry // by their number; the first one is the menu itself
}

type menuEntry struct {
	id    string
	props map[string]dbus.Variant
	items []int32
}

// menuLayout is an entry with those below it as the interface has it.
type menuLayout struct {
	ID    int32
	Props map[string]dbus.Variant
	Items []dbus.Variant
}

// menuProps are the properties of one entry.
type menuProps struct {
	ID    int32
	Props map[string]dbus.Variant
}

// menuEvent is an Event of several.
type menuEvent struct {
	ID   int32
	Kind string
	Data dbus.Variant
	Time uint32
}

func newTrayMenu(conn *dbus.Conn, chosen func(id string), items []system.MenuItem) *trayMenu {
	m := &trayMenu{conn: conn, chosen: chosen, revision: 1}
	m.entries = entriesOf(items)
	return m
}

// entriesOf numbers the entries of a menu.
func entriesOf(items []system.MenuItem) []menuEntry {
	list := []menuEntry{{}}
	var add func(to int, items []system.MenuItem)
	add = func(to int, items []system.MenuItem) {
		if len(items) > 0 || to == 0 {
			list[to].props["children-display"] = dbus.MakeVariant("submenu")
		}
		for _, item := range items {
			at := len(list)
			list = append(list, menuEntry{id: item.ID, props: entryProps(item)})
			list[to].items = append(list[to].items, int32(at))
			add(at, item.Items)
		}
	}
	list[0].props = map[string]dbus.Variant{}
	add(0, items)
	return list
}

func entryProps(item system.MenuItem) map[string]dbus.Variant {
	if item.Label == "" {
		return map[string]dbus.Variant{"type": dbus.MakeVariant("separator")}
	}
	props := map[string]dbus.Variant{
		"label": dbus.MakeVariant(item.Label), "enabled": dbus.MakeVariant(true), "visible": dbus.MakeVariant(true),
	}
	if item.Checked {
		props["toggle-type"], props["toggle-state"] = dbus.MakeVariant("checkmark"), dbus.MakeVariant(int32(1))
	}
	return props
}

func (m *trayMenu) export() error {
	props, err := prop.Export(m.conn, menuPath, prop.Map{menuIface: {
		"Version": {Value: uint32(3)}, "TextDirection": {Value: "ltr"}, "Status": {Value: "normal"},
		"IconThemePath": {Value: []string{}},
	}})
	if err != nil {
		return fmt.Errorf("export the menu of the tray: %w", err)
	}
	node := introspect.Node{Name: menuPath, Interfaces: []introspect.Interface{
		introspect.IntrospectData, prop.IntrospectData,
		{
			Name: menuIface, Methods: introspect.Methods(m), Properties: props.Introspection(menuIface),
			Signals: []introspect.Signal{{Name: "LayoutUpdated", Args: []introspect.Arg{
				{Name: "revision", Type: "u"}, {Name: "parent", Type: "i"},
			}}},
		},
	}}
	for _, e := range []struct {
		object any
		iface  string
	}{{m, menuIface}, {introspect.NewIntrospectable(&node), "org.freedesktop.DBus.Introspectable"}} {
		if err := m.conn.Export(e.object, menuPath, e.iface); err != nil {
			return fmt.Errorf("export the menu of the tray: %w", err)
		}
	}
	return nil
}

// set replaces the menu.
func (m *trayMenu) set(items []system.MenuItem) {
	m.mu.Lock()
	m.entries = entriesOf(items)
	m.revision++
	revision := m.revision
	m.mu.Unlock()
	_ = m.conn.Emit(menuPath, menuIface+".LayoutUpdated", revision, int32(0)) // it fails when the connection ends
}

func errNoEntry(id int32) *dbus.Error { return dbus.MakeFailedError(fmt.Errorf("no entry %d", id)) }

func (m *trayMenu) has(id int32) bool { return id >= 0 && int(id) < len(m.entries) }

// GetLayout returns an entry with those below it, so many levels deep, or all of them for a negative depth.
func (m *trayMenu) GetLayout(id, depth int32, names []string) (uint32, menuLayout, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.has(id) {
		return 0, menuLayout{}, errNoEntry(id)
	}
	return m.revision, m.layout(id, depth, names), nil
}

func (m *trayMenu) layout(id, depth int32, names []string) menuLayout {
	l := menuLayout{ID: id, Props: m.only(id, names), Items: []dbus.Variant{}}
	if depth != 0 {
		for _, below := range m.entries[id].items {
			l.Items = append(l.Items, dbus.MakeVariant(m.layout(below, max(-1, depth-1), names)))
		}
	}
	return l
}

// only returns the properties of an entry with these names, or all of them for none.
func (m *trayMenu) only(id int32, names []string) map[string]dbus.Variant {
	props := map[string]dbus.Variant{}
	for name, value := range m.entries[id].props {
		if len(names) == 0 || slices.Contains(names, name) {
			props[name] = value
		}
	}
	return props
}

// GetGroupProperties returns the properties of several entries, or of all for none.
func (m *trayMenu) GetGroupProperties(ids []int32, names []string) ([]menuProps, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(ids) == 0 {
		for id := range m.entries {
			ids = append(ids, int32(id))
		}
	}
	list := []menuProps{}
	for _, id := range ids {
		if m.has(id) {
			list = append(list, menuProps{id, m.only(id, names)})
		}
	}
	return list, nil
}

// GetProperty returns one property of an entry.
func (m *trayMenu) GetProperty(id int32, name string) (dbus.Variant, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.has(id) {
		if value, ok := m.entries[id].props[name]; ok {
			return value, nil
		}
	}
	return dbus.MakeVariant(""), errNoEntry(id)
}

// Event is called when the user has chosen an entry, among other things.
func (m *trayMenu) Event(id int32, kind string, _ dbus.Variant, _ uint32) *dbus.Error {
	m.mu.Lock()
	known, chosen := m.has(id), ""
	if known {
		chosen = m.entries[id].id
	}
	m.mu.Unlock()
	if !known {
		return errNoEntry(id)
	}
	if kind == "clicked" && chosen != "" {
		m.chosen(chosen)
	}
	return nil
}

// EventGroup is several Events; it returns the entries that there are not.
func (m *trayMenu) EventGroup(events []menuEvent) ([]int32, *dbus.Error) {
	missing := []int32{}
	for _, e := range events {
		if err := m.Event(e.ID, e.Kind, e.Data, e.Time); err != nil {
			missing = append(missing, e.ID)
		}
	}
	return missing, nil
}

// AboutToShow reports whether an entry must be read again before it is shown, which it never must.
func (*trayMenu) AboutToShow(int32) (bool, *dbus.Error) { return false, nil }

// AboutToShowGroup is AboutToShow for several entries.
func (*trayMenu) AboutToShowGroup([]int32) (changed, missing []int32, err *dbus.Error) {
	return []int32{}, []int32{}, nil
}
