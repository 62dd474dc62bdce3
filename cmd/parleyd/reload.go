package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/parley-chat/parley/internal/server"
)

// settle is how long files must be unchanged before they are read again: programs write them in several steps.
const settle = 200 * time.Millisecond

// live are the settings that a running server can change.
var live = []string{
	"backend-rate", "invites", "keep", "keep-size", "log-level", "max-connections", "max-file", "max-per-address",
	"message-quota", "quota", "retract", "send-rate",
}

// reloader applies what can be changed while the server runs, on SIGHUP and when a file has changed.
type reloader struct {
	flags     *serveCmd         // those of the start
	settings  map[string]string // what the server runs with
	again     parseAgain
	limit     func(server.Options) // changes the limits of the server
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
	now, settings, err := r.again()
	if err != nil {
		r.log.Error("the configuration is not read again", slog.Any("error", err))
		return
	}
	r.apply(now, settings)
	r.log.Info("configuration and certificate were read again")
}

// apply changes what a running server can change, and says what has to wait.
func (r *reloader) apply(now *serveCmd, settings map[string]string) {
	r.level.Set(now.LogLevel)
	r.limit(now.limits())
	var wait []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		was, is := r.settings[name], settings[name]
		switch {
		case was == is:
		case slices.Contains(live, name):
			r.log.Info("a setting has changed", slog.String("name", name), slog.String("from", was), slog.String("to", is))
			r.settings[name] = is
		default:
			wait = append(wait, name)
		}
	}
	if len(wait) > 0 {
		r.log.Warn("what has changed here counts from the next start on", slog.Any("settings", wait))
	}
}
