package chat

import (
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

func (s *Screen) buildSelectBar() {
	s.selectBar = widgets.NewSelectBar()
	s.selectBar.OnClose = s.EndSelecting
	s.selectBar.OnCopy, s.selectBar.OnSave = s.copyMarked, s.saveMarked
	s.selectBar.OnForward, s.selectBar.OnDelete = s.forwardMarked, s.deleteMarked
	s.selectBar.Hide()
}

// mark marks a message, or does so no more; with through it marks all from the one marked last. The keyboard is for the
// marked messages then.
func (s *Screen) mark(key uint64, through bool) {
	m := s.model
	if m == nil {
		return
	}
	switch keys := s.joined(key); {
	case through:
		m.markThrough(keys[0])
		m.markThrough(keys[len(keys)-1])
	default:
		marked := m.isMarked(keys[len(keys)-1])
		for _, k := range keys {
			if m.isMarked(k) == marked {
				m.toggleMark(k)
			}
		}
	}
	if len(m.marking.rows) == 0 {
		s.EndSelecting()
		return
	}
	s.chooser.take(key)
}

// EndSelecting marks no message any more, and focuses the composer.
func (s *Screen) EndSelecting() {
	if s.model != nil {
		s.model.Unmark()
		s.chooser.leave()
	}
}

// refreshSelection shows the bar for the marked messages in place of the header.
func (s *Screen) refreshSelection() {
	rows := s.model.marked()
	keys := make(map[int64]bool, len(rows))
	for _, msg := range rows {
		keys[itemKey(s.shownKey(msg.Key()))] = true
	}
	s.list.SetMarks(keys)
	if len(rows) > 0 {
		can, save := s.model.can(rows)
		s.selectBar.Set(widgets.SelectData{
			Count: len(rows), Copy: can.Copy, Save: save, Forward: can.Forward, Delete: can.Delete,
		})
	}
	s.setShown(s.header, len(rows) == 0)
	s.setShown(s.selectBar, len(rows) > 0)
}

func (s *Screen) copyMarked() {
	if s.model == nil {
		return
	}
	if text := s.model.copied(s.model.marked()); text != "" {
		s.on.Copy(text)
		s.EndSelecting()
		s.on.Notify(tr.L("Copied"))
	}
}

func (s *Screen) saveMarked() {
	if s.model == nil {
		return
	}
	var paths []string
	for _, msg := range s.model.marked() {
		if path, here := msg.HasFile(); here {
			paths = append(paths, path)
		}
	}
	if len(paths) > 0 {
		s.on.SaveFiles(paths)
	}
}

func (s *Screen) forwardMarked() {
	if s.model == nil {
		return
	}
	rows := s.model.marked()
	if can, _ := s.model.can(rows); can.Forward && len(rows) > 0 {
		s.on.Forward(keysOf(rows))
	}
}

func (s *Screen) deleteMarked() {
	if s.model != nil {
		s.deleteRows(s.model.marked())
	}
}

// deleteJoined asks how to delete a message with those that are shown together with it.
func (s *Screen) deleteJoined(key uint64) {
	if s.model == nil {
		return
	}
	var rows []Message
	for _, k := range s.joined(key) {
		if msg, ok := s.model.Message(k); ok {
			rows = append(rows, msg)
		}
	}
	s.deleteRows(rows)
}

// deleteRows asks how to delete messages, and deletes them.
func (s *Screen) deleteRows(rows []Message) {
	m := s.model
	can, _ := m.can(rows)
	if !can.Delete || len(rows) == 0 {
		return
	}
	s.on.Delete(len(rows), can, func(everyone bool) {
		marked := len(m.marking.rows) > 0
		m.Unmark()
		m.delete(keysOf(rows), everyone)
		if marked {
			s.chooser.leave()
		}
	})
}

func keysOf(rows []Message) []uint64 {
	keys := make([]uint64, len(rows))
	for i, msg := range rows {
		keys[i] = msg.Key()
	}
	return keys
}

// typedMarked handles a letter while messages are marked.
func (s *Screen) typedMarked(r rune) {
	switch r {
	case 'c':
		s.copyMarked()
	case 's':
		s.saveMarked()
	case 'f':
		s.forwardMarked()
	}
}
