package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/admin"
)

// TestBackend_method: other methods than POST are refused with JSON.
func TestBackend_method(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	doc := contract(t)
	for _, method := range []string{
		http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions,
	} {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+h.address+admin.Path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var answer map[string]any
		if err := json.Unmarshal(b, &answer); err != nil {
			t.Fatalf("%s: %q: %v", method, b, err)
		}
		if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != http.MethodPost ||
			answer["error"] != "BADMETHOD" {
			t.Errorf("%s: got %d, %v, %v", method, res.StatusCode, res.Header, answer)
		}
		if err := schema(t, doc, "Failure").VisitJSON(answer); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
	if doc.Paths.Value(admin.Path).Post.Responses.Status(http.StatusMethodNotAllowed) == nil {
		t.Error("405 is not described")
	}
}

// TestBackend_bearer: the name of the scheme is not case-sensitive.
func TestBackend_bearer(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	for header, want := range map[string]int{
		"Bearer " + app: 200, "bearer " + app: 200, "BEARER  " + app: 200, "Basic " + app: 401, "Bearer": 401,
		app: 401, "Bearer x" + app: 401,
	} {
		req, err := http.NewRequestWithContext(
			t.Context(),
			http.MethodPost,
			"http://"+h.address+admin.Path,
			strings.NewReader(`{"op":"usersget"}`),
		)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", header)
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%.12q: got %d, want %d", header, res.StatusCode, want)
		}
	}
}
