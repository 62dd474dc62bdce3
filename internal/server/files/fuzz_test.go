package files_test

import (
	"bytes"
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/server/files"
	"github.com/parley-chat/parley/internal/wire"
)

func FuzzMetadata(f *testing.F) {
	for _, s := range []string{
		"", "filename YS5wbmc=", "filename YQ==,filetype dGV4dA==,expires bWVzc2FnZQ==", "a", "a ,b ", ",", "filename AA==",
		"filename Li4vLi4vZXRjL3Bhc3N3ZA==", strings.Repeat("a,", 100), "a YQ==,a YQ==", "ä YQ==", "a  YQ==",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, _, err := files.Metadata(s)
		if err != nil {
			if name != "" && strings.ContainsRune(name, 0) {
				t.Errorf("%q was refused and %q kept", s, name)
			}
			return
		}
		if len(s) > 4096 || len(name) > wire.MaxName || !utf8.ValidString(name) ||
			strings.ContainsFunc(name, unicode.IsControl) {
			t.Errorf("%q was taken, with the name %q", s, name)
		}
		offered := files.OfferedName(name)
		if offered == "" || offered == "." || offered == ".." || strings.ContainsAny(offered, `/\:`) ||
			!filepath.IsLocal(offered) {
			t.Errorf("%q is offered as %q", name, offered)
		}
	})
}

func FuzzGrant(f *testing.F) {
	key := bytes.Repeat([]byte{7}, 32)
	now := time.UnixMilli(1_800_000_000_000)
	good := files.SignGrant(key, files.Grant{Upload: true, Expires: now.UnixMilli() + 1, MaxSize: 5, Number: 9})
	f.Add(good)
	f.Add(files.SignGrant(key, files.Grant{Expires: now.UnixMilli() + 1000, File: strings.Repeat("ab", 16)}))
	f.Add(files.SignGrant(key, files.Grant{Expires: now.UnixMilli()}))
	f.Add(files.SignGrant(bytes.Repeat([]byte{8}, 32), files.Grant{Expires: now.UnixMilli() + 1000}))
	f.Add("parleygrant_")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		g, err := files.ParseGrant(key, s, now)
		if err != nil {
			return
		}
		if again := files.SignGrant(key, g); again != s || g.Expires <= now.UnixMilli() {
			t.Errorf("%q was taken as %+v", s, g)
		}
	})
}

// TestGrant_is_signed: a grant with any changed bit is refused.
func TestGrant_is_signed(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{7}, 32)
	now := time.UnixMilli(1_800_000_000_000)
	want := files.Grant{Upload: true, Expires: now.UnixMilli() + 1, MaxSize: 5, Number: -9, File: strings.Repeat("ab", 16)}
	good := files.SignGrant(key, want)
	if got, err := files.ParseGrant(key, good, now); err != nil || got != want {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := files.ParseGrant(key, good, now.Add(time.Millisecond)); err == nil {
		t.Error("taken after its time")
	}
	if _, err := files.ParseGrant(bytes.Repeat([]byte{8}, 32), good, now); err == nil {
		t.Error("taken with another key")
	}
	text := strings.TrimPrefix(good, wire.GrantPrefix)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		if _, err := files.ParseGrant(key, wire.GrantPrefix+base64.RawURLEncoding.EncodeToString(bad), now); err == nil {
			t.Errorf("taken with byte %d changed", i)
		}
	}
	for _, s := range []string{text, good + "A", good[:len(good)-1], strings.ToUpper(good)} {
		if _, err := files.ParseGrant(key, s, now); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestOfferedName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"":                      "file",
		"a.png":                 "a.png",
		"../../etc/passwd":      "passwd",
		`..\..\windows\win.ini`: "win.ini",
		"..":                    "file",
		"/":                     "_",
		"con":                   "_con",
		"NUL.txt":               "_NUL.txt",
		"com1.tar.gz":           "_com1.tar.gz",
		"COM¹":                  "_COM¹",
		"lpt":                   "lpt",
		"common.txt":            "common.txt",
		"a:b|c?.txt":            "a_b_c_.txt",
		"name. . ":              "name",
		"x\u202Egnp.exe":        "x_gnp.exe",
		"👨\u200d👩\u200d👧.png":   "👨\u200d👩\u200d👧.png",
		"\u200d":                "file",
		"日本.pdf":                "日本.pdf",
	} {
		if got := files.OfferedName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
