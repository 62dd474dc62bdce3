package files

import (
	"time"

	"github.com/parley-chat/parley/internal/server/fileref"
)

// Metadata is parseMetadata.
func Metadata(s string) (name string, withMessage bool, err error) {
	m, err := parseMetadata(s)
	return m.name, m.withMessage, err
}

// OfferedName is offeredName.
func OfferedName(name string) string { return offeredName(name) }

// Grant has the fields of a grant.
type Grant struct {
	Upload  bool
	Expires int64
	MaxSize int64
	Number  int64
	File    string
	Token   [32]byte
}

// SignGrant is grant.sign.
func SignGrant(key []byte, g Grant) string {
	inner := grant{
		purpose: forDownload, expires: time.UnixMilli(g.Expires), maxSize: g.MaxSize, number: g.Number,
		file: fileref.ID(g.File), token: g.Token,
	}
	if g.Upload {
		inner.purpose = forUpload
	}
	return inner.sign(key)
}

// ParseGrant is parseGrant.
func ParseGrant(key []byte, text string, now time.Time) (Grant, error) {
	g, err := parseGrant(key, text, now)
	if err != nil {
		return Grant{}, err
	}
	return Grant{g.purpose == forUpload, g.expires.UnixMilli(), g.maxSize, g.number, string(g.file), g.token}, nil
}
