package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/wire"
)

// audited returns the entries of the audit log, oldest first, as "actor action target".
func (h *host) audited(f audit.Filter) (list []string) {
	h.t.Helper()
	f.Limit = 100
	entries, err := h.srv.Audit(h.t.Context(), f)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range slices.Backward(entries) {
		if e.Place != "127.0.0.1" {
			h.t.Errorf("%s %s: from %q, want 127.0.0.1", e.Actor, e.Action, e.Place)
		}
		list = append(list, strings.Join([]string{e.Actor, e.Action, e.Target}, " "))
	}
	return list
}

// TestAudit: what applications and users change is written down, with who, what and from where; what was refused and
// what only reads is not.
func TestAudit(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	bob := h.token("bob").String()
	token, err := h.srv.NewAppToken(t.Context(), accounts.AppTokenOptions{Label: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	_, reply := h.post(token, []byte(`{"op":"useradd","addr":"alice","name":"Alice"}`))
	user, _ := reply["user"].(map[string]any)
	alice := fmt.Sprint(user["tokenid"])
	h.post(token, []byte(`{"op":"usersget"}`))
	h.post(token, []byte(`{"op":"userset","addr":"nobody-here","name":"x"}`))
	_, reply = h.post(token, []byte(`{"op":"groupadd","name":"Club","m":["alice"]}`))
	group, _ := reply["group"].(map[string]any)
	gid := fmt.Sprint(uint64(group["gid"].(float64))) //nolint:forcetypeassert // a test
	h.post(token, []byte(`{"op":"userdel","addr":"alice"}`))
	want := []string{
		"apptoken shop user.add alice", "apptoken shop token.new alice " + alice,
		"apptoken shop group.new group " + gid, "apptoken shop user.disable alice",
		"apptoken shop token.revoke_all uid " + fmt.Sprint(uint64(user["uid"].(float64))), //nolint:forcetypeassert // a test
		"apptoken shop group.members group " + gid,
	}
	if got := h.audited(audit.Filter{Actor: "apptoken shop"}); !slices.Equal(got, want) {
		t.Errorf("application:\ngot  %q\nwant %q", got, want)
	}

	second := h.token("bob")
	if status, _ := h.ask(http.MethodDelete, wire.DevicesPath+"/"+second.ID(), bob, nil); status != http.StatusNoContent {
		t.Fatalf("sign out: got %d", status)
	}
	want = []string{"user bob token.revoke " + second.ID()}
	if got := h.audited(audit.Filter{Actor: "user "}); !slices.Equal(got, want) {
		t.Errorf("user: got %q, want %q", got, want)
	}
	if got := h.audited(audit.Filter{Actor: "user ", Since: time.Now().Add(time.Hour)}); got != nil {
		t.Errorf("of the future: got %q", got)
	}
}

// TestAppToken_scopes: a token opens the operations of its scopes alone, and none when it has expired. Every operation
// has a scope.
func TestAppToken_scopes(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	scope := func(op string) accounts.Scope {
		switch {
		case strings.HasPrefix(op, "group"):
			return accounts.ScopeGroups
		case op == "message":
			return accounts.ScopeMessages
		case op == "usersuspend", op == "userban", op == "userrestore":
			return accounts.ScopeModeration
		case op == "serverget", op == "auditget":
			return accounts.ScopeServer
		case op == "notice":
			return accounts.ScopeNotices
		case strings.HasPrefix(op, "report"):
			return accounts.ScopeReports
		default:
			return accounts.ScopeUsers
		}
	}
	for _, s := range accounts.Scopes() {
		token, err := h.srv.NewAppToken(t.Context(), accounts.AppTokenOptions{
			Scopes: []accounts.Scope{s}, Expires: time.Now().Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range admin.Operations() {
			_, reply := h.post(token, fmt.Appendf(nil, `{"op":%q}`, op))
			if got, want := reply["error"] == "DENIED", scope(op) != s; got != want {
				t.Errorf("%s with scope %s: denied %v, want %v (%v)", op, s, got, want, reply)
			}
		}
	}
	expired, err := h.srv.NewAppToken(t.Context(), accounts.AppTokenOptions{Expires: time.Now().Add(-time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if code, reply := h.post(expired, []byte(`{"op":"usersget"}`)); code != http.StatusUnauthorized {
		t.Errorf("expired: got %d, %v, want 401", code, reply)
	}
	if _, err := h.srv.NewAppToken(t.Context(), accounts.AppTokenOptions{Scopes: []accounts.Scope{"all"}}); err == nil {
		t.Error("an unknown scope: got no error")
	}
}
