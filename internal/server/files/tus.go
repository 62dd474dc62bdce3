package files

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // required by the protocol; a checksum against transmission errors
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/wire"
)

// Headers and values of the tus resumable upload protocol.
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,creation-with-upload,checksum,termination,expiration"
	tusChecksums  = "sha1,sha256"
	tusBody       = "application/offset+octet-stream"

	headResumable = "Tus-Resumable"
	headLength    = "Upload-Length"
	headOffset    = "Upload-Offset"
	headMetadata  = "Upload-Metadata"
	headExpires   = "Upload-Expires"
	headChecksum  = "Upload-Checksum"
	headDefer     = "Upload-Defer-Length"
	headConcat    = "Upload-Concat"
	headMethod    = "X-HTTP-Method-Override"

	// statusChecksum is the status for a wrong checksum, defined by tus.
	statusChecksum = 460
)

const (
	// maxMetadata is the maximum length of Upload-Metadata in bytes, maxMetadataKeys that of its list of keys.
	maxMetadata     = 4096
	maxMetadataKeys = 32
)

// parseSize parses a number of bytes.
func parseSize(name, s string) (int64, error) {
	if s == "" {
		return 0, fmt.Errorf("%s is missing", name)
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, fmt.Errorf("%s is no number", name)
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is too large", name)
	}
	return n, nil
}

// metadata is the parsed Upload-Metadata.
type metadata struct {
	name string
	// withMessage: the file is removed after the messages with it have expired or been recalled.
	withMessage bool
	hash        []byte // SHA-256 of the whole file, nil if absent
}

// parseMetadata parses Upload-Metadata. It ignores unknown keys.
func parseMetadata(s string) (metadata, error) {
	var m metadata
	if s == "" {
		return m, nil
	}
	if len(s) > maxMetadata {
		return m, fmt.Errorf("Upload-Metadata is longer than %d bytes", maxMetadata)
	}
	pairs := strings.Split(s, ",")
	if len(pairs) > maxMetadataKeys {
		return m, fmt.Errorf("Upload-Metadata has more than %d keys", maxMetadataKeys)
	}
	seen := make(map[string]bool, len(pairs))
	for _, pair := range pairs {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if !validMetadataKey(key) || seen[key] {
			return m, errors.New("Upload-Metadata has a key that is empty, not ASCII or there twice")
		}
		seen[key] = true
		value, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return m, fmt.Errorf("Upload-Metadata: the value of %s is not base64", key)
		}
		if err := m.set(key, string(value)); err != nil {
			return m, err
		}
	}
	return m, nil
}

func validMetadataKey(key string) bool {
	for _, r := range key {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return key != ""
}

func (m *metadata) set(key, value string) error {
	switch key {
	case "filename":
		if err := validFileName(value); err != nil {
			return err
		}
		m.name = value
	case "filetype":
		if len(value) > wire.MaxName {
			return fmt.Errorf("the file type is longer than %d bytes", wire.MaxName)
		}
	case "expires":
		if value != "message" {
			return errors.New("the only valid value of expires is message")
		}
		m.withMessage = true
	case "sha256":
		if len(value) != sha256.Size {
			return errors.New("sha256 is not that long")
		}
		m.hash = []byte(value)
	}
	return nil
}

func validFileName(name string) error {
	switch {
	case len(name) > wire.MaxName:
		return fmt.Errorf("the file name is longer than %d bytes", wire.MaxName)
	case !utf8.ValidString(name):
		return errors.New("the file name is not valid UTF-8")
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return errors.New("the file name contains a control character")
		}
	}
	return nil
}

// offeredName returns the name offered for a download, which no system treats as a path or a device.
func offeredName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		joins := r == '\u200c' || r == '\u200d' // used by Persian text and emoji
		if strings.ContainsRune(`<>:"|?*/`, r) || !joins && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return '_'
		}
		return r
	}, strings.TrimRight(name, ". \u200c\u200d"))
	if name == "" {
		return "file"
	}
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return "_" + name
	}
	if prefix, digit, ok := cutDevice(stem); ok && (prefix == "COM" || prefix == "LPT") &&
		strings.Contains("0123456789¹²³", digit) {
		return "_" + name
	}
	return name
}

// cutDevice splits COM1 into COM and 1.
func cutDevice(stem string) (prefix, digit string, ok bool) {
	const letters = 3
	if len(stem) <= letters || utf8.RuneCountInString(stem[letters:]) != 1 {
		return "", "", false
	}
	return stem[:letters], stem[letters:], true
}

// checksum is the expected checksum of a request's body.
type checksum struct {
	sum  hash.Hash
	want []byte
}

// parseChecksum returns nil if the header is empty.
func parseChecksum(s string) (*checksum, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no checksum was sent
	}
	name, encoded, _ := strings.Cut(s, " ")
	var c checksum
	switch name {
	case "sha1":
		c.sum = sha1.New() //nolint:gosec // as above
	case "sha256":
		c.sum = sha256.New()
	default:
		return nil, errors.New("the checksum algorithm must be one of " + tusChecksums)
	}
	var err error
	if c.want, err = base64.StdEncoding.DecodeString(encoded); err != nil || len(c.want) != c.sum.Size() {
		return nil, errors.New("the checksum is not valid base64 of the right length")
	}
	return &c, nil
}

func (c *checksum) right() bool { return bytes.Equal(c.sum.Sum(nil), c.want) }

// tusMethod returns the method of a request, or the one in X-HTTP-Method-Override.
func tusMethod(r *http.Request) string {
	if m := r.Header.Get(headMethod); m != "" {
		return strings.ToUpper(m)
	}
	return r.Method
}
