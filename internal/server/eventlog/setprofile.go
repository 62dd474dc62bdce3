package eventlog

import (
	"fmt"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// SetProfile changes the profile of a user. It is committed by the writer so that it does not look like a change by
// another process, after which everything would have to be read again.
type SetProfile struct {
	Submission

	UID    uint32
	By     uint32 // who changes it, 0 for the application's backend: a picture that this user may not use is refused
	Update accounts.ProfileUpdate

	// Visible reports that other users see a difference.
	Visible bool
	// Refused is nil on success.
	Refused *refusal.Error
}

func (s *SetProfile) apply(b *batch) error {
	s.Visible, s.Refused = false, nil
	p, err := b.profile(s.UID)
	if err != nil {
		return err
	}
	next := *p
	visible, changed := s.Update.Apply(&next)
	if !changed {
		return nil
	}
	if next.PictureURL != p.PictureURL {
		file, err := b.fileFor(s.By, next.PictureURL)
		if s.Refused = refusal.Of(err); err != nil {
			return failureOf(err)
		}
		b.setFileRef(fileref.OfProfile, int64(s.UID), file, 0)
	}
	s.Visible = visible
	b.profiles[s.UID] = &next
	b.saveProfile(s.UID, &next, visible)
	return nil
}

// profile returns the profile of a user, including the changes of this batch.
func (b *batch) profile(uid uint32) (*accounts.Profile, error) {
	if p, ok := b.profiles[uid]; ok {
		return p, nil
	}
	p := &accounts.Profile{}
	err := b.tx.Query(`SELECT u.name, coalesce(p.status, ''), p.picture, coalesce(p.picture_url, ''),
		coalesce(p.visibility, ?), coalesce(p.group_adds, -1) FROM users u LEFT JOIN profiles p ON p.uid = u.uid WHERE u.uid = ?`,
		[]any{wire.VisibilityPublic, int64(uid)}, func(row record.Row) error {
			if err := row.Scan(&p.Name, &p.Status, &p.Picture, &p.PictureURL, &p.Visibility, &p.GroupAdds); err != nil {
				return fmt.Errorf("read profile: %w", err)
			}
			return nil
		})
	return p, err
}

// saveProfile writes a changed profile. Only a visible change has a new revision and time.
func (b *batch) saveProfile(uid uint32, p *accounts.Profile, visible bool) {
	if visible {
		b.raiseRevision()
		b.update(`UPDATE users SET name = ?, rev = (SELECT CAST(v AS BIGINT) FROM meta WHERE k = ?) WHERE uid = ?`,
			p.Name, record.MetaProfileRev, int64(uid))
	}
	b.update(`INSERT INTO profiles(uid, status, picture, picture_url, visibility, group_adds, changed)
		SELECT uid, ?, ?, ?, ?, ?, CASE WHEN ? THEN ? ELSE created END FROM users WHERE uid = ?
		ON CONFLICT(uid) DO UPDATE SET status = excluded.status, picture = excluded.picture,
		picture_url = excluded.picture_url, visibility = excluded.visibility, group_adds = excluded.group_adds,
		changed = CASE WHEN ? THEN excluded.changed ELSE profiles.changed END`,
		p.Status, p.Picture, p.PictureURL, int64(p.Visibility), p.GroupAdds, visible, b.now.UnixMilli(), int64(uid), visible)
}
