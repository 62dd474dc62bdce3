package chat

import (
	"slices"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/messages"
)

// play plays the moving pictures in view, the newest first. One that is shown together with others stands still.
func (s *Screen) play(rows []Message) {
	wanted := map[uint64]bool{}
	var list []Message
	if s.model.focused && !s.covered {
		for _, msg := range slices.Backward(rows) {
			_, joined := s.albums[msg.Key()]
			if _, here := msg.HasFile(); here && !joined && format.MayMove(msg.File) && !s.model.Hidden(msg.Key()) {
				list = append(list, msg)
				wanted[msg.Key()] = true
			}
		}
	}
	s.player.Only(wanted)
	for _, msg := range list {
		path, _ := msg.HasFile()
		s.player.Want(msg.Key(), path, s.album.side(msg.File))
	}
}

// SetCovered sets whether something lies over the whole window: then no picture moves.
func (s *Screen) SetCovered(covered bool) {
	s.covered = covered
	if s.model != nil {
		s.viewed()
	}
}

// tapFile opens the file of a message; a picture that moved and has stopped moves again.
func (s *Screen) tapFile(key uint64) {
	if s.model == nil || !s.player.Again(key) {
		s.openFile(key)
	}
}

// adorn says of a picture whether it is a sticker, and whether it moves.
func (s *Screen) adorn(card *messages.FileCard, m Message) {
	key := m.Key()
	card.Sticker = format.IsSticker(m.File) || format.MayBeSticker(m.File) && s.album.clear(key)
	if !card.Sticker && (s.player.Moves(key) || format.IsGIF(m.File) && !s.player.Stands(key)) {
		card.Label = tr.L("GIF")
	}
}
