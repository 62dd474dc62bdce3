package chat

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// locationCommand, followed by two numbers, sends a location instead of a text.
const locationCommand = "/location"

// send sends the text, or saves it when a message is being edited; it reports whether to empty the composer.
func (m *Model) send(text string) bool { return m.sendWith(text, 0) }

// sendSilently is send for a message that makes no noise at its recipients.
func (m *Model) sendSilently(text string) bool { return m.sendWith(text, mesibo.FlagSilent) }

func (m *Model) sendWith(text string, flag mesibo.Flag) bool {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return false
	case m.writing.edit != 0:
		return m.saveEdit(text)
	case strings.HasPrefix(text, locationCommand):
		return m.sendCommand(text)
	}
	p := m.params()
	p.Flag |= flag
	p.RefID = m.answered()
	p.Mentions, p.LinkPreview = m.mentionsIn(text), m.previewOf(text)
	id := m.cfg.Backend.Random()
	if err := m.cfg.Backend.SendMessageString(p, id, text); err != nil {
		m.fail("send message", err)
		return false
	}
	m.sent(Message{Mid: uint64(id), Text: text, RefID: p.RefID, Mentions: p.Mentions, Link: p.LinkPreview})
	return true
}

// Later is a text that is to be sent later.
type Later struct {
	ID       uint32
	Peer     string
	GroupID  uint32
	Text     string
	RefID    uint64
	Mentions []string
	Due      time.Time
	Link     *mesibo.LinkPreview `json:",omitempty"` // without its picture
}

// later makes what sends the text at a time.
func (m *Model) later(text string, due time.Time) Later {
	link := m.previewOf(text)
	if link != nil {
		small := *link
		small.Thumbnail, link = nil, &small
	}
	return Later{
		Link: link,
		ID:   m.cfg.Backend.Random(), Peer: m.cfg.Peer, GroupID: m.cfg.GroupID, Text: strings.TrimSpace(text),
		RefID: m.answered(), Mentions: m.mentionsIn(text), Due: due,
	}
}

// kept empties the composer, whose text is kept to be sent later.
func (m *Model) kept() {
	m.writing = writing{text: new(string)}
	m.forgetPreview()
	m.setDraft("")
	m.saveDraft()
	m.stopTyping()
	m.changed()
}

// sendPlace sends a location; it reports whether that worked.
func (m *Model) sendPlace(l mesibo.Location) bool {
	p := m.params()
	p.RefID = m.answered()
	id := m.cfg.Backend.Random()
	if err := m.cfg.Backend.SendLocation(p, id, l); err != nil {
		m.fail("send location", err)
		return false
	}
	m.sent(Message{Mid: uint64(id), RefID: p.RefID, Place: &l})
	return true
}

func (m *Model) sendCommand(text string) bool {
	l, ok := ParsePlace(strings.TrimPrefix(text, locationCommand))
	if !ok {
		m.say(tr.L("Write a place like /location 52.5163, 13.3777 Brandenburg Gate"))
		return false
	}
	return m.sendPlace(l)
}

// sent empties the composer and shows the message.
func (m *Model) sent(msg Message) {
	m.notice = ""
	m.writing = writing{}
	m.forgetPreview()
	m.setDraft("")
	m.saveDraft()
	m.stopTyping()
	m.placed(msg)
}

// placed adds an own message at the end and scrolls there. What is above it counts as seen.
func (m *Model) placed(msg Message) {
	m.below, m.divider = 0, 0
	m.following = true
	if m.hist.newer {
		m.jump(Query{Dir: Older, Count: pageSize})
	}
	msg.Out, msg.At = true, m.cfg.Dispatcher.Now()
	m.hist.arrive(msg, true)
	m.view = View{Kind: ViewEnd}
	m.changed()
	m.cfg.Updated()
}

// ParsePlace parses "latitude, longitude name"; the name is optional.
func ParsePlace(text string) (mesibo.Location, bool) {
	fields := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' })
	if len(fields) < 2 {
		return mesibo.Location{}, false
	}
	lat, err1 := strconv.ParseFloat(fields[0], 64)
	lon, err2 := strconv.ParseFloat(fields[1], 64)
	inside := lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 // false for NaN
	if err1 != nil || err2 != nil || !inside {
		return mesibo.Location{}, false
	}
	return mesibo.Location{Lat: lat, Lon: lon, Title: strings.Join(fields[2:], " ")}, true
}

// retry sends a failed message again.
func (m *Model) retry(key uint64) {
	msg, ok := m.Message(key)
	if !ok || !msg.Failed() {
		return
	}
	if err := m.cfg.Backend.Resend(m.params(), msg.ID()); err != nil {
		m.fail("send message again", err)
		return
	}
	m.hist.requeue(key)
	m.changed()
	m.cfg.Updated()
}

// withdraw removes a message that waits or failed.
func (m *Model) withdraw(key uint64) {
	msg, ok := m.Message(key)
	if !ok || !msg.Waits() && !msg.Failed() {
		return
	}
	switch err := m.cfg.Backend.Cancel(m.params(), msg.ID()); {
	case errors.Is(err, mesibo.ErrNotFound):
		m.say(tr.L("Too late: this message is on its way already."))
		return
	case err != nil:
		m.fail("withdraw message", err)
		return
	}
	m.hist.remove(key)
	m.changed()
	m.cfg.Updated()
}

// mentionable are the group members whose address or name starts with the text typed after an @.
func (m *Model) mentionable(typed string) []string {
	var list []string
	for _, member := range m.participants.group.Members {
		address := member.Address
		if same(address, m.self) {
			continue
		}
		if hasPrefix(address, typed) || hasPrefix(m.name(address), typed) {
			list = append(list, address)
		}
	}
	return list
}

func hasPrefix(text, prefix string) bool {
	return strings.HasPrefix(strings.ToLower(text), strings.ToLower(prefix))
}

// mentionsIn are the group members that a text mentions as @address.
func (m *Model) mentionsIn(text string) []string {
	var list []string
	for _, member := range m.participants.group.Members {
		if len(Mentioned(text, []string{member.Address})) > 0 {
			list = append(list, member.Address)
		}
	}
	return list
}

// Part is the bytes of a text from Start up to End.
type Part struct{ Start, End int }

// Mentioned finds where a text mentions addresses, in order.
func Mentioned(text string, addresses []string) []Part {
	if len(addresses) == 0 || !strings.Contains(text, "@") {
		return nil
	}
	addresses = slices.Clone(addresses)
	slices.SortFunc(addresses, func(a, b string) int { return len(b) - len(a) }) // the longest match wins
	var parts []Part
	for at := 0; at < len(text); at++ {
		if text[at] != '@' || at > 0 && wordBefore(text[:at]) {
			continue
		}
		for _, address := range addresses {
			end := at + 1 + len(address)
			if end <= len(text) && same(text[at+1:end], address) && !wordAfter(text[end:]) {
				parts = append(parts, Part{at, end})
				at = end - 1
				break
			}
		}
	}
	return parts
}

func wordBefore(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return isWord(r)
}

func wordAfter(text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	return size > 0 && isWord(r)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
