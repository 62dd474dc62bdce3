package lock

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// ErrHash is returned by Matches for a hash that Hash has not made.
var ErrHash = errors.New("not the hash of a passcode")

// The cost of a hash: that which OWASP recommends for argon2id.
const (
	memory  = 19 << 10 // KiB
	passes  = 2
	threads = 1
	length  = 32 // bytes, of the key
	salted  = 16 // bytes, of the salt
)

// Hash returns what to keep of a passcode, in the form that is usual for argon2id. It takes a moment.
func Hash(passcode string) string {
	salt := make([]byte, salted)
	_, _ = rand.Read(salt) // it never fails
	key := argon2.IDKey([]byte(passcode), salt, passes, memory, threads, length)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// Matches reports whether a passcode is the one of a hash. It takes a moment.
func Matches(hash, passcode string) (bool, error) {
	const parts, mostMemory, mostPasses = 6, 1 << 20, 64
	fields := strings.Split(hash, "$")
	if len(fields) != parts || fields[0] != "" || fields[1] != "argon2id" {
		return false, ErrHash
	}
	var version, m, t uint32
	var p uint8
	_, err := fmt.Sscanf(fields[2]+" "+fields[3], "v=%d m=%d,t=%d,p=%d", &version, &m, &t, &p)
	if err != nil || version != argon2.Version || m > mostMemory || t == 0 || t > mostPasses || p == 0 {
		return false, ErrHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(fields[4])
	if err != nil {
		return false, ErrHash
	}
	want, err := base64.RawStdEncoding.DecodeString(fields[5])
	if err != nil || len(want) == 0 {
		return false, ErrHash
	}
	key := argon2.IDKey([]byte(passcode), salt, t, m, p, uint32(len(want)))
	return subtle.ConstantTimeCompare(key, want) == 1, nil
}
