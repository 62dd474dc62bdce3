package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// TestRun_serve_traces: a collector gets the spans, of which the last are sent when the server ends.
func TestRun_serve_traces(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	got := map[string]string{} // the service's name by the span's
	spans := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		var req collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(b, &req)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, of := range req.GetResourceSpans() {
			for _, scope := range of.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					for _, a := range of.GetResource().GetAttributes() {
						if a.GetKey() == "service.name" {
							got[span.GetName()] = a.GetValue().GetStringValue()
						}
					}
				}
			}
		}
	}))
	defer spans.Close()
	var out guarded
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{
			"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--traces", spans.URL,
		}, streams{strings.NewReader(""), &out, &out})
	}()
	url := out.find(t, `tokens name (\S+)`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+wire.DevicesPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("serve: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if got["GET "+wire.DevicesPath] != "parleyd" {
		t.Errorf("got %v", got)
	}
}

func TestOpenTraces_refusals(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"127.0.0.1:4318", "http://", "ftp://x", "::"} {
		if _, err := openTraces(t.Context(), url, nil); err == nil || !strings.Contains(err.Error(), "--traces") {
			t.Errorf("%s: got %v", url, err)
		}
	}
}
