package server_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/wire"
)

// visitor is a browser, as far as the pages for administrators need one.
type visitor struct {
	t       *testing.T
	handler http.Handler
	cookie  *http.Cookie // nil: not signed in
	header  http.Header  // of its requests
}

func (h *host) visitor() *visitor {
	return &visitor{t: h.t.(*testing.T), handler: h.srv.Handler(), header: make(http.Header)} //nolint:forcetypeassert // a test
}

func (v *visitor) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	r := httptest.NewRequestWithContext(v.t.Context(), method, "http://chat.example"+path, strings.NewReader(form.Encode()))
	maps.Copy(r.Header, v.header)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		v.cookie = c
	}
	return w
}

// see returns a page, which must be there.
func (v *visitor) see(path string) string {
	v.t.Helper()
	w := v.ask(http.MethodGet, path, nil)
	if w.Code != http.StatusOK {
		v.t.Fatalf("%s: got %d, %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// do sends a form; the server goes back to where it was.
func (v *visitor) do(form url.Values) {
	v.t.Helper()
	if w := v.ask(http.MethodPost, "/admin/do", form); w.Code != http.StatusSeeOther {
		v.t.Fatalf("%v: got %d, %s", form, w.Code, w.Body)
	}
}

func (v *visitor) signIn(token string) *httptest.ResponseRecorder {
	v.t.Helper()
	return v.ask(http.MethodPost, "/admin/login", url.Values{"token": {token}})
}

func (h *host) scoped(scopes ...accounts.Scope) string {
	h.t.Helper()
	token, err := h.srv.NewAppToken(h.t.Context(), accounts.AppTokenOptions{Label: "page", Scopes: scopes})
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// TestAdminPage: an administrator signs in, sees how the server is, and does what the API does.
func TestAdminPage(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{AdminPage: true})
	alice, bob := h.device("alice"), h.device("bob")
	alice.sendText("bob", "<b>an insult</b>")
	seq, _ := bob.nextSeq()
	if r := bob.call(report("alice", seq, wire.ReportAbuse, "look")); r.GetResult() != wire.ResultOK {
		t.Fatal(r)
	}
	v := h.visitor()
	if w := v.ask(http.MethodGet, "/admin/users", nil); w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "alice") {
		t.Fatalf("without signing in: got %d, %s", w.Code, w.Body)
	}
	w := v.signIn(h.scoped())
	if w.Code != http.StatusSeeOther {
		t.Fatalf("sign in: got %d, %s", w.Code, w.Body)
	}
	if c := v.cookie; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.MaxAge <= 0 || c.Path != "/admin" {
		t.Errorf("got the cookie %v", c)
	}
	wants := func(path string, words ...string) {
		t.Helper()
		page := v.see(path)
		for _, word := range words {
			if !strings.Contains(page, word) {
				t.Errorf("%s: got %s, want %q", path, page, word)
			}
		}
	}
	wants("/admin", "The server works.", "Open reports</dt><dd>1")
	wants("/admin/users?q=ali", "alice", "active")
	wants("/admin/reports", "abuse", "look", "&lt;b&gt;an insult&lt;/b&gt;")
	v.do(url.Values{"do": {"suspend"}, "addr": {"alice"}, "days": {"3"}, "reason": {"insults"}, "back": {"/admin/user?addr=alice"}})
	if bye := alice.ended(); bye.GetStatus() != wire.ConnSuspend || bye.GetReason() != "insults" {
		t.Errorf("got %v, want that alice is suspended", bye)
	}
	wants("/admin/user?addr=alice", "Suspended.", "suspended until", "insults")
	v.do(url.Values{"do": {"restore"}, "addr": {"alice"}})
	v.do(url.Values{"do": {"close"}, "reportid": {"1"}, "note": {"suspended"}})
	wants("/admin/reports", "None.")
	wants("/admin/reports?closed=1", "suspended")
	invite := v.ask(http.MethodPost, "/admin/do", url.Values{"do": {"invite"}, "uses": {"1"}, "days": {"7"}})
	if invite.Code != http.StatusOK || !strings.Contains(invite.Body.String(), `src="data:image/png;base64,`) {
		t.Errorf("invite: got %d, %s", invite.Code, invite.Body)
	}
	wants("/admin/invites", "operator")
	gid := bob.createGroup(create("alice"))
	wants("/admin/groups", "/admin/group?gid=")
	wants(fmt.Sprint("/admin/group?gid=", gid), "alice")
	wants("/admin/audit", "user.suspend", "apptoken page")
	v.do(url.Values{"do": {"ban"}, "addr": {"bob"}})
	if bye := bob.ended(); bye.GetStatus() != wire.ConnSuspend {
		t.Errorf("got %v, want that bob is banned", bye)
	}
	if got := h.appAudit("user.ban"); got != 1 {
		t.Errorf("got %d entries about bans, want 1", got)
	}
	if w := v.ask(http.MethodPost, "/admin/logout", url.Values{}); w.Code != http.StatusSeeOther {
		t.Errorf("sign out: got %d", w.Code)
	}
	if w := v.ask(http.MethodGet, "/admin/users", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("after signing out: got %d, want 401", w.Code)
	}
}

// appAudit returns how many entries there are about an action.
func (h *host) appAudit(action string) (n int) {
	h.t.Helper()
	list, err := h.srv.Audit(h.t.Context(), audit.Filter{Actor: "apptoken page", Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range list {
		if e.Action == action {
			n++
		}
	}
	return n
}

// TestAdminPage_defends: other sites cannot make a browser do anything, nor show the pages in a frame; a token opens its
// scopes only, and what is revoked is signed out; without the option there is nothing.
func TestAdminPage_defends(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{AdminPage: true})
	h.token("alice")
	token := h.scoped(accounts.ScopeUsers)
	v := h.visitor()
	for _, wrong := range []string{"", "parleyapp_x", h.token("bob").String()} {
		if w := v.signIn(wrong); w.Code != http.StatusUnauthorized || v.cookie != nil {
			t.Fatalf("sign in with %q: got %d", wrong, w.Code)
		}
	}
	v.signIn(token)
	csp := v.ask(http.MethodGet, "/admin/users", nil).Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("got the policy %q, want %q", csp, want)
		}
	}
	disable := url.Values{"do": {"disable"}, "addr": {"alice"}}
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		v.header = http.Header{name: {value}}
		if w := v.ask(http.MethodPost, "/admin/do", disable); w.Code != http.StatusForbidden {
			t.Errorf("%s %s: got %d, want 403", name, value, w.Code)
		}
	}
	v.header = http.Header{"Sec-Fetch-Site": {"same-origin"}}
	for _, form := range []url.Values{
		{"do": {"ban"}, "addr": {"alice"}}, {"do": {"notice"}, "msg": {"x"}}, {"do": {"close"}, "reportid": {"1"}},
	} {
		if w := v.ask(http.MethodPost, "/admin/do", form); w.Code != http.StatusForbidden {
			t.Errorf("%v without the scope: got %d, want 403", form, w.Code)
		}
	}
	for _, path := range []string{"/admin/reports", "/admin/audit", "/admin/groups"} {
		if w := v.ask(http.MethodGet, path, nil); w.Code != http.StatusForbidden {
			t.Errorf("%s without the scope: got %d, want 403", path, w.Code)
		}
	}
	for _, form := range []url.Values{{"do": {"userdel"}, "addr": {"alice"}}, {"do": {"message"}}, {}} {
		if w := v.ask(http.MethodPost, "/admin/do", form); w.Code != http.StatusBadRequest {
			t.Errorf("%v: got %d, want 400", form, w.Code)
		}
	}
	disable.Set("back", "https://evil.example/admin/")
	if w := v.ask(http.MethodPost, "/admin/do", disable); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/admin" {
		t.Errorf("got %d to %q, want back to the overview", w.Code, w.Header().Get("Location"))
	}
	if err := h.srv.RevokeAppToken(t.Context(), accounts.AppTokenID(token)); err != nil {
		t.Fatal(err)
	}
	if w := v.ask(http.MethodGet, "/admin/users", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("with a revoked token: got %d, want 401", w.Code)
	}
	off := newHost(t, server.Options{})
	if w := off.visitor().ask(http.MethodGet, "/admin", nil); w.Code != http.StatusNotFound {
		t.Errorf("without the option: got %d, want 404", w.Code)
	}
}

// TestAdminPage_tls: where browsers reach the server over TLS, the cookie is for TLS only.
func TestAdminPage_tls(t *testing.T) {
	t.Parallel()
	srv, err := server.Open(t.Context(), server.Options{
		Dir: t.TempDir(), AdminPage: true, PublicURL: "https://chat.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = srv.Close() }()
	token, err := srv.NewAppToken(t.Context(), accounts.AppTokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, handler: srv.Handler()}
	v.signIn(token)
	if v.cookie == nil || !v.cookie.Secure {
		t.Errorf("got the cookie %v, want one for TLS only", v.cookie)
	}
	if style := v.see("/admin/style.css"); !strings.Contains(style, "prefers-color-scheme: dark") {
		t.Errorf("got %s, want a dark mode", style)
	}
}
