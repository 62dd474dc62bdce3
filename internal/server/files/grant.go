package files

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/wire"
)

// grantPurpose is upload or download.
type grantPurpose byte

const (
	forUpload   grantPurpose = 1
	forDownload grantPurpose = 2
)

const (
	grantVersion = 1
	// grantSize is the length of an encoded grant: version, purpose, expiry, size, number, file, token.
	grantSize = 1 + 1 + 8 + 8 + 8 + fileref.IDSize + sha256.Size
	// defaultGrantLife and maxGrantLife are the default and maximum validity of a grant.
	defaultGrantLife = time.Hour
	maxGrantLife     = 24 * time.Hour
)

var errGrant = errors.New("this grant is not valid or has expired")

// grant allows its holder to upload or download on behalf of a device. It is valid as long as the device's access
// token.
type grant struct {
	purpose grantPurpose
	expires time.Time
	maxSize int64      // of an upload; 0: the server's limit
	number  int64      // random; an upload belongs to the grant that started it
	file    fileref.ID // the only permitted file; empty: any
	token   [32]byte   // hash of the device's access token
}

// sign encodes and signs a grant.
func (g *grant) sign(key []byte) string {
	b := make([]byte, 0, grantSize+sha256.Size)
	b = append(b, grantVersion, byte(g.purpose))
	b = binary.BigEndian.AppendUint64(b, uint64(g.expires.UnixMilli()))
	b = binary.BigEndian.AppendUint64(b, uint64(g.maxSize))
	b = binary.BigEndian.AppendUint64(b, uint64(g.number))
	b = append(b, g.file.Bytes()...)
	b = append(b, g.token[:]...)
	return wire.GrantPrefix + base64.RawURLEncoding.EncodeToString(append(b, grantMAC(key, b)...))
}

func grantMAC(key, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(wire.GrantPrefix))
	mac.Write(body)
	return mac.Sum(nil)
}

// parseGrant decodes a grant and checks its signature and expiry.
func parseGrant(key []byte, s string, now time.Time) (*grant, error) {
	text, ok := strings.CutPrefix(s, wire.GrantPrefix)
	if !ok || len(text) != base64.RawURLEncoding.EncodedLen(grantSize+sha256.Size) {
		return nil, errGrant
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errGrant
	}
	body, mac := b[:grantSize], b[grantSize:]
	if !hmac.Equal(mac, grantMAC(key, body)) || body[0] != grantVersion {
		return nil, errGrant
	}
	g := &grant{
		purpose: grantPurpose(body[1]),
		expires: time.UnixMilli(int64(binary.BigEndian.Uint64(body[2:]))),
		maxSize: int64(binary.BigEndian.Uint64(body[10:])),
		number:  int64(binary.BigEndian.Uint64(body[18:])),
		file:    fileref.IDOf(body[26 : 26+fileref.IDSize]),
	}
	copy(g.token[:], body[26+fileref.IDSize:])
	if !now.Before(g.expires) {
		return nil, errGrant
	}
	return g, nil
}

// covers reports whether a grant permits access to an upload.
func (g *grant) covers(f *fileref.File) bool {
	if g.file != "" {
		return g.file == f.ID
	}
	return f.Granted == g.number
}
