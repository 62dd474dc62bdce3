package server

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

	"github.com/parley-chat/parley/internal/wire"
)

// maxGrantBody is the longest request for a grant in bytes.
const maxGrantBody = 4096

// grantRequest asks for a grant.
type grantRequest struct {
	Purpose string `json:"purpose"`
	File    string `json:"file"`
	MaxSize int64  `json:"max_size"`
	Seconds int64  `json:"seconds"`
}

// grantReply is the answer; Expires is in milliseconds.
type grantReply struct {
	Grant   string `json:"grant"`
	Expires int64  `json:"expires"`
	URL     string `json:"url"`
}

// serveGrants gives a device a grant, which others may use in its place.
func (s *Server) serveGrants(w http.ResponseWriter, r *http.Request) {
	release, ok := s.enter()
	if !ok {
		s.refuseFile(w, r, errStopping)
		return
	}
	defer release()
	reply, err := s.makeGrant(w, r)
	if err != nil {
		s.refuseFile(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(reply); err != nil {
		s.log.Debug("grant", slog.Any("error", fmt.Errorf("answer: %w", err)))
	}
}

func (s *Server) makeGrant(w http.ResponseWriter, r *http.Request) (*grantReply, error) {
	dev, by, err := s.identify(r)
	if err != nil {
		return nil, err
	}
	if by != nil {
		return nil, &fileError{http.StatusForbidden, "purpose", "a grant gives no grants"}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.opts.FileTimeout)) // others than ours may not be able to
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxGrantBody))
	if err != nil {
		return nil, badHeader(errors.New("the request is too long or was cut off"))
	}
	g, err := parseGrantRequest(body, s.opts.Clock())
	if err != nil {
		return nil, badHeader(err)
	}
	g.token = dev.hash
	if g.file != "" {
		if err := s.mayGrant(context.WithoutCancel(r.Context()), dev.uid, g); err != nil {
			return nil, err
		}
	}
	return &grantReply{Grant: g.sign(s.grantKey), Expires: g.expires.UnixMilli(), URL: s.fileURL(g.file)}, nil
}

// parseGrantRequest makes a grant that is not yet anybody's.
func parseGrantRequest(body []byte, now time.Time) (*grant, error) {
	var q grantRequest
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, errors.New("the request is not a JSON object with the fields purpose, file, max_size and seconds, or one of them is of another kind")
	}
	g := &grant{maxSize: q.MaxSize, number: randomNumber()}
	switch q.Purpose {
	case "upload":
		g.purpose = forUpload
	case "download":
		g.purpose = forDownload
	default:
		return nil, errors.New("purpose is neither upload nor download")
	}
	life := defaultGrantLife
	if q.Seconds != 0 {
		if q.Seconds < 0 || q.Seconds > int64(maxGrantLife/time.Second) {
			return nil, fmt.Errorf("seconds is not between 0 and %d", int64(maxGrantLife/time.Second))
		}
		life = time.Duration(q.Seconds) * time.Second
	}
	g.expires = now.Add(life)
	if q.MaxSize < 0 {
		return nil, errors.New("max_size is negative")
	}
	if q.File != "" {
		var ok bool
		if g.file, ok = parseFileID(q.File); !ok {
			return nil, errors.New("file is not the id of a file")
		}
	}
	return g, nil
}

// mayGrant tells whether a user may let others have, or go on with, a file.
func (s *Server) mayGrant(ctx context.Context, uid uint32, g *grant) error {
	read := readFrom(s.reader.WithContext(ctx))
	if g.purpose == forDownload {
		ok, err := mayRead(read, uid, g.file, s.opts.Clock().UnixMilli())
		if err == nil && !ok {
			err = errNotThere
		}
		return err
	}
	f, err := loadFile(read, g.file)
	if err == nil && (f == nil || f.uid != uid) {
		err = errNotThere
	}
	return err
}

// randomNumber is not 0.
func randomNumber() int64 {
	var b [8]byte
	for {
		_, _ = rand.Read(b[:]) // never fails
		if n := int64(binary.BigEndian.Uint64(b[:])); n != 0 {
			return n
		}
	}
}

// fileURL is where a file is, or without an id where uploads begin.
func (s *Server) fileURL(id fileID) string { return s.publicURL + wire.FilesPath + string(id) }
