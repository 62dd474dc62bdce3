package server

import (
	"context"
	"strconv"
)

// wideFanOut is from how many logs on a message is written to them as a set. One statement with all numbers in a list
// costs a fraction of as many rows with all their columns, each of which the driver has to compile and bind.
const wideFanOut = 16

// fanOut is one message, or another event whose body is stored once, for many logs.
type fanOut struct {
	kind eventKind
	mid  uint64
	exp  int64
	raw  []byte
	from arrival // of a message, without the number in the recipient's log
}

func (b *batch) fanOut(ctx context.Context, f fanOut, uids []uint32) error {
	e := entry{kind: f.kind, mid: f.mid, exp: f.exp, raw: f.raw}
	wide := len(uids) >= wideFanOut
	var events, heads numberList
	for _, uid := range uids {
		h, err := b.head(ctx, uid)
		if err != nil {
			return err
		}
		switch {
		case !wide:
			if _, err := b.append(ctx, uid, e); err != nil {
				return err
			}
		case h.last == 0: // the log may have no row yet
			b.number(uid, h, e)
			b.touch(uid, h)
			events.add(eventKey(uid, h.last))
		default:
			b.number(uid, h, e)
			heads.add(int64(uid))
			events.add(eventKey(uid, h.last))
		}
		if f.kind == kindMessage {
			a := f.from
			a.seq = h.last
			h.arrived(a)
		}
	}
	if wide {
		b.update(`INSERT OR ROLLBACK INTO events(id, ts, exp, kind, mid) SELECT value, ?, ?, ?, ? FROM json_each(?)`,
			b.now.UnixMilli(), f.exp, int(f.kind), int64(f.mid), events.json())
		// A log that something else of this batch touches is written whole behind this.
		b.update(`UPDATE heads SET last = last + 1 WHERE uid IN (SELECT value FROM json_each(?))`, heads.json())
	}
	return nil
}

// numberList is a list of numbers as one value of a statement.
type numberList struct{ text []byte }

func (l *numberList) add(n int64) { l.text = strconv.AppendInt(append(l.text, ','), n, 10) }

func (l *numberList) json() string {
	if len(l.text) == 0 {
		return "[]"
	}
	return "[" + string(l.text[1:]) + "]"
}
