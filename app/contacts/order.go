package contacts

import (
	"cmp"
	"slices"
	"time"
)

// holdFor is how long a row waits for the pointer to leave.
const holdFor = 2 * time.Second

// Hover tells the model whether the pointer is over the list: rows then keep their place for a while.
func (m *Model) Hover(over bool) {
	m.hover = over
	if !over && m.hold != nil {
		m.apply()
	}
}

// reorder puts the rows in order, at once or when the pointer lets it.
func (m *Model) reorder() {
	if m.batching {
		m.due = true
		return
	}
	for key := range m.stale {
		if r := m.rows[key]; r != nil {
			m.refresh(r)
		}
	}
	clear(m.stale)
	if m.hover && !slices.Equal(m.order, m.sorted()) {
		if m.hold == nil {
			m.hold = m.cfg.Dispatcher.After(holdFor, m.apply)
		}
		m.changed()
		return
	}
	m.apply()
}

func (m *Model) apply() {
	if m.hold != nil {
		m.hold()
		m.hold = nil
	}
	m.order = m.sorted()
	m.changed()
}

// sorted is the order by last activity. What has had none comes last: Echo, then the notes to oneself, then the rest by name.
func (m *Model) sorted() []string {
	keys := make([]string, 0, len(m.rows))
	for key := range m.rows {
		keys = append(keys, key)
	}
	rank := func(r *Row) int {
		switch {
		case r.Echo:
			return 0
		case r.Saved:
			return 1
		default:
			return 2
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		x, y := m.rows[a], m.rows[b]
		return cmp.Or(y.active().Compare(x.active()), rank(x)-rank(y), cmp.Compare(x.Name, y.Name), cmp.Compare(a, b))
	})
	return keys
}
