package mesibo

// Without SetDatabase messages are in memory, and only so many of them; Options.Database names the numbers.
const (
	memoryReceived = 1000
	memoryOwn      = 10_000
	trimmedEvery   = 250 // events
)

// trimMemory bounds what is kept in memory, after so many events.
func (m *Mesibo) trimMemory(events int) {
	if m.events.Add(int64(events)) < trimmedEvery {
		return
	}
	m.events.Store(0)
	m.mu.Lock()
	db, kept := m.db, m.dbKept
	m.mu.Unlock()
	if db == nil || kept {
		return
	}
	if err := db.Trim(memoryReceived, memoryOwn); err != nil {
		m.log.Error("forget old messages", errAttr(err))
	}
}
