package accounts

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// MaxNote is the maximum length of a note about a report in bytes.
	MaxNote = 1000
	// keepReports is how long closed reports are kept.
	keepReports = 365 * 24 * time.Hour
)

// ErrNoReport is returned if no report has the number.
var ErrNoReport error = refusal.HTTP(http.StatusNotFound, "NOSUCHREPORT", "there is no such report")

// Report is what a user has reported to the operator.
type Report struct {
	ID       int64
	Reporter string // addresses
	About    string
	MID      uint64 // the message, 0 for none
	GID      uint32 // the group of the message, 0 for none
	Reason   uint32 // wire.Report*
	Text     string // what the reporter says about it
	Content  string // what the message says, empty if the reporter does not have it
	Created  time.Time
	Closed   time.Time // zero: it is open
	Note     string    // what the operator has noted on closing it
}

// ReasonWord returns the reason as a word for programs and lists.
func (r *Report) ReasonWord() string {
	switch r.Reason {
	case wire.ReportSpam:
		return "spam"
	case wire.ReportAbuse:
		return "abuse"
	case wire.ReportIllegal:
		return "illegal"
	default:
		return "other"
	}
}

// ReportFilter selects reports.
type ReportFilter struct {
	ID     int64 // 0: any
	Closed bool  // also those that are closed
	After  int64 // those after a number
	Limit  int   // 0: all
}

// Reports returns the reports that a filter selects, oldest first.
func (a *Accounts) Reports(ctx context.Context, f ReportFilter) ([]Report, error) {
	var rows []struct {
		ID              int64
		Reporter        string
		About           string
		Mid             int64
		Gid             uint32
		Reason          uint32
		Text, Content   string
		Created, Closed int64
		Note            string
	}
	query := a.db.WithContext(ctx).Table("reports r").
		Select("r.id, f.address AS reporter, u.address AS about, r.mid, r.gid, r.reason, r.text, r.content, r.created, r.closed, r.note").
		Joins("JOIN users f ON f.uid = r.reporter").Joins("JOIN users u ON u.uid = r.uid").
		Where("r.id > ?", f.After).Order("r.id")
	if f.ID != 0 {
		query = query.Where("r.id = ?", f.ID)
	}
	if !f.Closed {
		query = query.Where("r.closed = 0")
	}
	if f.Limit != 0 {
		query = query.Limit(f.Limit)
	}
	if err := query.Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	list := make([]Report, len(rows))
	for i, r := range rows {
		list[i] = Report{
			ID: r.ID, Reporter: r.Reporter, About: r.About, MID: uint64(r.Mid), GID: r.Gid, Reason: r.Reason, Text: r.Text,
			Content: r.Content, Created: time.UnixMilli(r.Created), Note: r.Note,
		}
		if r.Closed != 0 {
			list[i].Closed = time.UnixMilli(r.Closed)
		}
	}
	return list, nil
}

// FindReport returns a report, or an error that wraps ErrNoReport.
func (a *Accounts) FindReport(ctx context.Context, id int64) (Report, error) {
	list, err := a.Reports(ctx, ReportFilter{ID: id, Closed: true})
	switch {
	case err != nil:
		return Report{}, err
	case len(list) == 0 || id == 0:
		return Report{}, ErrNoReport
	}
	return list[0], nil
}

// CloseReport closes a report. It returns an error that wraps ErrNoReport if there is none that is open. Reports that were
// closed a year ago are removed.
func (a *Accounts) CloseReport(ctx context.Context, id int64, note string) error {
	if len(note) > MaxNote || !record.ValidText(note) {
		return refusal.Bad("the note is longer than %d bytes or not valid text", MaxNote)
	}
	now := a.db.NowFunc()
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		res := tx.Exec(`UPDATE reports SET closed = ?, note = ? WHERE id = ? AND closed = 0`, now.UnixMilli(), note, id)
		switch {
		case res.Error != nil:
			return res.Error
		case res.RowsAffected == 0:
			return ErrNoReport
		}
		old := now.Add(-keepReports).UnixMilli()
		if err := tx.Exec(`DELETE FROM reports WHERE closed > 0 AND closed < ?`, old).Error; err != nil {
			return err
		}
		return audit.Add(tx, "report.close", fmt.Sprintf("report %d", id))
	})
	if err != nil {
		return fmt.Errorf("close report %d: %w", id, err)
	}
	return nil
}
