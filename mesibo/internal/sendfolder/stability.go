package sendfolder

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// This file decides when a file of a folder is complete.

// foundFile is a file as it was found.
type foundFile struct {
	path     string
	size     int64
	modified int64 // ns
}

// lookAt looks at a regular file, without following a link.
func lookAt(path string) (foundFile, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return foundFile{}, fmt.Errorf("look up file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return foundFile{}, fs.ErrNotExist
	}
	return foundFile{path, info.Size(), info.ModTime().UnixNano()}, nil
}

// findFiles lists the files of a folder that could be sent, those first that were changed first.
func findFiles(folder string) ([]foundFile, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read folder: %w", err)
	}
	names := make(map[string]bool, len(entries))
	for _, e := range entries {
		names[e.Name()] = true
	}
	var found []foundFile
	for _, e := range entries {
		if !e.Type().IsRegular() || isTemporary(e.Name()) || hasShadow(e.Name(), names) {
			continue
		}
		f, err := lookAt(filepath.Join(folder, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // gone meanwhile
		}
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	slices.SortFunc(found, func(a, b foundFile) int {
		return cmp.Or(cmp.Compare(a.modified, b.modified), strings.Compare(a.path, b.path))
	})
	return found, nil
}

// temporary returns the endings of names under which programs keep what is unfinished.
func temporary() []string {
	return []string{
		".part", ".partial", ".crdownload", ".download", ".opdownload", ".tmp", ".temp", ".swp", ".swx", ".lock",
		".!ut", ".aria2", ".filepart",
	}
}

// isTemporary reports whether a name is hidden, or one under which programs keep what is unfinished.
func isTemporary(name string) bool {
	lower := strings.ToLower(name)
	if strings.HasPrefix(lower, ".") || strings.HasPrefix(lower, "~") || strings.HasSuffix(lower, "~") {
		return true
	}
	return slices.ContainsFunc(temporary(), func(ending string) bool { return strings.HasSuffix(lower, ending) }) ||
		lower == "desktop.ini" || lower == "thumbs.db"
}

// hasShadow reports whether a file is the place of one that is still being downloaded beside it.
func hasShadow(name string, names map[string]bool) bool {
	return slices.ContainsFunc(temporary(), func(ending string) bool { return names[name+ending] })
}

// stableAfter is how long a file must not have changed.
const stableAfter = 3 * time.Second

// stability knows since when files have not changed.
type stability struct {
	written func(path string) bool // reports whether a program is writing to a file
	since   map[string]stableFile
}

type stableFile struct {
	file foundFile
	at   time.Time
}

// keep forgets all files but the wanted ones, and returns these in the order in which they were found.
func (s *stability) keep(found []foundFile, wanted map[string]foundFile) []foundFile {
	var out []foundFile
	kept := make(map[string]stableFile, len(wanted))
	for _, f := range found {
		if _, ok := wanted[f.path]; !ok {
			continue
		}
		out = append(out, f)
		if before, ok := s.since[f.path]; ok {
			kept[f.path] = before
		}
	}
	s.since = kept
	return out
}

// ready reports whether a file has not changed for long enough, and no program writes to it.
func (s *stability) ready(f foundFile, now time.Time) bool {
	before, ok := s.since[f.path]
	if !ok || before.file != f {
		s.since[f.path] = stableFile{f, now}
		return false
	}
	if now.Sub(before.at) < stableAfter {
		return false
	}
	if s.written(f.path) {
		s.since[f.path] = stableFile{f, now}
		return false
	}
	return true
}

func (s *stability) forget(path string) { delete(s.since, path) }
