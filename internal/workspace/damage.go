package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/mesibo"
)

// A database that is damaged is set aside, and the server fills a new one. What waited in the old one to be sent is
// put into the new one. So that this survives the end of the process, two files say what is to be done.
const (
	damagedName = ".damaged" // the database is to be set aside
	rescueName  = ".rescue"  // holds the name under which it is, or is about to be, set aside
)

// checkAfter is how long after the start the database is looked through, which other programs may feel.
const checkAfter = 20 * time.Second

// open opens the database, in place of a damaged one if need be.
func (k *Keeper) open(token string) (r *running, rebuilt *app.Rebuilt, err error) {
	begin := func() error {
		rebuilt = &app.Rebuilt{Aside: "messages-damaged-" + time.Now().Format(stampLayout) + ".db"}
		return k.planAside(rebuilt.Aside)
	}
	if fileExists(filepath.Join(k.dir, damagedName)) {
		if err := begin(); err != nil {
			return nil, nil, err
		}
	}
	if err := k.doAside(); err != nil {
		return nil, nil, err
	}
	r, err = k.openOnce(token)
	if errors.Is(err, mesibo.ErrDatabaseDamaged) {
		k.log.Error("the database is damaged", slog.Any("error", err))
		if err := errors.Join(begin(), k.doAside()); err != nil {
			return nil, nil, err
		}
		r, err = k.openOnce(token)
	}
	if err != nil {
		return nil, nil, err
	}
	n, err := k.rescue(r.m)
	if err != nil {
		return nil, nil, errors.Join(err, r.m.Reset())
	}
	if rebuilt != nil {
		rebuilt.Rescued = n
	}
	return r, rebuilt, nil
}

func (k *Keeper) openOnce(token string) (r *running, err error) {
	r = &running{k: k, token: token}
	r.closing, r.close = context.WithCancel(context.Background())
	r.m, err = mesibo.New(mesibo.Options{
		Path: k.dir, Logger: k.log.With(slog.String("part", "client")), Proxy: k.proxy, DatabaseDamaged: r.damaged,
		SaveToken: r.saveToken,
	})
	if err != nil {
		return nil, err
	}
	err = r.m.SetDatabase(databaseName, 0)
	if err == nil {
		if err = r.m.SetAccessToken(token); err != nil {
			err = errors.Join(err, r.m.CheckDatabase(r.closing))
		}
	}
	if err != nil {
		r.toldMu.Lock()
		defer r.toldMu.Unlock()
		r.abandoned = true // who opened it sees to the damage
		return nil, errors.Join(err, r.m.Reset())
	}
	return r, nil
}

// planAside notes that the database is to be set aside.
func (k *Keeper) planAside(name string) error {
	if err := writeSynced(filepath.Join(k.dir, rescueName), []byte(name)); err != nil {
		return err
	}
	return removeFile(filepath.Join(k.dir, damagedName))
}

// planned returns the name under which the database is, or is about to be, set aside; empty for none.
func (k *Keeper) planned() (string, error) {
	data, err := os.ReadFile(filepath.Join(k.dir, rescueName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for a database set aside: %w", err)
	}
	return filepath.Base(string(data)), nil
}

// doAside sets the database aside, if that is planned and was not done.
func (k *Keeper) doAside() error {
	name, err := k.planned()
	if err != nil || name == "" || fileExists(filepath.Join(k.dir, name)) {
		return err
	}
	return k.setAsideDatabase(name)
}

// rescue puts what waits in a database that was set aside into the new one.
func (k *Keeper) rescue(m *mesibo.Mesibo) (int, error) {
	name, err := k.planned()
	if err != nil || name == "" {
		return 0, err
	}
	n, err := m.RescueOutbox(filepath.Join(k.dir, name))
	if errors.Is(err, mesibo.ErrDatabaseDamaged) {
		k.log.Error("nothing can be read of the database that was set aside", slog.Any("error", err))
		err = nil
	}
	if err != nil {
		return n, err
	}
	return n, removeFile(filepath.Join(k.dir, rescueName))
}

// damaged is called when the database is found to be damaged.
func (r *running) damaged() {
	r.toldMu.Lock()
	defer r.toldMu.Unlock()
	if r.abandoned {
		return
	}
	if err := writeSynced(filepath.Join(r.k.dir, damagedName), nil); err != nil {
		r.k.log.Error("not noted that the database is damaged", slog.Any("error", err))
	}
	if r.told != nil && !r.found {
		r.told()
	}
	r.found = true
}

// onDamage implements app.Session.OnDamage.
func (r *running) onDamage(told func()) {
	r.toldMu.Lock()
	defer r.toldMu.Unlock()
	r.told = told
	if r.found {
		told()
	}
}

// check looks through the database, once the program has started.
func (r *running) check() {
	select {
	case <-time.After(r.k.checkAfter):
	case <-r.closing.Done():
		return
	}
	err := r.m.CheckDatabase(r.closing)
	switch {
	case errors.Is(err, mesibo.ErrDatabaseDamaged):
		r.k.log.Error("the database is damaged", slog.Any("error", err))
		r.damaged()
	case err != nil && r.closing.Err() == nil:
		r.k.log.Warn("the database was not checked", slog.Any("error", err))
	}
}

func fileExists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
