package server_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chromium"
	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// TestAdminPage_in_Chromium: the pages work in a real browser, without scripts, on a phone and in the dark; another site
// cannot use the administrator's session.
func TestAdminPage_in_Chromium(t *testing.T) {
	program, ok := chromium.Find(t)
	if !ok {
		return
	}
	h := newHost(t, server.Options{AdminPage: true})
	alice := h.device("alice")
	token := h.scoped()
	b := chromium.NewTab(t, program)
	base := "http://" + h.address
	wants := func(expression, want string) {
		t.Helper()
		if got := b.Eval(expression); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", expression, got, want)
		}
	}
	b.Open(base + "/admin")
	wants("document.activeElement.id", "token")
	b.Type("#token", token)
	b.Load(func() { b.Click("button.main") })
	wants("document.querySelector('h1').innerText", "Overview")
	wants("document.querySelector('.good').innerText", "The server works.")
	wants("document.querySelector('#connections').innerText", "1")
	wants("'cookies: ' + document.cookie + '.'", "cookies: .") // HttpOnly
	shot(b, "overview")

	b.Open(base + "/admin/user?addr=alice")
	wants("document.querySelector('#state').innerText", "active")
	b.Click("summary")
	b.Type("#why", "insults")
	b.Load(func() { b.Click("details button.main") })
	wants("document.querySelector('.flash').innerText", "Suspended.")
	wants("document.querySelector('#state').innerText", "suspended until")
	if bye := alice.ended(); bye.GetStatus() != wire.ConnSuspend || bye.GetReason() != "insults" {
		t.Errorf("got %v, want that alice is suspended", bye)
	}

	b.Open(base + "/admin/invites")
	b.Load(func() { b.Click("button.main") })
	wants("document.querySelector('#qr').naturalWidth > 100", "true")

	// A phone, in the dark.
	b.Call("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true,
	})
	b.Call("Emulation.setEmulatedMedia", map[string]any{
		"features": []map[string]any{{"name": "prefers-color-scheme", "value": "dark"}},
	})
	for _, page := range []string{"", "/users", "/user?addr=alice", "/invites", "/groups", "/reports", "/audit"} {
		b.Open(base + "/admin" + page)
		wants("document.documentElement.scrollWidth + ' wide'", "390 wide")
		wants("getComputedStyle(document.body).backgroundColor", "rgb(21, 24, 28)")
		shot(b, "phone"+strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(page))
	}

	// Another site, which has the browser send a form.
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, fmt.Sprintf(`<form method="post" action="%s/admin/do">
			<input name="do" value="restore"><input name="addr" value="alice"></form>`, base))
	}))
	defer evil.Close()
	b.Open(strings.Replace(evil.URL, "127.0.0.1", "localhost", 1))
	b.Load(func() { b.Eval("document.forms[0].submit()") })
	users, err := h.srv.Users(t.Context())
	if err != nil || len(users) != 1 || users[0].Suspended.IsZero() {
		t.Errorf("got %+v, %v, want that alice is still suspended", users, err)
	}
}

// shot keeps a picture of the page in the folder that PARLEY_SHOTS names, if it does.
func shot(b *chromium.Tab, name string) {
	folder := os.Getenv("PARLEY_SHOTS")
	if folder == "" {
		return
	}
	var picture struct{ Data string }
	if json.Unmarshal(b.Call("Page.captureScreenshot", nil), &picture) == nil {
		if png, err := base64.StdEncoding.DecodeString(picture.Data); err == nil {
			_ = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600) // only for who looks
		}
	}
}
