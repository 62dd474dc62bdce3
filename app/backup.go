package app

import "errors"

// Why a backup is not restored.
var (
	// ErrPassphrase: it was made with another passphrase.
	ErrPassphrase = errors.New("wrong passphrase")
	// ErrNotBackup: the file is none.
	ErrNotBackup = errors.New("not a backup")
	// ErrBackupDamaged: the file is cut off, or has been changed.
	ErrBackupDamaged = errors.New("the backup is damaged")
	// ErrNewerBackup: a later version of the program made it.
	ErrNewerBackup = errors.New("the backup is from a newer version")
	// ErrOtherAccount: it is of another account than the one it is to replace.
	ErrOtherAccount = errors.New("the backup is of another account")
)

// Backup says what becomes a backup, and where.
type Backup struct {
	Path, Passphrase string
	// Preferences are the account's, which Workspace.Restore returns.
	Preferences []byte
	// Progress is called with what is done of a whole, in bytes, on another goroutine.
	Progress func(done, all int64)
}

// Restore says which backup to restore.
type Restore struct {
	Path, Passphrase string
	// Progress is called with what is done of a whole, in bytes, on another goroutine.
	Progress func(done, all int64)
}

// Rebuilt says what became of messages on this computer that were damaged.
type Rebuilt struct {
	Aside   string // the name of the file that was set aside, in the folder of all data
	Rescued int    // messages that waited to be sent, and still do
}
