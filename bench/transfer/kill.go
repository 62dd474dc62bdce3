package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// stint is a transfer that is interrupted again and again.
type stint struct {
	b      *bench
	name   string // of the client
	token  string
	begin  []string // the client's commands in its first life
	resume []string // and in the later ones
	count  string   // file with the bytes that the sending side has written
	offset func(ctx context.Context) (int64, error)

	client *process
	ended  chan error // receives one value: the client's result
	last   []string

	before, again, worst int64 // sent at the beginning; sent again so far, and at most
}

// kill sends a file from alice to bob and kills the client and the server in turn.
func kill(ctx context.Context, b *bench) error {
	if err := b.writeRandom(); err != nil {
		return err
	}
	want, err := hashOf(b.file)
	if err != nil {
		return err
	}
	up := &stint{
		b: b, name: "alice", token: b.alice, begin: []string{"send", b.file, "bob"}, resume: []string{"sent"},
		count: b.counter("in"), offset: b.acknowledged,
	}
	if err := up.run(ctx, "upload"); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	down := &stint{
		b: b, name: "bob", token: b.bob, begin: []string{"fetch"}, count: b.counter("out"),
		offset: b.unfinished,
	}
	if err := down.run(ctx, "download"); err != nil {
		return fmt.Errorf("download: %w", err)
	}
	if err := expectHash(down.last[0], want); err != nil {
		return err
	}
	fmt.Printf("the SHA-256 of what bob has is right: %s\n", want)
	return nil
}

// start starts the client. ended receives its result.
func (s *stint) start(ctx context.Context, words []string) (err error) {
	if s.client, err = s.b.startClient(ctx, s.name, s.token); err != nil {
		return err
	}
	if _, err := s.client.expect("ready"); err != nil {
		return err
	}
	if err := s.client.tell(words...); err != nil {
		return err
	}
	if s.resume == nil || words[0] == s.begin[0] {
		answer, err := s.client.expect("begun")
		if err != nil {
			return err
		}
		if s.resume == nil {
			s.resume = []string{"fetched", answer[0]}
		}
	}
	s.ended = make(chan error, 1)
	go func(p *process, ended chan<- error) {
		last, err := p.expect("done")
		if err == nil {
			s.last = last
		}
		ended <- err
	}(s.client, s.ended)
	return nil
}

func (s *stint) run(ctx context.Context, what string) (err error) {
	b := s.b
	if s.before, err = readCounter(s.count); err != nil {
		return err
	}
	began := time.Now()
	if err := s.start(ctx, s.begin); err != nil {
		return err
	}
	kills := 0
	for ; kills < b.kills; kills++ {
		// On average, the kills are spread over the whole file.
		ended, err := s.awaitBytes(rand.Int64N(2*b.size/int64(b.kills+1)) + 1)
		if err != nil {
			return err
		}
		if ended {
			break
		}
		if err := s.killOne(ctx, b.way == "server" || b.way == "both" && kills%2 == 1); err != nil {
			return err
		}
	}
	if err := <-s.ended; err != nil {
		return err
	}
	sent, err := readCounter(s.count)
	if err != nil {
		return err
	}
	sent -= s.before
	more := sent - b.size
	fmt.Printf("%s of %d MB, %d kills (%s), %.1f s: %.1f MB sent, %.1f MB more than the file: %.2f MB for each kill, "+
		"%.2f MB at most from one kill of the client to the next\n", what, b.size/mega, kills, b.way, time.Since(began).Seconds(),
		float64(sent)/mega, float64(more)/mega, float64(more)/mega/float64(max(1, kills)), float64(s.worst)/mega)
	return s.client.end()
}

// killOne kills the server or the client, and starts it again.
func (s *stint) killOne(ctx context.Context, theServer bool) error {
	if theServer {
		return errors.Join(s.b.server.kill(), s.b.startServer(ctx))
	}
	if err := s.client.kill(); err != nil {
		return err
	}
	if err := <-s.ended; err == nil { // it had finished just before it was killed
		s.ended <- nil
		return nil
	}
	lost, err := s.lost(ctx)
	if err != nil {
		return err
	}
	s.worst, s.again = max(s.worst, lost-s.again), lost
	return s.start(ctx, s.resume)
}

// lost returns how many bytes were sent so far without arriving.
func (s *stint) lost(ctx context.Context) (int64, error) {
	sent, err := readCounter(s.count)
	if err != nil {
		return 0, err
	}
	there, err := s.offset(ctx)
	return sent - s.before - there, err
}

// awaitBytes waits until n more bytes were sent; ended reports that the transfer is over.
func (s *stint) awaitBytes(n int64) (ended bool, err error) {
	from, err := readCounter(s.count)
	if err != nil {
		return false, err
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-s.ended:
			s.ended <- err
			return true, err
		case <-tick.C:
		}
		if now, err := readCounter(s.count); err != nil || now-from >= n {
			return false, err
		}
	}
}

// acknowledged asks the server for the offset of the only upload.
func (b *bench) acknowledged(ctx context.Context) (int64, error) {
	list, err := filepath.Glob(filepath.Join(b.dir, "server", "files", "*", "*"))
	if err != nil || len(list) != 1 {
		return 0, fmt.Errorf("the server has %q, %w", list, err)
	}
	head, err := b.request(ctx, http.MethodHead, "http://"+b.addr+"/v1/files/"+filepath.Base(list[0]))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(head.Get("Upload-Offset"), 10, 64)
}

// unfinished returns the length of bob's unfinished file.
func (b *bench) unfinished(context.Context) (n int64, err error) {
	err = filepath.WalkDir(filepath.Join(b.dir, "bob", "files"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := os.Stat(path)
		if err == nil {
			n = max(n, info.Size())
		}
		return err
	})
	return n, err
}
