// Package link reads the links that open the program: parley:chat/ADDRESS, parley:group/CODE and parley:join/INVITE.
// They come from web pages and other programs, so nothing in them is trusted, and nothing is done without asking.
package link

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what a link asks for.
type Kind int

// The kinds of links.
const (
	Chat  Kind = iota + 1 // open the chat with a user
	Group                 // join a group by its code
	Join                  // sign in to a server with an invite
)

// Link is what was read.
type Link struct {
	Kind  Kind
	Value string // the address, the code or the invite
}

const (
	scheme     = "parley:"
	longest    = 4096 // bytes
	mostName   = 63   // bytes of an address
	mostCode   = 64   // characters of a code
	mostInvite = 1024 // as an access token may be
)

// invitePrefixes start access tokens and invites.
var invitePrefixes = []string{"parley1_", "parleyinvite1_"}

// ErrLink is wrapped by every error of Parse.
var ErrLink = errors.New("not a link of Parley")

// Is reports whether a string claims to be a link.
func Is(s string) bool { return len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) }

// Parse reads a link.
func Parse(s string) (Link, error) {
	if len(s) > longest {
		return Link{}, fmt.Errorf("%w: it is too long", ErrLink)
	}
	if !Is(s) {
		return Link{}, fmt.Errorf("%w: it does not begin with %s", ErrLink, scheme)
	}
	kind, escaped, ok := strings.Cut(s[len(scheme):], "/")
	if !ok || strings.ContainsAny(escaped, "/?#") {
		return Link{}, fmt.Errorf("%w: it is not of the form parley:KIND/VALUE", ErrLink)
	}
	value, err := url.PathUnescape(escaped)
	if err != nil {
		return Link{}, fmt.Errorf("%w: it is damaged", ErrLink)
	}
	switch {
	case kind == "chat" && isAddress(value):
		return Link{Chat, value}, nil
	case kind == "group" && isCode(value):
		return Link{Group, value}, nil
	case kind == "join" && isInvite(value):
		return Link{Join, value}, nil
	}
	return Link{}, fmt.Errorf("%w: it does not say what to open", ErrLink)
}

// String returns the link as text, which Parse reads.
func (l Link) String() string {
	kinds := map[Kind]string{Chat: "chat", Group: "group", Join: "join"}
	return scheme + kinds[l.Kind] + "/" + url.PathEscape(l.Value)
}

// isAddress reports whether a string can be the address of a user. The server decides; what could mislead who reads it
// is refused here.
func isAddress(s string) bool {
	if s == "" || len(s) > mostName || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) || r != ' ' && unicode.IsSpace(r)
	})
}

// isCode reports whether a string can be the code of a group: letters, digits and dashes.
func isCode(s string) bool { return s != "" && len(s) <= mostCode && only(s, "-") }

func isInvite(s string) bool {
	return len(s) <= mostInvite && only(s, "-_") && slices.ContainsFunc(invitePrefixes, func(prefix string) bool {
		return len(s) > len(prefix) && strings.HasPrefix(s, prefix)
	})
}

// only reports whether a string has nothing but ASCII letters, digits and these.
func only(s, more string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(more, r)
	})
}
