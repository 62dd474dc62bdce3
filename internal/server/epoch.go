package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/parley-chat/parley/internal/private"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
)

const (
	// markName is the file beside the database that says how far it had come.
	markName = "parley.mark"
	// markInterval is how often the file is written while events are added.
	markInterval = 30 * time.Second
)

// mark is how far the database has come. A database with fewer events was put back, or has lost some.
type mark struct {
	Epoch  uint64
	Events uint64 // of all logs together, also those that have been removed
}

func (s *Server) readEpoch(ctx context.Context) (epoch uint64, err error) {
	err = s.record.View(ctx, func(read record.Reader) error {
		epoch, err = accounts.MetaNumber(read, record.MetaEpoch)
		return err
	})
	return epoch, err
}

// openEpoch returns the epoch. The logs get a new one if the database has fewer events than the mark says.
func (s *Server) openEpoch(ctx context.Context) (uint64, error) {
	now, err := s.position(ctx)
	if err != nil {
		return 0, err
	}
	was, err := readMark(s.opts.Dir)
	if err != nil {
		s.log.Warn("the mark of the database cannot be read", slog.Any("error", err))
	}
	if was.Epoch != now.Epoch || was.Events <= now.Events {
		return now.Epoch, nil
	}
	s.log.Warn("the database has lost events; all devices read their logs again",
		slog.Uint64("events", now.Events), slog.Uint64("had", was.Events))
	epoch, err := s.accounts.RenewEpoch(ctx)
	if err != nil {
		return 0, err
	}
	return epoch, writeMark(s.opts.Dir, mark{Epoch: epoch, Events: now.Events})
}

func (s *Server) position(ctx context.Context) (m mark, err error) {
	err = s.record.View(ctx, func(read record.Reader) error {
		if m.Epoch, err = accounts.MetaNumber(read, record.MetaEpoch); err != nil {
			return err
		}
		return read.Query(`SELECT CAST(coalesce(sum(last), 0) AS BIGINT) FROM heads`, nil, func(row record.Row) error {
			return row.Scan(&m.Events)
		})
	})
	if err != nil {
		return mark{}, fmt.Errorf("read logs: %w", err)
	}
	return m, nil
}

// keepMark writes the mark now and then, and at the end.
func (s *Server) keepMark(ctx context.Context) {
	every := time.NewTicker(markInterval)
	defer every.Stop()
	for ended := false; !ended; {
		select {
		case <-every.C:
		case <-ctx.Done():
			ended = true
		}
		if err := s.saveMark(context.WithoutCancel(ctx)); err != nil {
			s.log.Warn("write the mark of the database", slog.Any("error", err))
		}
	}
}

// saveMark writes the mark unless it is right.
func (s *Server) saveMark(ctx context.Context) error {
	now, err := s.position(ctx)
	if err != nil {
		return err
	}
	if was, err := readMark(s.opts.Dir); err == nil && was == now {
		return nil
	}
	return writeMark(s.opts.Dir, now)
}

// readMark returns the zero mark if there is none.
func readMark(dir string) (m mark, err error) {
	b, err := os.ReadFile(filepath.Join(dir, markName))
	if errors.Is(err, fs.ErrNotExist) {
		return mark{}, nil
	}
	if err != nil {
		return mark{}, fmt.Errorf("read mark: %w", err)
	}
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&m); err != nil {
		return mark{}, fmt.Errorf("read mark: %w", err)
	}
	return m, nil
}

// writeMark replaces the mark as a whole.
func writeMark(dir string, m mark) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write mark: %w", err)
	}
	path := filepath.Join(dir, markName)
	if err := private.File(path + ".new"); err != nil {
		return err
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return fmt.Errorf("write mark: %w", err)
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write mark: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write mark: %w", err)
	}
	return nil
}
