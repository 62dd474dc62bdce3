package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

func TestInvite_round_trip(t *testing.T) {
	for _, pin := range [][]byte{nil, bytes.Repeat([]byte{7}, wire.PinSize)} {
		want := wire.NewInvite("https://chat.example:8443", pin)
		texts := []string{want.String(), " " + want.Link() + "\n", "PARLEY:join/" + want.String()}
		if pin == nil {
			texts = append(texts, want.Page())
		} else if want.Page() != "" {
			t.Error("a page that browsers do not trust")
		}
		for _, text := range texts {
			if got, err := wire.ParseInvite(text); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
			}
			if !wire.IsInvite(text) {
				t.Errorf("%s is no invite", text)
			}
		}
	}
	if a, b := wire.NewInvite("http://h", nil), wire.NewInvite("http://h", nil); a.Secret == b.Secret || a.ID() == b.ID() {
		t.Error("two invites have the same secret")
	}
}

func TestParseInvite_refuses(t *testing.T) {
	good := wire.NewInvite("https://chat.example", nil).String()
	token := wire.NewToken("https://chat.example", "alice", nil).String()
	for name, text := range map[string]string{
		"empty": " ", "a token": token, "cut": good[:len(good)-6], "changed": good[:20] + flip(good[20]) + good[21:],
		"too long": good + strings.Repeat("A", 2000), "no server": wire.NewInvite("ftp://h", nil).String(),
		"short pin": wire.NewInvite("https://h", []byte{1}).String(),
	} {
		if _, err := wire.ParseInvite(text); !errors.Is(err, wire.ErrInvite) {
			t.Errorf("%s: got %v, want an error that wraps %v", name, err, wire.ErrInvite)
		}
	}
	if wire.IsInvite(token) || wire.IsInvite("") {
		t.Error("a token is an invite")
	}
	if _, err := wire.ParseToken(good); !errors.Is(err, wire.ErrToken) {
		t.Errorf("an invite is a token: %v", err)
	}
}

func TestInvite_stays_out_of_logs(t *testing.T) {
	i := wire.NewInvite("http://h", nil)
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("invite", slog.Any("invite", i))
	if s := out.String(); !strings.Contains(s, "http://h") || strings.Contains(s, i.String()) ||
		strings.Contains(s, fmt.Sprintf("%x", i.Secret[:4])) {
		t.Errorf("got %s", s)
	}
}
