package main

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// device is the SDK in a process of its own. It executes the lines of its standard input.
type device struct {
	*mesibo.Mesibo

	files chan uint64 // messages with a file
}

func beClient(token, dir, count string) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	o := mesibo.Options{Path: dir, AccessToken: token, Database: "bench.db", Logger: log}
	if count != "" {
		c, err := openCounter(count)
		if err != nil {
			return err
		}
		o.NetDial = c.dial
	}
	m, err := mesibo.New(o)
	if err != nil {
		return err
	}
	d := &device{m, make(chan uint64, 1)}
	received := func(p *mesibo.MessageParams, _ *mesibo.FileInfo) { d.files <- p.Mid }
	if err := m.AddListener(&mesibo.ListenerFuncs{File: received}); err != nil {
		return err
	}
	if err := m.Start(); err != nil {
		return err
	}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := d.obey(strings.Split(lines.Text(), "\t")); err != nil {
			return err
		}
	}
	m.Stop()
	return lines.Err()
}

func (d *device) obey(words []string) error {
	switch words[0] {
	case "up":
		return d.alone(&mesibo.FileInfo{Path: words[1], Mode: mesibo.FileModeUpload, Type: mesibo.FileTypeOther})
	case "down":
		return d.alone(&mesibo.FileInfo{URL: words[1], Path: words[2], Type: mesibo.FileTypeOther})
	case "send":
		return d.send(words[1], words[2])
	case "sent":
		return d.awaitSent()
	case "fetch":
		mid := <-d.files
		msg, err := d.FindMessage(mid)
		if err != nil {
			return err
		}
		if err := d.StartFileTransfer(msg.File); err != nil {
			return err
		}
		fmt.Printf("begun\t%d\n", mid)
		return d.awaitFetched(mid)
	case "fetched":
		mid, err := strconv.ParseUint(words[1], 10, 64)
		if err != nil {
			return err
		}
		return d.awaitFetched(mid)
	}
	return fmt.Errorf("no such word: %q", words)
}

// alone transfers a file that belongs to no message, and prints how long it took.
func (d *device) alone(f *mesibo.FileInfo) error {
	ended := make(chan error, 1)
	f.Listener = &mesibo.FileTransferFuncs{Progress: func(f *mesibo.FileInfo) {
		switch {
		case f.Status == mesibo.FileStatusFailed:
			ended <- f.Err
		case f.Status == mesibo.FileStatusRetryLater:
			ended <- errors.New("not now")
		case f.IsTransferred():
			ended <- nil
		}
	}}
	began := time.Now()
	if err := d.StartFileTransfer(f); err != nil {
		return err
	}
	if err := <-ended; err != nil {
		return err
	}
	fmt.Printf("done\t%f\t%s\n", time.Since(began).Seconds(), f.GetURL())
	return nil
}

func (d *device) send(path, peer string) error {
	f := &mesibo.FileInfo{Path: path, Type: mesibo.FileTypeOther}
	if err := d.SendFile(mesibo.NewMessageParams(peer, mesibo.FlagDefault), 1, f); err != nil {
		return err
	}
	fmt.Println("begun")
	return d.awaitSent()
}

// often is the interval of polling.
const often = 5 * time.Millisecond

func (d *device) awaitSent() error {
	for tick := time.Tick(often); d.OutboxCount() > 0; {
		<-tick
	}
	fmt.Println("done")
	return nil
}

func (d *device) awaitFetched(mid uint64) error {
	for tick := time.Tick(often); ; <-tick {
		msg, err := d.FindMessage(mid)
		switch {
		case err != nil:
			return err
		case msg.Flag&mesibo.FlagFileTransferred != 0:
			fmt.Printf("done\t%s\n", msg.File.Path)
			return nil
		case msg.File.Status == mesibo.FileStatusFailed:
			return fmt.Errorf("the download failed: %w", msg.File.Err)
		}
	}
}
