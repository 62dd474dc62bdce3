package mesibo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"

	"github.com/parley-chat/parley/mesibo/internal/store"
)

// copies are the pictures that were made to be sent in place of the originals. They go with the last message that has them.
type copies struct {
	mu        sync.Mutex
	sending   int  // files on their way into the outbox: their messages are not there yet
	postponed bool // to be looked at when sending is 0
}

// beginSending keeps copies from being removed until endSending.
func (m *Mesibo) beginSending() {
	m.copies.mu.Lock()
	defer m.copies.mu.Unlock()
	m.copies.sending++
}

func (m *Mesibo) endSending() {
	m.copies.mu.Lock()
	m.copies.sending--
	again := m.copies.sending == 0 && m.copies.postponed
	m.copies.mu.Unlock()
	if !again {
		return
	}
	if db, _, err := m.open("", 0); err == nil {
		m.removeCopies(db)
	}
}

// removeCopies removes the copies that no message has any more.
func (m *Mesibo) removeCopies(db *store.Store) {
	m.copies.mu.Lock()
	defer m.copies.mu.Unlock()
	if m.copies.sending > 0 {
		m.copies.postponed = true
		return
	}
	m.copies.postponed = false
	loose, err := db.LooseCopies(context.Background())
	if err != nil {
		m.log.Error("remove pictures that were sent", errAttr(err))
	}
	if len(loose) == 0 {
		return
	}
	var used, gone []string
	for _, c := range loose {
		if c.Used {
			used = append(used, c.Path)
			continue
		}
		if err := os.Remove(c.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			m.log.Warn("remove a picture that was sent", errAttr(err))
			continue
		}
		gone = append(gone, c.Path)
	}
	if err := db.EndCopies(used, gone); err != nil {
		m.log.Error("remove pictures that were sent", errAttr(err))
	}
}
