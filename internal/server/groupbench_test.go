package server_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// BenchmarkGroupSend sends sequential messages to a group of 1,000 members, 100 of whom are connected. A message is on
// disk in a thousand logs when the sender gets the reply. The receipts are part of the work.
func BenchmarkGroupSend(b *testing.B) {
	const members, online = 1000, 100
	h := newHost(b, server.Options{MaxUndelivered: 1 << 30})
	accounts, err := server.OpenAccounts(h.opts.Dir)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = accounts.Close() }()
	names := make([]string, members-1)
	for i := range names {
		names[i] = fmt.Sprintf("user%d", i)
		if err := accounts.AddUser(b.Context(), names[i], strings.ToUpper(names[i])); err != nil {
			b.Fatal(err)
		}
	}
	alice := h.device("alice")
	gid := alice.createGroup(create(names...))
	var readers sync.WaitGroup
	var socks []*websocket.Conn
	arrived := make(chan struct{}, 1<<20)
	for _, name := range names[:online] {
		d := h.device(name)
		socks = append(socks, d.ws)
		ws := d.ws
		readers.Go(func() { drain(ws, arrived) })
	}
	var took time.Duration
	sent := 0
	for b.Loop() {
		start := time.Now()
		if got := alice.send(groupMessage(gid, "hello, everybody")); got.GetStatus() != wire.StatusSent {
			b.Fatalf("got status %#x", got.GetStatus())
		}
		took += time.Since(start)
		sent++
		alice.events = nil
	}
	for range sent * online {
		<-arrived
	}
	b.ReportMetric(float64(took.Microseconds())/1000/float64(sent), "ms/sent")
	b.ReportMetric(float64(sent*online)/b.Elapsed().Seconds(), "arrivals/s")
	for _, ws := range socks {
		_ = ws.Close()
	}
	readers.Wait()
}

// drain reads and acknowledges events until the connection ends.
func drain(ws *websocket.Conn, arrived chan<- struct{}) {
	for {
		_ = ws.SetReadDeadline(time.Now().Add(patience))
		_, frame, err := ws.ReadMessage()
		if err != nil {
			return
		}
		f, err := wire.DecodeServer(frame)
		if err != nil {
			return
		}
		last := uint64(0)
		for _, e := range f.GetEvents().GetEvents() {
			last = e.GetSeq()
			if m := e.GetMessage(); m != nil && m.GetContent().GetGroup() == nil {
				arrived <- struct{}{}
			}
		}
		if last == 0 {
			continue
		}
		ack, err := proto.Marshal(&wire.ClientFrame{Body: &wire.ClientFrame_Ack{Ack: &wire.Ack{Seq: last}}})
		if err != nil || ws.WriteMessage(websocket.BinaryMessage, ack) != nil {
			return
		}
	}
}
