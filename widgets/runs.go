package widgets

import "slices"

// run is a part of a line in one colour: bytes from start to end of the text, x from the line's beginning.
type run struct {
	start, end int
	x          float32
	link       bool
}

// runs cuts line i of a message into plain text and links.
func (l *rowLayout) runs(i int, set *typesetter) []run {
	s := l.lines[i]
	if s.start == s.end {
		return nil
	}
	if len(l.links) == 0 {
		return []run{{start: s.start, end: s.end}}
	}
	first, _ := slices.BinarySearchFunc(l.links, s.start, func(k linkSpan, at int) int {
		if k.end <= at {
			return -1
		}
		return 1
	})
	var out []run
	pos := s.start
	add := func(end int, link bool) {
		if end <= pos {
			return
		}
		r := run{start: pos, end: end, link: link}
		if n := len(out); n > 0 {
			r.x = out[n-1].x + set.lineWidth(l.text[out[n-1].start:out[n-1].end], l.font)
		}
		out = append(out, r)
		pos = end
	}
	for _, k := range l.links[first:] {
		if k.start >= s.end {
			break
		}
		add(max(k.start, s.start), false)
		add(min(k.end, s.end), true)
	}
	add(s.end, false)
	return out
}

// offsetX returns how far from the beginning of line i the byte at lies.
func (l *rowLayout) offsetX(i, at int, set *typesetter) float32 {
	s := l.lines[i]
	if at <= s.start {
		return 0
	}
	if at >= s.end {
		return s.width
	}
	return min(set.lineWidth(l.text[s.start:at], l.font), s.width)
}

// byteAt returns the byte of the text nearest to a point of the row, between two characters.
func (l *rowLayout) byteAt(x, y float32, set *typesetter) int {
	if len(l.lines) == 0 {
		return 0
	}
	i := int((y - l.lineAt) / l.lineH)
	if y < l.lineAt {
		return l.lines[0].start
	}
	if i >= len(l.lines) {
		return l.lines[len(l.lines)-1].end
	}
	s := l.lines[i]
	x -= l.lineX
	var sum float32
	for k, c := range clusters(s.text(l.text)) {
		// Summing clusters drifts from the words' widths by kerning only; no reader's hand is that exact.
		w := set.width(c, l.font)
		if x < sum+w/2 {
			return s.start + k
		}
		sum += w
	}
	return s.end
}

// linkAt returns the address or the mention at a point of the row.
func (l *rowLayout) linkAt(x, y float32, set *typesetter) (linkSpan, bool) {
	if len(l.links) == 0 || y < l.lineAt {
		return linkSpan{}, false
	}
	i := int((y - l.lineAt) / l.lineH)
	if i >= len(l.lines) {
		return linkSpan{}, false
	}
	x -= l.lineX
	for _, r := range l.runs(i, set) {
		if !r.link || x < r.x || x >= r.x+set.lineWidth(l.text[r.start:r.end], l.font) {
			continue
		}
		for _, k := range l.links {
			if r.start >= k.start && r.end <= k.end {
				return k, true
			}
		}
	}
	return linkSpan{}, false
}
