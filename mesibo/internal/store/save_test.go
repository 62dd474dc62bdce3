package store_test

import (
	"slices"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// What is saved here stands behind what is there, and before what comes; its chat is the newest meanwhile.
func TestSave_stands_behind_everything(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, incoming(1, 1, "bob"), incoming(2, 2, "carol"))
	const missed = 0x15
	for n, peer := range []string{"dave", "bob", "bob"} {
		m := models.Message{Mid: int64(10 + n), Status: missed, Nonce: nonce(n), Data: []byte("call"), Ts: 5, Type: 1}
		if err := s.Save(store.Target{Account: a.ID, Peer: peer}, &m); err != nil {
			t.Fatal(err)
		}
		if m.ID == 0 || m.Position == 0 || m.Status != missed || string(m.Data) != "call" || m.Ts != 5 || m.Type != 1 {
			t.Errorf("saved is %+v", m)
		}
	}
	order := func() (peers []string) {
		rows, err := s.Summary(t.Context(), a.ID, models.Chat{}, 9, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			peers = append(peers, rows[i].Chat.Peer)
		}
		return peers
	}
	if got := order(); !slices.Equal(got, []string{"bob", "dave", "carol"}) {
		t.Errorf("got %q", got)
	}
	apply(t, s, &a, incoming(3, 3, "carol"), incoming(4, 4, "bob"))
	if got := order(); !slices.Equal(got, []string{"bob", "carol", "dave"}) {
		t.Errorf("got %q", got)
	}
	chat, err := s.Chat(t.Context(), store.Target{Account: a.ID, Peer: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	calls := store.Query{Limit: 9, Calls: []models.Status{missed}}
	rows, err := s.Page(t.Context(), a.ID, chat.ID, store.CursorNewest, calls)
	if err != nil || len(rows) != 4 || rows[0].Status == missed || rows[1].Status != missed ||
		rows[3].Status == missed {
		t.Errorf("got %+v, %v", rows, err)
	}
}
