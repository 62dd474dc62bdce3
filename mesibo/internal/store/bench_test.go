package store_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

func BenchmarkApply(b *testing.B) {
	s, a := fresh(b)
	b.ReportAllocs()
	seq := 0
	for b.Loop() {
		events := make([]store.Event, 256)
		for i := range events {
			seq++
			events[i] = incoming(seq, seq, fmt.Sprintf("peer%d", seq%40))
		}
		if _, err := s.Apply(&a, events); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(seq)/b.Elapsed().Seconds(), "messages/s")
}

// million is a database of 1,000 chats and 1,000,000 messages, made once for the benchmarks that read.
var million = sync.OnceValues(func() (*store.Store, models.Account) {
	dir, err := os.MkdirTemp("", "store-bench")
	if err != nil {
		panic(err)
	}
	s, err := store.Open(filepath.Join(dir, "m.db"), "", slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	a, err := s.Account("alice")
	if err == nil {
		a, err = s.Welcome(a.ID, &store.Welcome{UID: 7, Name: "Alice", Epoch: 99})
	}
	for seq := 0; seq < 1_000_000 && err == nil; {
		events := make([]store.Event, 5000)
		for i := range events {
			seq++
			events[i] = incoming(seq, seq, fmt.Sprintf("peer%d", seq%1000))
		}
		_, err = s.Apply(&a, events)
	}
	if err != nil {
		panic(err)
	}
	return s, a
})

func BenchmarkSummary_1000_of_1000000(b *testing.B) {
	s, a := million()
	b.ResetTimer()
	for b.Loop() {
		if rows, err := s.Summary(b.Context(), a.ID, models.Chat{}, 1000, nil); err != nil || len(rows) != 1000 {
			b.Fatal(len(rows), err)
		}
	}
}

func BenchmarkPage_50_of_1000000(b *testing.B) {
	s, a := million()
	chat, err := s.Chat(b.Context(), store.Target{Account: a.ID, Peer: "peer500"})
	if err != nil {
		b.Fatal(err)
	}
	at, err := s.PlaceAt(b.Context(), chat.ID, 500_000)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		if rows, err := s.Page(b.Context(), a.ID, chat.ID, at, store.Query{Limit: 50}); err != nil || len(rows) != 50 {
			b.Fatal(len(rows), err)
		}
	}
}
