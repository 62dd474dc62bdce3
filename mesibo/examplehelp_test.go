package mesibo_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file is what the examples stand on: a server of their own, and people who are signed in.

// stage is a testing.TB for examples, which are given none. It has what mesibotest needs.
type stage struct {
	testing.TB

	end []func()
}

func (*stage) Helper()                      {}
func (*stage) Name() string                 { return "example" }
func (*stage) Output() io.Writer            { return io.Discard }
func (*stage) Context() context.Context     { return context.Background() }
func (s *stage) Cleanup(f func())           { s.end = append(s.end, f) }
func (*stage) Errorf(text string, a ...any) { panic(fmt.Sprintf(text, a...)) }
func (*stage) Fatalf(text string, a ...any) { panic(fmt.Sprintf(text, a...)) }
func (*stage) Fatal(a ...any)               { panic(fmt.Sprint(a...)) }

func (s *stage) TempDir() string {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// newServer starts a server; end ends it, and everybody who signed in.
func newServer() (srv *mesibotest.Server, s *stage) {
	s = &stage{}
	return mesibotest.NewServer(s), s
}

func (s *stage) close() {
	for _, f := range slices.Backward(s.end) {
		f()
	}
}

// signIn makes an instance for a user, with a database, and starts it.
func (s *stage) signIn(srv *mesibotest.Server, address string, listeners ...any) *mesibo.Mesibo {
	m, err := mesibo.New(mesibo.Options{Path: s.TempDir(), AccessToken: srv.Token(address), Database: "chat.db"})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = m.Reset() })
	online := make(chan struct{}, 1)
	listeners = append(listeners, &mesibo.ListenerFuncs{ConnectionStatus: func(c mesibo.ConnectionStatus) {
		if c == mesibo.StatusOnline {
			online <- struct{}{}
		}
	}})
	for _, l := range listeners {
		if err := m.AddListener(l); err != nil {
			s.Fatal(err)
		}
	}
	if err := m.Start(); err != nil {
		s.Fatal(err)
	}
	<-online
	return m
}

// keepFiles is a server for the files of an example: it keeps what is posted and answers with its URL, which serves it.
func keepFiles() *httptest.Server {
	var srv *httptest.Server
	var files [][]byte
	var mu sync.Mutex
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPost {
			data, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			files = append(files, data)
			_, _ = fmt.Fprintf(w, "%s/%d", srv.URL, len(files)-1)
			return
		}
		n, err := strconv.Atoi(r.URL.Path[1:])
		if err != nil || n < 0 || n >= len(files) {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(files[n])
	}))
	return srv
}
