// Command transfer measures how files travel between the SDK and a server, each in a process of its own, over loopback:
// how fast beside curl, how much memory it takes, and what is sent twice when either side is killed again and again.
//
//	go run ./bench/transfer [-part speed,memory,kill] [-size 1024] [-kills 100] [-dir FOLDER]
//
// It needs curl, Linux, and room for about four times the file in the folder.
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
)

const mega = 1 << 20

// options are the command-line options.
type options struct {
	dir    string
	size   int64 // of the file, for speed and kill
	large  int64 // of the file, for memory
	rounds int
	kills  int
	way    string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "transfer:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context) (err error) {
	if isChild, err := child(ctx, os.Args); isChild {
		return err
	}
	var o options
	parts := flag.String("part", "speed,memory,kill", "`parts` to run")
	flag.StringVar(&o.dir, "dir", "", "`folder` to work in; the default is one for temporary files")
	size := flag.Int64("size", 1024, "length of the file in `megabytes`")
	large := flag.Int64("large", 4096, "length of the file for memory in `megabytes`")
	flag.IntVar(&o.rounds, "rounds", 5, "how often speed is measured, the median counts")
	flag.IntVar(&o.kills, "kills", 100, "how often something is killed in each direction")
	flag.StringVar(&o.way, "victims", "both", "who is killed: client, server or both")
	flag.Parse()
	o.size, o.large = *size*mega, *large*mega
	dir, err := os.MkdirTemp(o.dir, "parley-transfer-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for part := range strings.SplitSeq(*parts, ",") {
		work := map[string]func(context.Context, *bench) error{"speed": speed, "memory": memory, "kill": kill}[part]
		if work == nil {
			return fmt.Errorf("there is no part %q", part)
		}
		if err := o.measure(ctx, filepath.Join(dir, part), work); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	return nil
}

// bench is shared by the parts: a server with two users, and a file.
type bench struct {
	options

	counts     bool // counts what is sent
	server     *process
	addr       string
	alice, bob string // tokens
	file       string
}

func (o options) measure(ctx context.Context, dir string, work func(context.Context, *bench) error) (err error) {
	b := &bench{options: o, file: filepath.Join(dir, "file.bin")}
	b.dir, b.counts = dir, filepath.Base(dir) == "kill"
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.MkdirAll(filepath.Join(dir, "server"), 0o700); err != nil {
		return err
	}
	if b.addr, err = freeAddress(ctx); err != nil {
		return err
	}
	if err := b.makeUsers(ctx); err != nil {
		return err
	}
	if err := b.startServer(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.server.end()) }()
	return work(ctx, b)
}

func (b *bench) makeUsers(ctx context.Context) (err error) {
	users, err := server.OpenAccounts(filepath.Join(b.dir, "server"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, users.Close()) }()
	if err := users.SetPublicURL(ctx, "http://"+b.addr, nil); err != nil {
		return err
	}
	for name, token := range map[string]*string{"alice": &b.alice, "bob": &b.bob} {
		if err := users.AddUser(ctx, name, name); err != nil {
			return err
		}
		t, err := users.NewToken(ctx, name, accounts.TokenOptions{})
		if err != nil {
			return err
		}
		*token = t.String()
	}
	return nil
}

// writeRandom creates the file.
func (b *bench) writeRandom() error {
	f, err := os.Create(b.file)
	if err != nil {
		return err
	}
	_, err = io.CopyN(f, rand.Reader, b.size)
	return errors.Join(err, f.Sync(), f.Close())
}

// renew changes the file's content.
func (b *bench) renew() error {
	f, err := os.OpenFile(b.file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.CopyN(f, rand.Reader, 64)
	return errors.Join(err, f.Sync(), f.Close())
}

func hashOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return fmt.Sprintf("%x", h.Sum(nil)), err
}
