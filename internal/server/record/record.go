package record

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/wire"
)

var (
	// ErrReplan is returned by Tx.Lock if a log cannot be locked at this point. The caller must roll back and start
	// again with a plan that includes the log.
	ErrReplan = errors.New("a log has to be locked from the start")
	// ErrText is returned for a text parameter with NUL or invalid UTF-8. Callers should refuse such text earlier.
	ErrText = errors.New("text with a NUL character or invalid UTF-8")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("the database is closed")
)

// Record is a database. Its methods may be called from any goroutine, except where noted.
type Record interface {
	// Begin starts a transaction: it locks the logs of the plan and runs its lookups. A process has at most one open
	// transaction. The end of ctx affects neither Begin nor the queries of the Tx.
	Begin(ctx context.Context, p *Plan) (Tx, error)
	// View calls f, on another goroutine, with a reader whose queries all see the same state, and waits for it. f must
	// not call View.
	View(ctx context.Context, f func(Reader) error) error
	// Once calls f unless another process is running the job of this name, and reports whether it did.
	Once(ctx context.Context, job string, f func(context.Context) error) (ran bool, err error)
	// Foreign reports whether another process, or the ORM, has written since the last call. It must be called by the
	// goroutine that calls Begin.
	Foreign(ctx context.Context) (bool, error)
	// Size returns the size of all rows in bytes, without what has been freed.
	Size(ctx context.Context) (int64, error)
	// Tidy removes what was deleted from the files of the database as well. It does nothing, and reports that it has not
	// done it, if it would disturb others.
	Tidy(ctx context.Context) (done bool, err error)
	// Check looks for damage in the files of the database, while others go on with it, and returns what it has found. It
	// spends at most limit on each table; whole reports whether that was enough.
	Check(ctx context.Context, limit time.Duration) (problems []string, whole bool, err error)
	// ORM returns the connection for the tables of users, tokens and profiles. Its NowFunc is the clock of the record.
	ORM() *gorm.DB
	// Close closes the database. No transaction may be open.
	Close() error
}

// Row is one row of a result.
type Row interface {
	Scan(dest ...any) error
}

// Reader reads the database.
type Reader interface {
	// Query calls each for every row of a result and stops at the first error. each must not run queries.
	Query(text string, args []any, each func(Row) error) error
}

// Tx is a transaction that appends to logs. One goroutine uses it.
type Tx interface {
	Reader

	// Now returns the time for the rows of the transaction.
	Now() time.Time
	// Lock locks further logs. It returns ErrReplan if that might deadlock with another process.
	Lock(logs []uint32) error
	// Head returns the state of a locked log.
	Head(log uint32) Head
	// Sent returns the earlier reply to a message of the plan.
	Sent(key NonceKey) (Sent, bool)
	// Taken reports whether a message id of the plan is in use.
	Taken(mid uint64) bool
	// Commit writes everything durably and ends the transaction. After an error it is unknown whether anything was
	// written.
	Commit(w *WriteSet) error
	// Rollback ends the transaction without writing. It does nothing after Commit.
	Rollback()
}

// Head is the state of a log.
type Head struct {
	Last      uint64 // newest event, 0 if there is none
	Delivered uint64 // newest event that a device has stored
}

// Plan lists the locks and lookups of a transaction. Duplicates are allowed.
type Plan struct {
	Logs   []uint32   // users whose logs it may append to
	Nonces []NonceKey // messages that may have been sent before
	IDs    []uint64   // message ids that it may use
}

// NonceKey identifies a message by its sender and the sender's nonce.
type NonceKey struct {
	UID   uint32
	Nonce [wire.NonceSize]byte
}

// Sent is the reply to a stored message.
type Sent struct {
	MID  uint64
	Seq  uint64 // number in the sender's log
	Time int64  // ms
}

// ValidText reports whether a text is allowed as a parameter.
func ValidText(s string) bool { return !strings.ContainsRune(s, 0) && utf8.ValidString(s) }
