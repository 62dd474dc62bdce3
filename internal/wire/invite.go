package wire

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

const (
	// InvitePath is the path of the page that opens an invite, which stands behind the # of the link to it: what is there
	// is not sent to the server.
	InvitePath = "/join"
	// InvitesPath is the path at which devices make and list invites, and below which they withdraw them.
	InvitesPath = "/v1/invites"
	// RedeemPath is the path at which an invite is redeemed.
	RedeemPath = InvitesPath + "/redeem"
	// LookPath is the path at which who has an invite learns what it is for.
	LookPath = InvitesPath + "/look"
	// JoinPath is the path at which users join the group of an invite.
	JoinPath = InvitesPath + "/join"
	// InviteSecretSize is the length of an invite's secret in bytes.
	InviteSecretSize = 16

	invitePrefix = "parleyinvite1_"
	inviteScheme = "parley:join/"
)

// ErrInvite is wrapped by every error of ParseInvite.
var ErrInvite = errors.New("not a valid invite")

// Invite lets a new device in: the server, how to verify it, and a secret that is redeemed for an access token.
type Invite struct {
	// URL and Pin are as in Token.
	URL string
	Pin []byte
	// Secret is 128 random bits. The server keeps only its hash.
	Secret [InviteSecretSize]byte
}

// NewInvite returns an invite with a fresh secret.
func NewInvite(serverURL string, pin []byte) Invite {
	i := Invite{URL: serverURL, Pin: pin}
	_, _ = rand.Read(i.Secret[:]) // never fails since Go 1.24
	return i
}

// Hash is what the server stores of an invite.
func (i Invite) Hash() [sha256.Size]byte { return sha256.Sum256(i.Secret[:]) }

// ID returns the id of the invite for lists and withdrawal. It does not reveal the secret.
func (i Invite) ID() string { return TokenID(i.Hash()) }

// String prints the invite; ParseInvite reads it back.
func (i Invite) String() string {
	b := make([]byte, 0, 128)
	b = append(b, tokenVersion)
	b = append(b, i.Secret[:]...)
	b = appendField(b, i.Pin)
	b = appendField(b, []byte(i.URL))
	return seal(invitePrefix, b)
}

// Link returns the link that opens the invite in the program.
func (i Invite) Link() string { return inviteScheme + i.String() }

// Page returns the link to the server's page that opens the invite, for whoever may not have the program yet. It is
// empty for a server that browsers do not trust.
func (i Invite) Page() string {
	if i.Pin != nil {
		return ""
	}
	return strings.TrimSuffix(i.URL, "/") + InvitePath + "#" + i.String()
}

// LogValue keeps the secret out of logs.
func (i Invite) LogValue() slog.Value { return slog.GroupValue(slog.String("url", i.URL)) }

// ParseInvite reads a printed invite, or the one in a link to it. White space around it is ignored. The error wraps
// ErrInvite and says what is wrong, without any part of the invite.
func ParseInvite(s string) (Invite, error) {
	raw, err := unseal(invitePrefix, inviteIn(s), InviteSecretSize+2)
	if err != nil {
		return Invite{}, fmt.Errorf("%w: %w", ErrInvite, err)
	}
	var i Invite
	copy(i.Secret[:], raw[1:])
	fields, err := splitFields(raw[1+InviteSecretSize:], 2)
	if err != nil {
		return Invite{}, fmt.Errorf("%w: %w", ErrInvite, err)
	}
	if len(fields[0]) != 0 {
		i.Pin = append([]byte(nil), fields[0]...)
	}
	i.URL = string(fields[1])
	if err := validServer(i.URL, i.Pin); err != nil {
		return Invite{}, fmt.Errorf("%w: %w", ErrInvite, err)
	}
	return i, nil
}

// IsInvite reports whether a string claims to be an invite, or a link to one.
func IsInvite(s string) bool { return strings.HasPrefix(inviteIn(s), invitePrefix) }

// inviteIn returns the invite in a link to it, or the string itself.
func inviteIn(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > len(inviteScheme) && strings.EqualFold(s[:len(inviteScheme)], inviteScheme) {
		return s[len(inviteScheme):]
	}
	if _, after, ok := strings.Cut(s, InvitePath+"#"); ok {
		return after
	}
	return s
}

// seal prints a payload with a checksum.
func seal(prefix string, payload []byte) string {
	sum := sha256.Sum256(payload)
	return prefix + base64.RawURLEncoding.EncodeToString(append(payload, sum[:tokenCheckLen]...))
}

// unseal is the reverse of seal; the payload has a version and at least so many bytes after it.
func unseal(prefix, s string, least int) ([]byte, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, errors.New("it is empty")
	}
	if len(s) > maxTokenText {
		return nil, errors.New("it is too long")
	}
	body, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return nil, errors.New("it does not begin with " + prefix)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return nil, errors.New("it holds a character that does not belong there, or its end is missing")
	}
	if len(raw) < 1+least+tokenCheckLen {
		return nil, errors.New("its end is missing")
	}
	payload, check := raw[:len(raw)-tokenCheckLen], raw[len(raw)-tokenCheckLen:]
	if sum := sha256.Sum256(payload); string(sum[:tokenCheckLen]) != string(check) {
		return nil, errors.New("it is damaged or incomplete")
	}
	if payload[0] != tokenVersion {
		return nil, fmt.Errorf("it is of a newer kind (%d)", payload[0])
	}
	return payload, nil
}
