package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long files must be unchanged before they are read again: programs write them in several steps.
const settle = 200 * time.Millisecond

// reloader applies what can be changed while the server runs, on SIGHUP and when a file has changed.
type reloader struct {
	flags     serveCmd // what the server runs with
	again     parseAgain
	level     *slog.LevelVar
	transport *transport
	log       *slog.Logger
	config    string // the file
	// renew is called with the pins of the server's own certificate when it has been read again.
	renew func(pin []byte) error
}

// start watches until stop is called.
func (r *reloader) start(ctx context.Context) (stop func(), err error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch files: %w", err)
	}
	if r.config == "" {
		r.config = serviceConfig
	}
	for _, file := range []string{r.config, r.flags.TLSCert, r.flags.TLSKey} {
		if file == "" {
			continue
		}
		// The folder, because programs put a new file in the place of the old one. There may be none.
		if err := watcher.Add(filepath.Dir(file)); err != nil {
			r.log.Debug("changes are not noticed", slog.String("file", file), slog.Any("error", err))
		}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.run(ctx, watcher, signals)
	}()
	return func() {
		signal.Stop(signals)
		cancel()
		<-ended
		_ = watcher.Close() // nothing more is read
	}, nil
}

func (r *reloader) run(ctx context.Context, watcher *fsnotify.Watcher, signals <-chan os.Signal) {
	wait := time.NewTimer(settle)
	wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			r.reload()
		case <-watcher.Events:
			wait.Reset(settle)
		case err := <-watcher.Errors:
			r.log.Warn("watch files", slog.Any("error", err))
		case <-wait.C:
			r.reload()
		}
	}
}

// reload reads configuration and certificate. With a mistake in one of them the server goes on as before.
func (r *reloader) reload() {
	err := r.transport.reload()
	if err == nil && r.transport.pin != nil {
		err = r.renew(r.transport.pin)
	}
	if err != nil {
		r.log.Error("the certificate is not read again", slog.Any("error", err))
	}
	now, err := r.again()
	if err != nil {
		r.log.Error("the configuration is not read again", slog.Any("error", err))
		return
	}
	if r.level.Level() != now.LogLevel {
		r.log.Info("log level", slog.String("level", now.LogLevel.String()))
		r.level.Set(now.LogLevel)
	}
	r.flags.LogLevel = now.LogLevel
	if !reflect.DeepEqual(*now, r.flags) {
		r.log.Warn("a part of what has changed counts from the next start on")
	}
	r.log.Info("configuration and certificate were read again")
}
