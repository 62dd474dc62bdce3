package wire_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

func TestToken_round_trip(t *testing.T) {
	pin := bytes.Repeat([]byte{7}, wire.PinSize)
	for _, tc := range []struct {
		url, address string
		pin          []byte
	}{
		{"http://127.0.0.1:4567", "alice", nil},
		{"https://chat.example", "Zoë Müller", pin},
		{"https://[::1]:8443/", strings.Repeat("a", wire.MaxAddress), pin},
	} {
		want := wire.NewToken(tc.url, tc.address, tc.pin)
		got, err := wire.ParseToken(" " + want.String() + "\n")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	a, b := wire.NewToken("http://h", "a", nil), wire.NewToken("http://h", "a", nil)
	if a.Secret == b.Secret || a.Hash() == b.Hash() {
		t.Error("two tokens have the same secret")
	}
}

func TestParseToken_refuses(t *testing.T) {
	good := wire.NewToken("http://127.0.0.1:4567", "alice", nil)
	text := good.String()
	change := func(f func(*wire.Token)) string {
		tok := good
		f(&tok)
		return tok.String()
	}
	for _, tc := range []struct{ name, text, want string }{
		{"empty", " \n", "it is empty"},
		{"too long", "parley1_" + strings.Repeat("A", 2000), "too long"},
		{"something else", "hello", "does not begin with"},
		{"another character", text[:20] + "!" + text[21:], "a character that does not belong"},
		{"a changed character", text[:20] + flip(text[20]) + text[21:], "damaged"},
		{"cut by one", text[:len(text)-1], ""},
		{"cut short", text[:30], "its end is missing"},
		{"a newer kind", retype(t, text, 9), "newer kind"},
		{"short pin", change(func(k *wire.Token) { k.Pin = []byte{1} }), "pin has the wrong length"},
		{"no address", change(func(k *wire.Token) { k.Address = "" }), "address is empty"},
		{"no url", change(func(k *wire.Token) { k.URL = "" }), "no usable server"},
		{"another scheme", change(func(k *wire.Token) { k.URL = "ftp://h" }), "no usable server"},
		{"a path", change(func(k *wire.Token) { k.URL = "http://h/path" }), "no usable server"},
		{"a user", change(func(k *wire.Token) { k.URL = "http://me@h" }), "no usable server"},
		{"a query", change(func(k *wire.Token) { k.URL = "http://h?x=1" }), "no usable server"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := wire.ParseToken(tc.text)
			if !errors.Is(err, wire.ErrToken) || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			if len(tc.text) > 20 && strings.Contains(err.Error(), tc.text[8:20]) {
				t.Errorf("the error quotes the token: %v", err)
			}
		})
	}
}

func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

// retype returns the token with another version and a correct checksum.
func retype(t *testing.T, text string, version byte) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(text, "parley1_"))
	if err != nil {
		t.Fatal(err)
	}
	raw[0] = version
	return seal(raw[:len(raw)-4])
}

func TestToken_stays_out_of_logs(t *testing.T) {
	tok := wire.NewToken("http://h", "alice", nil)
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("token", slog.Any("token", tok))
	if s := out.String(); !strings.Contains(s, "alice") || strings.Contains(s, tok.String()) ||
		strings.Contains(s, fmt.Sprintf("%x", tok.Secret[:4])) {
		t.Errorf("got %s", s)
	}
}

func TestValidAddress(t *testing.T) {
	for address, ok := range map[string]bool{
		"a": true, "alice": true, "Zoë": true, "a b": true, "+49 170 1234567": true, "a@b.example": true,
		strings.Repeat("ü", 31): true, strings.Repeat("ü", 32): false,
		"": false, " a": false, "a ": false, "a\x00": false, "a\nb": false, "\x7f": false, "\xff": false,
		"a\u202Eb": false, "a\u200Bb": false, "a\u2028b": false, "a\u0085b": false, "\uFEFFa": false,
	} {
		if err := wire.ValidAddress(address); (err == nil) != ok {
			t.Errorf("%q: got %v, want ok %v", address, err, ok)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(wire.Token{URL: "http://127.0.0.1:4567", Address: "alice"}.String())
	f.Add(wire.Token{URL: "https://chat.example", Address: "Zoë", Pin: make([]byte, wire.PinSize)}.String())
	f.Add(seal([]byte{1}))
	f.Fuzz(func(t *testing.T, s string) {
		tok, err := wire.ParseToken(s)
		if err != nil {
			if !errors.Is(err, wire.ErrToken) {
				t.Fatalf("got %v, want an error that wraps %v", err, wire.ErrToken)
			}
			return
		}
		again, err := wire.ParseToken(tok.String())
		if err != nil || !reflect.DeepEqual(again, tok) {
			t.Fatalf("got %v, %v, want %v", again, err, tok)
		}
		if wire.ValidAddress(tok.Address) != nil {
			t.Fatalf("got the address %q", tok.Address)
		}
	})
}

// seal prints a payload as a token with a correct checksum.
func seal(payload []byte) string {
	sum := sha256.Sum256(payload)
	return "parley1_" + base64.RawURLEncoding.EncodeToString(slices.Concat(payload, sum[:4]))
}
