package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// syncFile flushes a file to the disk.
func syncFile(path string) (took float64, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	err = f.Sync()
	return time.Since(began).Seconds(), errors.Join(err, f.Close())
}

// memory measures the peak of both processes during the transfer of a large file.
func memory(ctx context.Context, b *bench) error {
	f, err := os.Create(b.file)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(b.large), f.Close()); err != nil {
		return err
	}
	b.size = 64 * mega
	client, err := b.startClient(ctx, "alice", b.alice)
	if err != nil {
		return err
	}
	if _, err := client.expect("ready"); err != nil {
		return err
	}
	both := map[string]*process{"client": client, "server": b.server}
	var url string
	path := filepath.Join(b.dir, "down.bin")
	err = errors.Join(
		peak(both, fmt.Sprintf("upload of %d MB", b.large/mega), func() (err error) {
			url, _, err = b.sdk(client, "up", b.file)
			return err
		}),
		peak(both, fmt.Sprintf("download of %d MB", b.large/mega), func() error {
			_, _, err := b.sdk(client, "down", url, path)
			return err
		}))
	return errors.Join(err, client.end())
}

// peak prints how far the memory of processes rises above its start.
func peak(all map[string]*process, what string, work func() error) error {
	before := make(map[string]int64)
	for name, p := range all {
		if err := os.WriteFile(p.proc("clear_refs"), []byte("5"), 0o600); err != nil { // resets the peak
			return err
		}
		var err error
		if before[name], err = p.status("VmRSS"); err != nil {
			return err
		}
	}
	if err := work(); err != nil {
		return err
	}
	for name, p := range all {
		most, err := p.status("VmHWM")
		if err != nil {
			return err
		}
		fmt.Printf("memory, %s: %s %.1f MB before, %.1f MB at most: %.1f MB more\n", what, name, float64(before[name])/mega,
			float64(most)/mega, float64(most-before[name])/mega)
	}
	return nil
}
