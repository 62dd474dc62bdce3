package call

import "slices"

// How many participants are seen at a time.
const (
	gridSeats  = 9 // as tiles of the same size
	stripSeats = 5 // below a large one
)

// seat is a participant of a meeting as the window shows it.
type seat struct {
	Participant

	key       string // unique in the meeting
	own       bool
	publishes bool // it sends something
	connected bool // it was, at least once
	failed    bool // it will not be
	talks     bool
	spoke     int  // when it started to speak last, as a count
	hides     bool // its video is not seen, as the SDK knows it
	shown     bool // a frame has come since the video was turned on
}

// seats are the participants in the order in which they are shown. It stays the same but for those who speak and are
// not seen.
type seats struct {
	own    *seat
	others []*seat
	large  *seat // nil for none
	page   int
	spoken int // counts who starts to speak
}

// size is how many participants a page has.
func (s *seats) size() int {
	if s.large != nil {
		return stripSeats
	}
	return gridSeats
}

// rest are the other participants without the large one.
func (s *seats) rest() []*seat {
	return slices.DeleteFunc(slices.Clone(s.others), func(x *seat) bool { return x == s.large })
}

// first is how many others the first page has: this user is its last.
func (s *seats) first() int {
	if s.own == nil || s.own == s.large {
		return s.size()
	}
	return s.size() - 1
}

// pages is how many there are, at least one.
func (s *seats) pages() int {
	more := len(s.rest()) - s.first()
	if more <= 0 {
		return 1
	}
	return 1 + (more+s.size()-1)/s.size()
}

// seen are the participants on the page that is shown, without the large one.
func (s *seats) seen() []*seat {
	s.page = min(max(0, s.page), s.pages()-1)
	rest, first := s.rest(), s.first()
	if s.page == 0 {
		list := rest[:min(first, len(rest))]
		if s.own != nil && s.own != s.large {
			list = append(list, s.own)
		}
		return list
	}
	from := first + (s.page-1)*s.size()
	return rest[from:min(from+s.size(), len(rest))]
}

// isSeen reports whether a participant is on the page that is shown, or large.
func (s *seats) isSeen(x *seat) bool { return x == s.large || slices.Contains(s.seen(), x) }

// speaks notes that a participant starts to speak. One who is not on the first page gets a place there, that of the
// one who was silent for the longest time.
func (s *seats) speaks(x *seat) {
	s.spoken++
	x.spoke, x.talks = s.spoken, true
	rest := s.rest()
	at := slices.Index(rest, x)
	if at < s.first() {
		return
	}
	silent := slices.MinFunc(rest[:s.first()], func(a, b *seat) int {
		switch {
		case a.talks == b.talks:
			return a.spoke - b.spoke
		case a.talks:
			return 1
		}
		return -1
	})
	i, j := slices.Index(s.others, x), slices.Index(s.others, silent)
	s.others[i], s.others[j] = silent, x
}

// find returns the seat with a key, nil when there is none.
func (s *seats) find(key string) *seat {
	for _, x := range s.all() {
		if x.key == key {
			return x
		}
	}
	return nil
}

// all are the participants, this user as the last.
func (s *seats) all() []*seat {
	if s.own == nil {
		return s.others
	}
	return append(slices.Clone(s.others), s.own)
}

// remove lets a participant go.
func (s *seats) remove(x *seat) {
	s.others = slices.DeleteFunc(s.others, func(other *seat) bool { return other == x })
	if s.large == x {
		s.large = nil
	}
}
