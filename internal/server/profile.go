package server

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // small pictures are JPEG or PNG
	_ "image/png"
	"slices"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/wire"
)

// maxPictureSide bounds the width and height of a small picture: what a client has to decode.
const maxPictureSide = 2048

var errLongURL = fmt.Errorf("the URL is longer than %d bytes", wire.MaxURL)

// validPicture accepts no picture as well.
func validPicture(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if len(b) > wire.MaxThumbnail {
		return fmt.Errorf("the picture is longer than %d bytes", wire.MaxThumbnail)
	}
	conf, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || (format != "jpeg" && format != "png") { // the program may know other formats
		return errors.New("the picture is neither JPEG nor PNG")
	}
	if conf.Width > maxPictureSide || conf.Height > maxPictureSide {
		return fmt.Errorf("the picture is larger than %d by %d pixels", maxPictureSide, maxPictureSide)
	}
	return nil
}

// validStatus checks the line about a user or group.
func validStatus(s string) error {
	switch {
	case len(s) > wire.MaxStatusText:
		return fmt.Errorf("the status is longer than %d bytes", wire.MaxStatusText)
	case !utf8.ValidString(s):
		return errors.New("the status is not UTF-8")
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return errors.New("the status holds a control character")
		}
	}
	return nil
}

// profilePage is how many profiles and groups one answer holds at most.
const profilePage = 500

// profileSync answers with the users, and the groups of this one, that changed after a revision.
func (c *conn) profileSync(ctx context.Context, id uint64, p *wire.ProfileSync) {
	var reply *wire.ProfileSyncReply
	// Both tables as they were at one moment: a revision that is skipped would never be asked for again.
	err := c.s.reader.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		reply, err = readChanges(readFrom(tx), c.dev.uid, p.GetRevision())
		return err
	})
	if err != nil {
		c.broken(fmt.Errorf("read changes: %w", err))
		return
	}
	c.respond(&wire.Response{Id: id, Payload: &wire.Response_ProfileSync{ProfileSync: reply}})
	c.kick()
}

// changed is a profile or a group that changed at a revision.
type changed struct {
	rev     uint64
	profile *wire.Profile
	group   *wire.GroupInfo
}

func (c *changed) size() int {
	if c.group != nil {
		return proto.Size(c.group)
	}
	return proto.Size(c.profile)
}

// errPageFull ends the reading of a table.
var errPageFull = errors.New("the page is full")

// page gathers rows of one table until an answer is full.
type page struct {
	rows  []changed
	bytes int
	more  bool
}

func (p *page) add(c changed) error {
	size := c.size() + 16
	if len(p.rows) > 0 && (len(p.rows) >= profilePage || p.bytes+size > maxEventsBytes) {
		p.more = true
		return errPageFull
	}
	p.bytes += size
	p.rows = append(p.rows, c)
	return nil
}

func readChanges(read reading, uid uint32, after uint64) (*wire.ProfileSyncReply, error) {
	after = min(after, 1<<63-1)
	var users, groups page
	err := read(`SELECT u.rev, u.address, u.name, u.disabled, coalesce(p.status, ''), p.picture, coalesce(p.picture_url, ''),
		coalesce(p.changed, u.created) FROM users u LEFT JOIN profiles p ON p.uid = u.uid WHERE u.rev > ? ORDER BY u.rev`,
		[]any{int64(after)}, func(rows *sql.Rows) error {
			var (
				rev uint64
				p   wire.Profile
			)
			err := rows.Scan(&rev, &p.Address, &p.Name, &p.Deleted, &p.Status, &p.Picture, &p.PictureUrl, &p.Changed)
			if err != nil {
				return fmt.Errorf("read profiles: %w", err)
			}
			return users.add(changed{rev: rev, profile: &p})
		})
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, err
	}
	err = read(`SELECT `+groupColumns+`, g.rev, (SELECT count(*) FROM members c WHERE c.gid = g.gid)
		FROM members m JOIN groups g ON g.gid = m.gid WHERE m.uid = ? AND g.rev > ? ORDER BY g.rev`,
		[]any{int64(uid), int64(after)}, func(rows *sql.Rows) error {
			var (
				rev   uint64
				count uint32
			)
			g, err := scanGroup(rows, &rev, &count)
			if err != nil {
				return err
			}
			info := g.info()
			info.Members = count
			return groups.add(changed{rev: rev, group: info})
		})
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, err
	}
	return mergeChanges(after, users, groups), nil
}

// mergeChanges takes what fits from two pages, in the order of change.
func mergeChanges(after uint64, users, groups page) *wire.ProfileSyncReply {
	both := slices.Concat(users.rows, groups.rows)
	slices.SortFunc(both, func(a, b changed) int { return cmp.Compare(a.rev, b.rev) })
	// Behind the end of a page that goes on, nothing is known of its table.
	end := uint64(1<<64 - 1)
	for _, p := range []page{users, groups} {
		if p.more {
			end = min(end, p.rows[len(p.rows)-1].rev)
		}
	}
	reply := &wire.ProfileSyncReply{Revision: after}
	var taken page
	for _, ch := range both {
		if ch.rev > end || taken.add(ch) != nil {
			reply.More = true
			break
		}
		reply.Revision = ch.rev
		if ch.group != nil {
			reply.Groups = append(reply.Groups, ch.group)
		} else {
			reply.Profiles = append(reply.Profiles, ch.profile)
		}
	}
	reply.More = reply.More || users.more || groups.more
	return reply
}
