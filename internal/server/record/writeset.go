package record

// WriteSet holds all writes of a transaction: first Rows, then Updates, then Heads, each in order.
type WriteSet struct {
	Rows    []*Rows
	Updates []Update
	Heads   []HeadRow
}

// Rows are new rows of one table.
type Rows struct {
	Table      string
	Columns    string // separated by commas
	OnConflict string // appended to the statement, such as ON CONFLICT DO NOTHING
	Count      int
	Args       []any // of all rows
}

// Add adds a row.
func (r *Rows) Add(values ...any) {
	r.Count++
	r.Args = append(r.Args, values...)
}

// Update is a statement, or a fan-out if FanOut is not nil.
type Update struct {
	Text   string
	Args   []any
	FanOut *FanOut
}

// FanOut appends an event to many logs at once.
type FanOut struct {
	Keys []int64 // of the new events
	Time int64   // ms
	Exp  int64   // deadline in ms, 0 none
	Kind EventKind
	MID  uint64 // the message that they point to
	Chat int64  // see PeerChat; 0 if it is no message
	// Raise lists the logs whose last number is incremented. A log without an event is in Heads instead; one with other
	// changes in the same write set is in both.
	Raise []uint32
}

// HeadRow is the new state of a log.
type HeadRow struct {
	UID uint32
	Head
}
