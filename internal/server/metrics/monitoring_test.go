package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server/metrics"
	"github.com/parley-chat/parley/internal/wire"
)

// TestMonitoring: what the dashboard and the alert rules ask for is what the server has, with the labels they name.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.ObserveTransfers(func() int { return 0 })
	m.Message(wire.StatusInboxFull)
	m.Refused("storage")
	m.Hook("failed", 1)
	m.File("created")
	m.FileBytes("in", 1)
	m.Committed(1, time.Millisecond)
	m.Call(wire.StatusSent)
	page := httptest.NewRecorder()
	m.Handler().ServeHTTP(page, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	there := page.Body.String()

	folder := filepath.Join("..", "..", "..", "packaging", "parleyd", "monitoring")
	for _, file := range []string{"dashboard.json", "alerts.yaml"} {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`\b(?:parley|process)_[a-z_]+`).FindAllString(string(text), -1)
		if len(names) == 0 {
			t.Errorf("%s: asks for no metric", file)
		}
		for _, name := range names {
			if !strings.Contains(there, "\n"+name+"{") && !strings.Contains(there, "\n"+name+" ") {
				t.Errorf("%s: there is no %s", file, name)
			}
		}
	}
	for _, label := range []string{
		`parley_refusals_total{reason="storage"}`, `parley_messages_total{status="inbox_full"}`,
		`parley_webhook_events_total{outcome="failed"}`,
	} {
		if !strings.Contains(there, "\n"+label) {
			t.Errorf("the alert rules ask for %s, which there is not", label)
		}
	}
}
