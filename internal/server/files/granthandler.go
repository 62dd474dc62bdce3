package files

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// maxGrantBody is the maximum size of a request for a grant in bytes.
const maxGrantBody = 4096

// grantRequest is the body of a request for a grant.
type grantRequest struct {
	Purpose string `json:"purpose"`
	File    string `json:"file"`
	MaxSize int64  `json:"max_size"`
	Seconds int64  `json:"seconds"`
}

// grantReply is the body of the response; Expires is in milliseconds.
type grantReply struct {
	Grant   string `json:"grant"`
	Expires int64  `json:"expires"`
	URL     string `json:"url"`
}

// ServeGrants serves requests of devices for grants.
func (s *Service) ServeGrants(w http.ResponseWriter, r *http.Request) {
	reply, err := s.makeGrant(w, r)
	if err != nil {
		s.refuseFile(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(reply); err != nil {
		s.c.Logger.Debug("grant", slog.Any("error", fmt.Errorf("answer: %w", err)))
	}
}

// makeGrant looks at the token before it reads the body. The request is registered, so that a stopping server waits for
// it, but not while it is not there yet.
func (s *Service) makeGrant(w http.ResponseWriter, r *http.Request) (*grantReply, error) {
	release, ok := s.c.Enter()
	if !ok {
		return nil, errStopping
	}
	device, by, err := s.identify(r)
	release()
	if err != nil {
		return nil, err
	}
	if by != nil {
		return nil, refusal.HTTP(http.StatusForbidden, "purpose", "a grant cannot be used to make grants")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxGrantBody))
	if err != nil {
		return nil, badHeader(errors.New("the request is too large or was cut off"))
	}
	if release, ok = s.c.Enter(); !ok {
		return nil, errStopping
	}
	defer release()
	g, err := parseGrantRequest(body, s.c.Clock())
	if err != nil {
		return nil, badHeader(err)
	}
	g.token = device.Hash
	if g.file != "" {
		if err := s.mayGrant(context.WithoutCancel(r.Context()), device.UID, g); err != nil {
			return nil, err
		}
	}
	return &grantReply{Grant: g.sign(s.c.GrantKey), Expires: g.expires.UnixMilli(), URL: s.fileURL(g.file)}, nil
}

// parseGrantRequest returns a grant without a number and token.
func parseGrantRequest(body []byte, now time.Time) (*grant, error) {
	var q grantRequest
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, errors.New("the request must be a JSON object with the fields purpose, file, max_size and seconds")
	}
	g := &grant{maxSize: q.MaxSize, number: randomNumber()}
	switch q.Purpose {
	case "upload":
		g.purpose = forUpload
	case "download":
		g.purpose = forDownload
	default:
		return nil, errors.New("purpose must be upload or download")
	}
	life := defaultGrantLife
	if q.Seconds != 0 {
		if q.Seconds < 0 || q.Seconds > int64(maxGrantLife/time.Second) {
			return nil, fmt.Errorf("seconds must be between 0 and %d", int64(maxGrantLife/time.Second))
		}
		life = time.Duration(q.Seconds) * time.Second
	}
	g.expires = now.Add(life)
	if q.MaxSize < 0 {
		return nil, errors.New("max_size is negative")
	}
	if q.File != "" {
		var ok bool
		if g.file, ok = fileref.ParseID(q.File); !ok {
			return nil, errors.New("file is not a valid file id")
		}
	}
	return g, nil
}

// mayGrant refuses a grant for a file that the user may not read or, for an upload, does not own.
func (s *Service) mayGrant(ctx context.Context, uid uint32, g *grant) error {
	return s.c.Record.View(ctx, func(read record.Reader) error {
		if g.purpose == forDownload {
			ok, err := fileref.MayRead(read, uid, g.file, s.c.Clock().UnixMilli())
			if err == nil && !ok {
				err = errNotFound
			}
			return err
		}
		f, err := fileref.Load(read, g.file)
		if err == nil && (f == nil || f.UID != uid) {
			err = errNotFound
		}
		return err
	})
}

// randomNumber returns a random number other than 0.
func randomNumber() int64 {
	var b [8]byte
	for {
		_, _ = rand.Read(b[:]) // never fails
		if n := int64(binary.BigEndian.Uint64(b[:])); n != 0 {
			return n
		}
	}
}

// fileURL returns the URL of a file, or of the collection if id is empty.
func (s *Service) fileURL(id fileref.ID) string { return s.c.PublicURL + wire.FilesPath + string(id) }
