package eventlog

import "github.com/parley-chat/parley/internal/server/record"

// wideFanOut is the number of logs from which on a message is written with record.FanOut instead of row by row.
const wideFanOut = 16

// fanOut is an event for many logs whose body is stored once.
type fanOut struct {
	kind record.EventKind
	mid  uint64
	exp  int64
	chat int64 // of a message; see record.PeerChat
	raw  []byte
	from arrival // for messages; its seq is set for each log
	by   uint32  // who has caused it
	// notice is about a group, or even the group's settings.
	notice, settings bool
}

func (b *batch) fanOut(f fanOut, uids []uint32) error {
	e := entry{kind: f.kind, mid: f.mid, exp: f.exp, chat: f.chat, raw: f.raw}
	wide := len(uids) >= wideFanOut
	set := &record.FanOut{Time: b.now.UnixMilli(), Exp: f.exp, Kind: f.kind, MID: f.mid, Chat: f.chat}
	for _, uid := range uids {
		s, err := b.state(uid)
		if err != nil {
			return err
		}
		switch {
		case !wide:
			if _, err := b.append(uid, e); err != nil {
				return err
			}
		case s.last == 0: // the log may not have a row yet
			b.number(uid, s, e)
			b.touch(uid, s)
			set.Keys = append(set.Keys, record.EventKey(uid, s.last))
		default:
			b.number(uid, s, e)
			set.Raise = append(set.Raise, uid)
			set.Keys = append(set.Keys, record.EventKey(uid, s.last))
		}
		s.senders.add(f.by, f.notice)
		if f.notice {
			s.noteNotice(f.from.gid, f.settings)
		}
		if f.kind == record.KindMessage {
			a := f.from
			a.seq = s.last
			s.arrived(a)
		}
	}
	if wide {
		b.updates = append(b.updates, record.Update{FanOut: set})
	}
	return nil
}
