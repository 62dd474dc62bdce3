package messages

// selection is the selected part of one message's text. The zero value is none.
type selection struct {
	key      int64
	from, to int // bytes; from is where the drag started, so it may be greater than to
}

func (s selection) empty() bool { return s.from == s.to }

func (s selection) ordered() (from, to int) { return min(s.from, s.to), max(s.from, s.to) }

// of returns the selected part of a text.
func (s selection) of(text string) string {
	from, to := s.ordered()
	if to > len(text) {
		return ""
	}
	return text[from:to]
}
