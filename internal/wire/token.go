package wire

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenPrefix starts every printed token, so that people and leak scanners recognize one.
const tokenPrefix = "parley1_"

const (
	// SecretSize is the length of a token's secret in bytes.
	SecretSize = 32
	// PinSize is the length of a certificate pin in bytes.
	PinSize = sha256.Size

	tokenVersion  = 1
	tokenCheckLen = 4
	maxTokenText  = 1024
	maxTokenURL   = 256
)

// ErrToken is wrapped by every error of ParseToken.
var ErrToken = errors.New("not a valid access token")

// Token is an access token: the server, how to verify it, and the secret that identifies one device of one user.
type Token struct {
	// URL is the server's, http or https, without path, query or user.
	URL string
	// Address is the user's, so that a device knows its own before it first connects.
	Address string
	// Pin is the SHA-256 of the server certificate's public key (SubjectPublicKeyInfo), which that of the next one may
	// follow, or nil: use the system's roots.
	Pin []byte
	// Secret is 256 random bits. The server keeps only its hash.
	Secret [SecretSize]byte
}

// PinOf returns the pin of a certificate: the SHA-256 of its public key.
func PinOf(c *x509.Certificate) []byte {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return sum[:]
}

// HasPin reports whether one of the pins is that of a certificate.
func HasPin(pins []byte, c *x509.Certificate) bool {
	own := PinOf(c)
	for pin := range slices.Chunk(pins, PinSize) {
		if subtle.ConstantTimeCompare(pin, own) == 1 {
			return true
		}
	}
	return false
}

// RenewPins returns the pins that a server has announced, of which one must be known already: a server that announces
// others alone would be lost. It returns the known ones for anything else.
func RenewPins(known, announced []byte) []byte {
	if len(known) == 0 || len(announced) == 0 || validPins(announced) != nil {
		return known
	}
	for pin := range slices.Chunk(announced, PinSize) {
		for own := range slices.Chunk(known, PinSize) {
			if subtle.ConstantTimeCompare(pin, own) == 1 {
				return announced
			}
		}
	}
	return known
}

// validPins refuses what is neither one pin nor two.
func validPins(pins []byte) error {
	if len(pins) != 0 && len(pins) != PinSize && len(pins) != 2*PinSize {
		return errors.New("its certificate pin has the wrong length")
	}
	return nil
}

// NewToken returns a token with a fresh secret.
func NewToken(serverURL, address string, pin []byte) Token {
	t := Token{URL: serverURL, Address: address, Pin: pin}
	_, _ = rand.Read(t.Secret[:]) // never fails since Go 1.24
	return t
}

// Hash is what the server stores of a token.
func (t Token) Hash() [sha256.Size]byte { return sha256.Sum256(t.Secret[:]) }

// tokenIDBytes is how many bytes of a token's hash make its id.
const tokenIDBytes = 6

// ID returns the id of the token for lists, revocation and calls. It does not reveal the secret.
func (t Token) ID() string { return TokenID(t.Hash()) }

// TokenID returns the id of the token with a hash.
func TokenID(hash [sha256.Size]byte) string { return hex.EncodeToString(hash[:tokenIDBytes]) }

// String prints the token; ParseToken reads it back.
func (t Token) String() string {
	b := make([]byte, 0, 128)
	b = append(b, tokenVersion)
	b = append(b, t.Secret[:]...)
	b = appendField(b, t.Pin)
	b = appendField(b, []byte(t.Address))
	b = appendField(b, []byte(t.URL))
	return seal(tokenPrefix, b)
}

// LogValue keeps the secret out of logs.
func (t Token) LogValue() slog.Value {
	return slog.GroupValue(slog.String("url", t.URL), slog.String("address", t.Address))
}

func appendField(b, field []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(field)))
	return append(b, field...)
}

// ParseToken reads a printed token. White space around it is ignored.
// The error wraps ErrToken and says what is wrong, without any part of the token.
func ParseToken(s string) (Token, error) {
	raw, err := unseal(tokenPrefix, s, SecretSize+3)
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	var t Token
	copy(t.Secret[:], raw[1:])
	fields, err := splitFields(raw[1+SecretSize:], 3)
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if len(fields[0]) != 0 {
		t.Pin = append([]byte(nil), fields[0]...)
	}
	t.Address, t.URL = string(fields[1]), string(fields[2])
	if err := cmp.Or(ValidAddress(t.Address), validServer(t.URL, t.Pin)); err != nil {
		return t, fmt.Errorf("%w: %w", ErrToken, err)
	}
	return t, nil
}

// splitFields splits bytes into so many fields, each after its length.
func splitFields(p []byte, count int) ([][]byte, error) {
	fields := make([][]byte, count)
	for i := range fields {
		n, used := binary.Uvarint(p)
		if used <= 0 || n > uint64(len(p)-used) {
			return nil, errors.New("it is damaged")
		}
		fields[i], p = p[used:used+int(n)], p[used+int(n):]
	}
	if len(p) != 0 {
		return nil, errors.New("it is damaged")
	}
	return fields, nil
}

// validServer refuses a URL and a pin that name no server.
func validServer(server string, pin []byte) error {
	if err := validPins(pin); err != nil {
		return err
	}
	u, err := url.Parse(server)
	if err != nil || len(server) > maxTokenURL || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Path != "" && u.Path != "/") {
		return errors.New("it names no usable server")
	}
	return nil
}

// ValidAddress reports why s cannot be a user's address, or nil: an address has 1 to 63 bytes of UTF-8 without control,
// format and private-use characters, which could make two addresses look the same.
func ValidAddress(s string) error {
	switch {
	case s == "":
		return errors.New("the address is empty")
	case len(s) > MaxAddress:
		return fmt.Errorf("the address is longer than %d bytes", MaxAddress)
	case !utf8.ValidString(s):
		return errors.New("the address is not UTF-8")
	case strings.TrimSpace(s) != s:
		return errors.New("the address begins or ends with white space")
	}
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) {
			return errors.New("the address holds a character that cannot be seen")
		}
	}
	return nil
}
