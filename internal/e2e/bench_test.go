package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// roundTrips sends messages from alice to bob, at most window of them at a time, and waits for the delivery receipt of
// each: by then the message is on the disk in both databases and in the server's.
func roundTrips(b *testing.B, window int) {
	b.Helper()
	srv := mesibotest.NewServer(b)
	alice, bob := benchDevice(b, srv.Token("alice")), benchDevice(b, srv.Token("bob"))
	_ = bob
	var mu sync.Mutex
	began := make(map[uint32]time.Time)
	var took []time.Duration
	free := make(chan struct{}, window)
	if err := alice.AddListener(&mesibo.ListenerFuncs{MessageStatus: func(p *mesibo.MessageParams) {
		if p.Status == mesibo.MsgStatusDelivered {
			mu.Lock()
			took = append(took, time.Since(began[uint32(p.Mid)]))
			mu.Unlock()
			<-free
		}
	}}); err != nil {
		b.Fatal(err)
	}
	p := mesibo.NewMessageParams("bob", mesibo.FlagDefault)
	text := make([]byte, 1000)
	for b.Loop() {
		free <- struct{}{}
		id := alice.Random()
		mu.Lock()
		began[id] = time.Now()
		mu.Unlock()
		if err := alice.SendMessage(p, id, text); err != nil {
			b.Fatal(err)
		}
	}
	for range window { // until all have returned
		free <- struct{}{}
	}
	slices.Sort(took)
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "roundtrips/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

func BenchmarkRoundTrip(b *testing.B) {
	for _, window := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("window=%d", window), func(b *testing.B) { roundTrips(b, window) })
	}
	b.Run("floor", floor)
}

// floor does what no implementation of a round trip can avoid: four hops over loopback and three writes of 1 KB with
// fsync, on the disks of the sender, the server and the recipient.
func floor(b *testing.B) {
	near, far := loopback(b)
	go func() { _, _ = io.Copy(far, far) }() // ends when the pair is closed
	files := make([]*os.File, 3)
	for i := range files {
		f, err := os.Create(filepath.Join(b.TempDir(), "log"))
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		files[i] = f
	}
	text := make([]byte, 1000)
	for b.Loop() {
		for _, f := range files {
			if _, err := f.Write(text); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
		for range 2 {
			if _, err := near.Write(text); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(near, text); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "roundtrips/s")
}

func loopback(b *testing.B) (near, far net.Conn) {
	b.Helper()
	ln, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	near, err = (&net.Dialer{}).DialContext(b.Context(), "tcp", ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	far, err = ln.Accept()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := errors.Join(near.Close(), far.Close(), ln.Close()); err != nil {
			b.Error(err)
		}
	})
	return near, far
}

func benchDevice(b *testing.B, token string) *mesibo.Mesibo {
	b.Helper()
	m, err := mesibo.New(mesibo.Options{Path: b.TempDir(), AccessToken: token, Database: "bench.db"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := m.Reset(); err != nil {
			b.Error(err)
		}
	})
	if err := m.Start(); err != nil {
		b.Fatal(err)
	}
	return m
}

// BenchmarkBacklog measures a device that was offline: it receives and stores what waited, and calls its listeners.
func BenchmarkBacklog(b *testing.B) {
	const waiting = 20_000
	srv := mesibotest.NewServer(b)
	bobToken := srv.Token("bob")
	alice := benchDevice(b, srv.Token("alice"))
	p := mesibo.NewMessageParams("bob", mesibo.FlagDefault)
	text := make([]byte, 200)
	for i := range waiting {
		if err := alice.SendMessage(p, uint32(i+1), text); err != nil {
			b.Fatal(err)
		}
	}
	for alice.OutboxCount() > 0 {
		<-time.After(50 * time.Millisecond)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.ResetTimer()
	for b.Loop() {
		got, all := 0, make(chan struct{})
		m, err := mesibo.New(mesibo.Options{Path: b.TempDir(), AccessToken: bobToken, Database: "bench.db"})
		if err != nil {
			b.Fatal(err)
		}
		if err := m.AddListener(&mesibo.ListenerFuncs{Message: func(*mesibo.MessageParams, []byte) {
			if got++; got == waiting {
				close(all)
			}
		}}); err != nil {
			b.Fatal(err)
		}
		if err := m.Start(); err != nil {
			b.Fatal(err)
		}
		<-all
		if err := m.Reset(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(waiting*b.N)/b.Elapsed().Seconds(), "messages/s")
	runtime.ReadMemStats(&after)
	// The server's share is included.
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(waiting*b.N), "allocs/message")
}
