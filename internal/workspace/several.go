package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/parley-chat/parley/app"
)

// folderPrefix starts the names of the folders of accounts beside the first, in its folder.
const folderPrefix = "account-"

// Others implements app.Workspace.
func (k *Keeper) Others(context.Context) ([]app.Account, error) {
	numbers, err := k.numbers()
	if err != nil {
		return nil, err
	}
	var list []app.Account
	for _, n := range numbers {
		other := k.other(n)
		if saved, err := other.load(); err != nil || saved != nil { // one that cannot be read is shown as such
			list = append(list, app.Account{Key: name(n), Workspace: other})
		}
	}
	return list, nil
}

// Another implements app.Workspace.
func (k *Keeper) Another(context.Context) (app.Account, error) {
	numbers, err := k.numbers()
	if err != nil {
		return app.Account{}, err
	}
	n := 2
	if len(numbers) > 0 {
		n = numbers[len(numbers)-1] + 1
	}
	return app.Account{Key: name(n), Workspace: k.other(n)}, nil
}

func name(n int) string { return folderPrefix + strconv.Itoa(n) }

// other returns the keeper of an account beside the first. The lock of the first is for it as well.
func (k *Keeper) other(n int) *Keeper {
	other := New(filepath.Join(k.dir, name(n)), k.log.With(slog.String("account", name(n))))
	other.proxy = k.proxy
	return other
}

// numbers lists the folders of accounts beside the first, lowest first.
func (k *Keeper) numbers() ([]int, error) {
	entries, err := os.ReadDir(k.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for accounts: %w", err)
	}
	var numbers []int
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), folderPrefix)
		if n, err := strconv.Atoi(digits); ok && err == nil && n > 1 && e.IsDir() && digits == strconv.Itoa(n) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// Erase implements app.Workspace. It removes what this package and the SDK have made, and nothing else: the folder may
// be one that the user has chosen.
func (k *Keeper) Erase(ctx context.Context) error {
	errs := []error{k.Forget(ctx)}
	var paths []string
	for _, pattern := range []string{"messages*.db*", serverFolder + replaced + "*", echoFolder + replaced + "*"} {
		found, err := filepath.Glob(filepath.Join(escapeGlob(k.dir), pattern))
		errs = append(errs, err)
		paths = append(paths, found...)
	}
	for _, name := range []string{
		filesFolder, serverFolder, echoFolder, restoreFolder, backupCopy, damagedName, rescueName,
	} {
		paths = append(paths, filepath.Join(k.dir, name))
	}
	for _, path := range paths {
		errs = append(errs, os.RemoveAll(path))
	}
	if k.unlock == nil { // not the first account, whose folder is locked and holds those of others
		if err := os.Remove(k.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			k.log.Info("folder of the account not removed", slog.Any("error", err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("erase the account: %w", err)
	}
	return nil
}

// escapeGlob returns a pattern that matches exactly a path.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
