package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/wire"
)

// TestTraces: requests, commits and HTTP requests have spans, with the reason of a refusal, and without anything private.
func TestTraces(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	provider := trace.NewTracerProvider(trace.WithSyncer(spans))
	h := newHost(t, server.Options{Traces: provider})
	alice := h.device("alice")
	h.token("bob")
	alice.sendText("bob", "a private word")
	refused := alice.call(&wire.Request{Op: &wire.Request_History{History: &wire.History{}}})
	if refused.GetResult() == wire.ResultOK {
		t.Fatal("history of no chat: got a reply")
	}
	alice.close()
	const trace, parent = "0af7651916cd43dd8448eb211c80319c", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for _, to := range []struct{ method, path, token string }{
		{http.MethodPost, admin.Path, h.appToken()}, {http.MethodGet, wire.DevicesPath, alice.token.String()},
	} {
		req, err := http.NewRequestWithContext(t.Context(), to.method, "http://"+h.address+to.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+to.token)
		req.Header.Set("Traceparent", parent)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	h.stop()

	seen := map[string]tracetest.SpanStub{}
	for _, s := range spans.GetSpans() {
		name := s.Name
		for _, a := range s.Attributes {
			if a.Key == "url.path" {
				name = a.Value.AsString()
			}
		}
		seen[name] = s
		if line := fmt.Sprintf("%+v", s); strings.Contains(line, "private") || strings.Contains(line, "alice") ||
			strings.Contains(line, alice.token.String()) {
			t.Errorf("got %s", line)
		}
	}
	for _, name := range []string{"hello", "send", "history", "commit", admin.Path, wire.DevicesPath} {
		if _, ok := seen[name]; !ok {
			t.Errorf("%s: got no span", name)
		}
	}
	if got := seen["send"].Status.Code; got != codes.Unset {
		t.Errorf("send: got %v", got)
	}
	if got := seen["history"].Status; got.Code != codes.Error || got.Description != refused.GetReason() {
		t.Errorf("history: got %+v", got)
	}
	if got := seen[admin.Path].SpanContext.TraceID().String(); got != trace {
		t.Errorf("a backend's request: got the trace %s", got)
	}
	if got := seen[wire.DevicesPath].SpanContext.TraceID().String(); got == trace {
		t.Error("a user's request goes on in a trace of the user")
	}
}

// TestTraces_ended: a request whose response was not written, and one whose id is used again, have spans that end.
func TestTraces_ended(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	h := newHost(t, server.Options{Traces: trace.NewTracerProvider(trace.WithSyncer(spans)), Logger: discard()})
	alice := h.device("alice")
	alice.request(hello(&wire.Hello{})) // closes the connection
	alice.ended()
	h.stop()
	started, ended := 0, 0
	for _, s := range spans.GetSpans() {
		if s.Name == "hello" {
			started++
			if s.Status.Code == codes.Error {
				ended++
			}
		}
	}
	if started != 2 || ended != 1 {
		t.Errorf("got %d spans, %d of them of a connection that ended", started, ended)
	}
}
