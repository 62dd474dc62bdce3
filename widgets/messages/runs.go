package messages

import (
	"slices"

	"github.com/parley-chat/parley/widgets/internal/text"
)

// run is a part of a line in one colour: the bytes from start up to end of the text, x from the start of the line.
type run struct {
	start, end int
	x          float32
	link       bool
}

// runs splits line i of a message into plain text and links.
func (l *rowLayout) runs(i int, set *text.Typesetter) []run {
	s := l.lines[i]
	if s.Start == s.End {
		return nil
	}
	if len(l.links) == 0 {
		return []run{{start: s.Start, end: s.End}}
	}
	first, _ := slices.BinarySearchFunc(l.links, s.Start, func(k text.Link, at int) int {
		if k.End <= at {
			return -1
		}
		return 1
	})
	var out []run
	pos := s.Start
	add := func(end int, link bool) {
		if end <= pos {
			return
		}
		r := run{start: pos, end: end, link: link}
		if n := len(out); n > 0 {
			r.x = out[n-1].x + set.LineWidth(l.text[out[n-1].start:out[n-1].end], l.font)
		}
		out = append(out, r)
		pos = end
	}
	for _, k := range l.links[first:] {
		if k.Start >= s.End {
			break
		}
		add(max(k.Start, s.Start), false)
		add(min(k.End, s.End), true)
	}
	add(s.End, false)
	return out
}

// offsetX returns the distance of a byte from the start of line i.
func (l *rowLayout) offsetX(i, at int, set *text.Typesetter) float32 {
	s := l.lines[i]
	if at <= s.Start {
		return 0
	}
	if at >= s.End {
		return s.Width
	}
	return min(set.LineWidth(l.text[s.Start:at], l.font), s.Width)
}

// byteAt returns the character boundary of the text nearest to a point of the row.
func (l *rowLayout) byteAt(x, y float32, set *text.Typesetter) int {
	if len(l.lines) == 0 {
		return 0
	}
	i := int((y - l.lineAt) / l.lineH)
	if y < l.lineAt {
		return l.lines[0].Start
	}
	if i >= len(l.lines) {
		return l.lines[len(l.lines)-1].End
	}
	s := l.lines[i]
	x -= l.lineX
	var sum float32
	for k, c := range text.Clusters(s.In(l.text)) {
		// The sum of clusters differs from the width of words only by kerning, which does not matter here.
		w := set.Width(c, l.font)
		if x < sum+w/2 {
			return s.Start + k
		}
		sum += w
	}
	return s.End
}

// linkAt returns the address or mention at a point of the row.
func (l *rowLayout) linkAt(x, y float32, set *text.Typesetter) (text.Link, bool) {
	if len(l.links) == 0 || y < l.lineAt {
		return text.Link{}, false
	}
	i := int((y - l.lineAt) / l.lineH)
	if i >= len(l.lines) {
		return text.Link{}, false
	}
	x -= l.lineX
	for _, r := range l.runs(i, set) {
		if !r.link || x < r.x || x >= r.x+set.LineWidth(l.text[r.start:r.end], l.font) {
			continue
		}
		for _, k := range l.links {
			if r.start >= k.Start && r.end <= k.End {
				return k, true
			}
		}
	}
	return text.Link{}, false
}
