package server

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/wire"
)

// grantPurpose is what a grant is for.
type grantPurpose byte

const (
	forUpload   grantPurpose = 1
	forDownload grantPurpose = 2
)

const (
	grantVersion = 1
	// grantSize is the length of a grant's body: version, purpose, expiry, size, number, file, token.
	grantSize = 1 + 1 + 8 + 8 + 8 + fileIDSize + sha256.Size
	// grantKeySize is the length of the key that signs grants.
	grantKeySize = 32
	// defaultGrantLife and maxGrantLife are how long a grant is valid.
	defaultGrantLife = time.Hour
	maxGrantLife     = 24 * time.Hour
)

// errGrant is what is wrong with a grant that does not open the door.
var errGrant = errors.New("this grant is not valid here, or has expired")

// grant lets whoever has it upload or download in place of a device. It ends with the device's access token.
type grant struct {
	purpose grantPurpose
	expires time.Time
	maxSize int64    // of an upload, 0: the server's limit
	number  int64    // random; an upload belongs to the grant that began it
	file    fileID   // the only one, empty: any
	token   [32]byte // hash of the device's access token
}

// sign prints a grant.
func (g *grant) sign(key []byte) string {
	b := make([]byte, 0, grantSize+sha256.Size)
	b = append(b, grantVersion, byte(g.purpose))
	b = binary.BigEndian.AppendUint64(b, uint64(g.expires.UnixMilli()))
	b = binary.BigEndian.AppendUint64(b, uint64(g.maxSize))
	b = binary.BigEndian.AppendUint64(b, uint64(g.number))
	b = append(b, g.file.bytes()...)
	b = append(b, g.token[:]...)
	return wire.GrantPrefix + base64.RawURLEncoding.EncodeToString(append(b, grantMAC(key, b)...))
}

func grantMAC(key, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(wire.GrantPrefix))
	mac.Write(body)
	return mac.Sum(nil)
}

// parseGrant reads a grant that has not expired.
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
		file:    fileIDOf(body[26 : 26+fileIDSize]),
	}
	copy(g.token[:], body[26+fileIDSize:])
	if !now.Before(g.expires) {
		return nil, errGrant
	}
	return g, nil
}

// covers tells whether a grant for uploads is about an upload.
func (g *grant) covers(f *fileRow) bool {
	if g.file != "" {
		return g.file == f.id
	}
	return f.granted == g.number
}

// grantKey returns the key that signs grants; the first time it makes one.
func (a *Accounts) grantKey(ctx context.Context) ([]byte, error) {
	fresh := make([]byte, grantKeySize)
	_, _ = rand.Read(fresh) // never fails
	var text string
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		if text, err = metaText(tx, metaGrantKey); err != nil || text != "" {
			return err
		}
		text = hex.EncodeToString(fresh)
		return setMeta(tx, metaGrantKey, text)
	})
	if err != nil {
		return nil, fmt.Errorf("key of grants: %w", err)
	}
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != grantKeySize {
		return nil, errors.New("key of grants: what is stored is damaged")
	}
	return key, nil
}
