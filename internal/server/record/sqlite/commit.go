package sqlite

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/parley-chat/parley/internal/server/record"
)

// insertChunk is the number of rows in one INSERT statement. The driver compiles a statement each time it runs, so
// multi-row statements are faster.
const insertChunk = 100

// Commit implements record.Tx. The database's transaction only lasts for this call.
func (t *tx) Commit(w *record.WriteSet) error {
	if err := t.write(w); err != nil {
		t.fail()
		return err
	}
	for i := range w.Updates {
		if f := w.Updates[i].FanOut; f != nil {
			for _, uid := range f.Raise {
				if h, ok := t.w.heads[uid]; ok {
					h.Last++
					t.w.heads[uid] = h
				}
			}
		}
	}
	for _, h := range w.Heads {
		t.w.heads[h.UID] = h.Head
	}
	t.w = nil
	return nil
}

func (t *tx) write(w *record.WriteSet) error {
	if err := t.exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	for _, rows := range w.Rows {
		if err := t.insert(rows); err != nil {
			return err
		}
	}
	for i := range w.Updates {
		if err := t.update(&w.Updates[i]); err != nil {
			return err
		}
	}
	heads := record.Rows{
		Table: "heads", Columns: "uid, last, delivered",
		OnConflict: `ON CONFLICT(uid) DO UPDATE SET last = excluded.last, delivered = excluded.delivered`,
	}
	for _, h := range w.Heads {
		heads.Add(int64(h.UID), int64(h.Last), int64(h.Delivered))
	}
	if err := t.insert(&heads); err != nil {
		return err
	}
	return t.exec(`COMMIT`)
}

func (t *tx) exec(text string, args ...any) error {
	if err := checkText(args); err != nil {
		return err
	}
	if _, err := t.w.conn.ExecContext(t.ctx, text, args...); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func (t *tx) insert(rows *record.Rows) error {
	if rows.Count == 0 {
		return nil
	}
	width := len(rows.Args) / rows.Count
	row := "(?" + strings.Repeat(",?", width-1) + ")"
	for done := 0; done < rows.Count; {
		n := min(insertChunk, rows.Count-done)
		// ROLLBACK instead of the default ABORT: a failure ends the transaction anyway, and SQLite needs no statement
		// journal.
		text := `INSERT OR ROLLBACK INTO ` + rows.Table + `(` + rows.Columns + `) VALUES ` + row +
			strings.Repeat(","+row, n-1) + " " + rows.OnConflict
		if err := t.exec(text, rows.Args[done*width:(done+n)*width]...); err != nil {
			return err
		}
		done += n
	}
	return nil
}

func (t *tx) update(u *record.Update) error {
	if u.FanOut == nil {
		return t.exec(u.Text, u.Args...)
	}
	f := u.FanOut
	var keys, raise numberList
	for _, k := range f.Keys {
		keys.add(k)
	}
	for _, uid := range f.Raise {
		raise.add(int64(uid))
	}
	// One statement with a list of numbers is much faster than rows with all their columns, which the driver would have
	// to compile and bind.
	err := t.exec(`INSERT OR ROLLBACK INTO events(id, ts, exp, kind, mid) SELECT value, ?, ?, ?, ? FROM json_each(?)`,
		f.Time, f.Exp, int(f.Kind), int64(f.MID), keys.json())
	if err != nil {
		return err
	}
	if f.Chat != 0 {
		// Nearly all are there: what is written for is looked up, and that is all.
		err := t.exec(`INSERT INTO stretches(uid, chat, stretch) SELECT value >> 32, ?, (value & 4294967295) >> 8
			FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`, f.Chat, keys.json())
		if err != nil {
			return err
		}
	}
	return t.exec(`UPDATE heads SET last = last + 1 WHERE uid IN (SELECT value FROM json_each(?))`, raise.json())
}

// numberList formats numbers as one parameter of a statement.
type numberList struct{ text []byte }

func (l *numberList) add(n int64) { l.text = strconv.AppendInt(append(l.text, ','), n, 10) }

func (l *numberList) json() string {
	if len(l.text) == 0 {
		return "[]"
	}
	return "[" + string(l.text[1:]) + "]"
}
