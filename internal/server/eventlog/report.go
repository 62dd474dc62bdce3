package eventlog

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// maxReports is the maximum number of reports of one user in 24 hours.
const maxReports = 20

// Report stores what a user reports to the operator.
type Report struct {
	Submission

	Reporter, About accounts.UserRef
	Message         *ReportedMessage // nil: the user alone
	Reason          uint32
	Text            string

	// Refused is nil on success, also if the same was reported before and is open.
	Refused *refusal.Error
}

// ReportedMessage is a message that its reporter has.
type ReportedMessage struct {
	MID     uint64
	GID     uint32
	Content string // what it says
}

// CheckReport refuses a malformed report.
func CheckReport(m *wire.Report) error {
	switch {
	case m.GetReason() < wire.ReportSpam || m.GetReason() > wire.ReportOther:
		return refusal.Bad("there is no such reason")
	case len(m.GetText()) > wire.MaxReportText || !record.ValidText(m.GetText()):
		return refusal.Bad("the text is longer than %d bytes or not valid text", wire.MaxReportText)
	}
	return nil
}

// Reported returns the message at a place of a user's log, nil if there is none there that another user has sent.
func (l *Log) Reported(ctx context.Context, uid uint32, seq uint64, sender uint32) (found *ReportedMessage, err error) {
	if seq == 0 || seq > record.MaxSeq {
		return nil, nil //nolint:nilnil // there is none
	}
	err = l.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT m.mid, m.gid, coalesce(`+bodyFor+`, m.body) FROM events e JOIN msgs m ON m.mid = e.mid
			WHERE e.id = ? AND e.kind = ? AND m.sender = ?`,
			[]any{int64(uid), record.EventKey(uid, seq), int(record.KindMessage), int64(sender)},
			func(row record.Row) error {
				var (
					m    ReportedMessage
					mid  int64
					body []byte
					e    wire.Event
				)
				if err := row.Scan(&mid, &m.GID, &body); err != nil {
					return fmt.Errorf("read message: %w", err)
				}
				if err := proto.Unmarshal(body, &e); err != nil {
					return fmt.Errorf("read message %d: %w", mid, err)
				}
				m.MID, m.Content = uint64(mid), reportedText(e.GetMessage().GetContent())
				found = &m
				return nil
			})
	})
	return found, err
}

// reportedText returns what a message says.
func reportedText(c *wire.Content) string {
	var parts []string
	if f := c.GetFile(); f != nil {
		parts = append(parts, "["+f.GetName()+"] "+f.GetUrl())
	}
	if l := c.GetLocation(); l != nil {
		parts = append(parts, fmt.Sprintf("[%g, %g] %s", l.GetLat(), l.GetLon(), l.GetTitle()))
	}
	parts = append(parts, string(c.GetData()))
	text := strings.ToValidUTF8(strings.Join(parts, "\n"), "�")
	return strings.TrimSpace(strings.ReplaceAll(text, "\x00", "�"))
}

// reportKey is what one open report is about.
type reportKey struct {
	reporter, about uint32
	mid             uint64
}

var errManyReports = &refusal.Error{
	Result: wire.ResultRateLimit, Reason: fmt.Sprintf("more than %d reports in a day", maxReports),
}

func (r *Report) apply(b *batch) error {
	r.Refused = nil
	key := reportKey{reporter: r.Reporter.UID, about: r.About.UID}
	var m ReportedMessage
	if r.Message != nil {
		m = *r.Message
		key.mid = m.MID
	}
	known := b.reports[key]
	recent := 0
	for k := range b.reports {
		if k.reporter == key.reporter {
			recent++
		}
	}
	now := b.now.UnixMilli()
	err := b.tx.Query(`SELECT uid, mid, closed FROM reports WHERE reporter = ? AND (created > ? OR closed = 0)`,
		[]any{int64(key.reporter), now - (24 * time.Hour).Milliseconds()}, func(row record.Row) error {
			var (
				about       uint32
				mid, closed int64
			)
			if err := row.Scan(&about, &mid, &closed); err != nil {
				return fmt.Errorf("read reports: %w", err)
			}
			recent++
			known = known || closed == 0 && about == key.about && uint64(mid) == key.mid
			return nil
		})
	switch {
	case err != nil || known:
		return err
	case recent >= maxReports:
		r.Refused = errManyReports
		return nil
	}
	b.reports[key] = true
	b.update(`INSERT INTO reports(reporter, uid, mid, gid, reason, text, content, created) VALUES(?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(key.reporter), int64(key.about), int64(key.mid), int64(m.GID), int64(r.Reason), r.Text, m.Content, now)
	return nil
}
