package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/admin"
)

// FuzzBackend: the response to any request is JSON, and the server keeps running.
func FuzzBackend(f *testing.F) {
	for _, op := range []string{
		`{"op":"useradd","addr":"alice","name":"A","expiry":1,"active":true}`,
		`{"op":"userset","uid":1,"picture":"","visibility":2}`,
		`{"op":"userdel","addr":"x"}`, `{"op":"usersget","addr":"*%_\\","count":3}`, `{"op":"usertoken","uid":1}`,
		`{"op":"tokendel","tokenid":"x"}`, `{"op":"groupadd","name":"g","m":["alice"],"flag":4294967295,"expiry":-5}`,
		`{"op":"groupset","gid":1}`, `{"op":"groupdel","gid":1}`, `{"op":"groupkeep","gid":1,"age":60}`,
		`{"op":"groupeditmembers","gid":1,"m":[],"cansend":false,"admin":1}`,
		`{"op":"groupgetmembers","gid":1,"count":1}`, `{"op":"message","from":"alice","to":"alice","msg":"x","refid":"1"}`,
		`[]`, `{`, ``, `null`,
		"{\"op\":\"useradd\",\"addr\":\"\xff\"}",
		`{"op":"useradd","addr":"\ud800"}`, `{"op":"usersget","op":"\`, `{"op":"usersget","Op":"\u00"}`,
		`{"op":"usersget","addr":"` + strings.Repeat("*", 1000) + `"}`,
		`{"op":"groupeditmembers","gid":1,"m":[],"admin":196609}`,
	} {
		f.Add([]byte(op))
	}
	srv, err := server.Open(
		f.Context(),
		server.Options{Dir: f.TempDir(), PublicURL: "http://127.0.0.1:1", BackendRate: 1e9},
	)
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = srv.Close() }()
	token, err := srv.NewAppToken(f.Context(), accounts.AppTokenOptions{Label: "fuzz"})
	if err != nil {
		f.Fatal(err)
	}
	handler := srv.Handler()
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, admin.Path, strings.NewReader(string(body)))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		var answer map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%q: got %q: %v", body, w.Body, err)
		}
		if answer["error"] == "STORAGE" || (answer["result"] == true) != (w.Code == http.StatusOK) {
			t.Fatalf("%q: got %d, %v", body, w.Code, answer)
		}
	})
}
