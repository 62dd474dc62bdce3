package eventlog

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
	"github.com/parley-chat/parley/internal/wire"
)

func openRecord(t testing.TB) *sqlite.Record {
	t.Helper()
	rec, err := sqlite.Open(t.TempDir(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rec.Close() })
	return rec
}

// TestHistory_uses_the_index: the stretches with messages of a chat are found whatever else is in the log, and neither
// they nor the messages in them have to be sorted.
func TestHistory_uses_the_index(t *testing.T) {
	t.Parallel()
	rec := openRecord(t)
	for query, want := range map[string]string{
		stretchQuery: "SEARCH stretches USING PRIMARY KEY (uid=? AND chat=? AND stretch<?)",
		historyQuery + `m.gid = ? ORDER BY e.id DESC LIMIT ?`: "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	} {
		var plan []string
		args := make([]any, strings.Count(query, "?"))
		for i := range args {
			args[i] = 1
		}
		err := rec.View(t.Context(), func(read record.Reader) error {
			return read.Query("EXPLAIN QUERY PLAN "+query, args, func(row record.Row) error {
				var id, parent, unused int
				var detail string
				if err := row.Scan(&id, &parent, &unused, &detail); err != nil {
					return fmt.Errorf("scan: %w", err)
				}
				plan = append(plan, detail)
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(plan, "\n")
		if !strings.HasPrefix(all, want) || strings.Contains(all, "SCAN") || strings.Contains(all, "TEMP B-TREE") {
			t.Errorf("%s\nis done so:\n%s\nwant %s", query, all, want)
		}
	}
}

// fillLog writes a log of user 1: count messages with users 3 to 102, and before them few with user 2.
func fillLog(b *testing.B, rec *sqlite.Record, few, count int) {
	b.Helper()
	const chunk = 5000
	for at := 0; at < few+count; at += chunk {
		msgs := record.Rows{Table: "msgs", Columns: "mid, sender, sseq, peer, gid, ts, exp, flags, body"}
		events := record.Rows{Table: "events", Columns: "id, ts, exp, kind, mid, body"}
		stretches := record.Rows{Table: "stretches", Columns: "uid, chat, stretch", OnConflict: "ON CONFLICT DO NOTHING"}
		to := min(at+chunk, few+count)
		for i := at; i < to; i++ {
			peer := uint32(2)
			if i >= few {
				peer = uint32(3 + i%100)
			}
			raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: &wire.Message{
				Id: uint64(i + 1), From: "alice", Peer: fmt.Sprint("user", peer), Time: 1,
				Content: &wire.Content{Data: []byte(strings.Repeat("x", 100))},
			}}})
			if err != nil {
				b.Fatal(err)
			}
			msgs.Add(i+1, 1, i+1, int64(peer), 0, 1, 0, 0, raw)
			events.Add(record.EventKey(1, uint64(i+1)), 1, 0, int(record.KindOwn), i+1, nil)
			stretches.Add(1, record.PeerChat(peer), int64(record.Stretch(uint64(i+1))))
		}
		tx, err := rec.Begin(b.Context(), &record.Plan{Logs: []uint32{1}})
		if err != nil {
			b.Fatal(err)
		}
		err = tx.Commit(&record.WriteSet{
			Rows:  []*record.Rows{&msgs, &events, &stretches},
			Heads: []record.HeadRow{{UID: 1, Head: record.Head{Last: uint64(to)}}},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHistory reads all 40 messages of a chat that has been quiet for long: 200,000 messages of other chats came
// after it.
func BenchmarkHistory(b *testing.B) {
	const few, others = 40, 200_000
	rec := openRecord(b)
	fillLog(b, rec, few, others)
	l, err := New(b.Context(), &Config{
		Record: rec, Logger: slog.New(slog.DiscardHandler), Clock: time.Now, Foreign: func() {},
	})
	if err != nil {
		b.Fatal(err)
	}
	requests := 0
	for b.Loop() {
		got := 0
		for before := uint64(few + others + 1); before != 0; requests++ {
			reply, _, err := l.History(b.Context(), 1, Chat{Peer: accounts.UserRef{UID: 2, Address: "bob"}}, before, 20, true)
			if err != nil {
				b.Fatal(err)
			}
			got += len(reply.GetEvents())
			before = reply.GetBefore()
		}
		if got != few {
			b.Fatalf("got %d messages, want %d", got, few)
		}
	}
	b.ReportMetric(float64(requests)/float64(b.N), "requests/op")
}
