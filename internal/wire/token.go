package wire

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
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
	// Pin is the SHA-256 of the server certificate's public key (SubjectPublicKeyInfo), or nil: use the system's roots.
	Pin []byte
	// Secret is 256 random bits. The server keeps only its hash.
	Secret [SecretSize]byte
}

// PinOf returns the pin of a certificate: the SHA-256 of its public key.
func PinOf(c *x509.Certificate) []byte {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return sum[:]
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
	sum := sha256.Sum256(b)
	b = append(b, sum[:tokenCheckLen]...)
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(b)
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
	s = strings.TrimSpace(s)
	if s == "" {
		return Token{}, fmt.Errorf("%w: it is empty", ErrToken)
	}
	if len(s) > maxTokenText {
		return Token{}, fmt.Errorf("%w: it is too long", ErrToken)
	}
	body, ok := strings.CutPrefix(s, tokenPrefix)
	if !ok {
		return Token{}, fmt.Errorf("%w: it does not begin with %s", ErrToken, tokenPrefix)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return Token{}, fmt.Errorf("%w: it holds a character that does not belong there, or its end is missing", ErrToken)
	}
	if len(raw) < 1+SecretSize+3+tokenCheckLen {
		return Token{}, fmt.Errorf("%w: its end is missing", ErrToken)
	}
	payload, check := raw[:len(raw)-tokenCheckLen], raw[len(raw)-tokenCheckLen:]
	if sum := sha256.Sum256(payload); string(sum[:tokenCheckLen]) != string(check) {
		return Token{}, fmt.Errorf("%w: it is damaged or incomplete", ErrToken)
	}
	return decodeToken(payload)
}

func decodeToken(p []byte) (Token, error) {
	if p[0] != tokenVersion {
		return Token{}, fmt.Errorf("%w: it is of a newer kind (%d)", ErrToken, p[0])
	}
	var t Token
	copy(t.Secret[:], p[1:])
	p = p[1+SecretSize:]
	var fields [3][]byte
	for i := range fields {
		n, used := binary.Uvarint(p)
		if used <= 0 || n > uint64(len(p)-used) {
			return Token{}, fmt.Errorf("%w: it is damaged", ErrToken)
		}
		fields[i], p = p[used:used+int(n)], p[used+int(n):]
	}
	if len(p) != 0 {
		return Token{}, fmt.Errorf("%w: it is damaged", ErrToken)
	}
	if len(fields[0]) != 0 {
		t.Pin = append([]byte(nil), fields[0]...)
	}
	t.Address, t.URL = string(fields[1]), string(fields[2])
	return t, t.validate()
}

func (t Token) validate() error {
	if len(t.Pin) != 0 && len(t.Pin) != PinSize {
		return fmt.Errorf("%w: its certificate pin has the wrong length", ErrToken)
	}
	if err := ValidAddress(t.Address); err != nil {
		return fmt.Errorf("%w: %w", ErrToken, err)
	}
	u, err := url.Parse(t.URL)
	if err != nil || len(t.URL) > maxTokenURL || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Path != "" && u.Path != "/") {
		return fmt.Errorf("%w: it names no usable server", ErrToken)
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
