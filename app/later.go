package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

const (
	laterKey   = "parley.later" // in the account's database
	mostLater  = 100
	laterAgain = time.Minute // after an error
	laterCheck = time.Hour   // clocks are set, and machines sleep
)

var errLaterFull = errors.New("too many messages wait for their time")

// later keeps the texts that are to be sent at a time, in the account's database, and sends them then; those whose time has
// come while the program did not run are sent at the next start. Each has its id from the beginning, which the SDK takes
// once, so that it is sent once.
type later struct {
	home  *home
	list  []chat.Later // by time
	timer func()
}

func newLater(h *home) *later {
	l := &later{home: h}
	if stored, ok := h.session.Client.ReadKey(laterKey); ok {
		if err := json.Unmarshal([]byte(stored), &l.list); err != nil {
			h.app.cfg.Logger.Error("what is to be sent later cannot be read", errorAttr(err))
		}
	}
	return l
}

// store keeps a list, and then is what that list says.
func (l *later) store(list []chat.Later) error {
	data, err := json.Marshal(list)
	if err == nil {
		err = l.home.session.Client.SetKey(laterKey, string(data))
	}
	if err != nil {
		return fmt.Errorf("keep messages for later: %w", err)
	}
	l.list = list
	l.home.showWaiting()
	return nil
}

// add keeps a text. It is on the disk when the call returns.
func (l *later) add(m chat.Later) error {
	if len(l.list) >= mostLater {
		return errLaterFull
	}
	list := append(slices.Clone(l.list), m)
	slices.SortStableFunc(list, func(a, b chat.Later) int { return a.Due.Compare(b.Due) })
	if err := l.store(list); err != nil {
		return err
	}
	l.schedule()
	return nil
}

// remove drops a text.
func (l *later) remove(id uint32) error {
	return l.store(slices.DeleteFunc(slices.Clone(l.list), func(m chat.Later) bool { return m.ID == id }))
}

// schedule waits for the next one.
func (l *later) schedule() {
	if l.timer != nil {
		l.timer()
		l.timer = nil
	}
	if len(l.list) > 0 {
		ui := l.home.app.cfg.UI
		wait := min(max(l.list[0].Due.Sub(ui.Now()), 0), laterCheck)
		l.timer = ui.After(wait, l.sendDue)
	}
}

// sendDue sends what is due.
func (l *later) sendDue() {
	l.timer = nil
	now := l.home.app.cfg.UI.Now()
	for len(l.list) > 0 && !l.list[0].Due.After(now) {
		if err := l.send(l.list[0]); err != nil {
			l.home.failed(err)
			l.timer = l.home.app.cfg.UI.After(laterAgain, l.sendDue)
			return
		}
	}
	l.schedule()
}

// send sends a text and then drops it.
func (l *later) send(m chat.Later) error {
	h := l.home
	p := mesibo.MessageParams{
		Peer: m.Peer, GroupID: m.GroupID, Flag: mesibo.FlagDefault, Expiry: mesibo.ExpiryDefault, RefID: m.RefID,
		Mentions: m.Mentions, LinkPreview: m.Link,
	}
	err := h.session.Client.SendMessageString(p, m.ID, m.Text)
	if err != nil && !errors.Is(err, mesibo.ErrDuplicateID) { // that one is sent already
		return err
	}
	if err := l.remove(m.ID); err != nil {
		return err
	}
	id := idOf(m.Peer, m.GroupID)
	h.updated(id)
	if open := h.openChat(id); open != nil {
		if sent, err := h.session.Client.FindMessage(uint64(m.ID)); err == nil {
			open.Received(chat.NewMessage(sent))
		}
	}
	return nil
}

// of are the texts for a chat.
func (l *later) of(id contacts.ID) []chat.Later {
	var list []chat.Later
	for _, m := range l.list {
		if idOf(m.Peer, m.GroupID).Is(id) {
			list = append(list, m)
		}
	}
	return list
}

func (l *later) close() {
	if l.timer != nil {
		l.timer()
	}
}

// showWaiting says above the composer what is to be sent later.
func (h *home) showWaiting() {
	if h.later == nil || h.chat.Model() == nil {
		return
	}
	words := ""
	switch list := h.later.of(h.current()); {
	case len(list) > 0:
		words = tr.N("{{.N}} message is sent later: {{.When}}", "{{.N}} messages are sent later, the first {{.When}}",
			len(list), "When", dueWords(list[0].Due, h.app.cfg.UI.Now()))
	}
	h.chat.SetWaiting(words)
}

// dueWords say when something is due, within a sentence.
func dueWords(t, now time.Time) string {
	switch clock := format.Clock(t); {
	case sameDay(t, now):
		return tr.L("today, {{.Time}}", "Time", clock)
	case sameDay(t, now.AddDate(0, 0, 1)):
		return tr.L("tomorrow, {{.Time}}", "Time", clock)
	}
	return dueTitle(t, now)
}

// dueTitle is dueWords as a title.
func dueTitle(t, now time.Time) string {
	switch until := t.Sub(now); {
	case sameDay(t, now.AddDate(0, 0, 1)):
		return tr.L("Tomorrow, {{.Time}}", "Time", format.Clock(t))
	case !sameDay(t, now) && until > 0 && until < 7*24*time.Hour:
		return dayAndTime(format.Weekday(t), t)
	default:
		return dayAndTime(format.Date(t, now), t)
	}
}

func dayAndTime(day string, t time.Time) string {
	return tr.X("{{.Date}}, {{.Time}}", "moment", "Date", day, "Time", format.Clock(t))
}

func sameDay(t, other time.Time) bool {
	return t.Year() == other.Year() && t.YearDay() == other.YearDay()
}

// showLater lists what is to be sent later in the open chat.
func (h *home) showLater() {
	list := h.later.of(h.current())
	if len(list) == 0 {
		h.app.sheet.Close()
		return
	}
	rows := container.NewVBox()
	for _, m := range list {
		again := func(err error) {
			if err != nil {
				h.failed(err)
			}
			h.showLater()
		}
		rows.Add(sheet.NewText(dueTitle(m.Due, h.app.cfg.UI.Now()), theme.SizeNameCaptionText, widgets.ColorSecondary, true))
		rows.Add(sheet.NewWrapped(m.Text, theme.SizeNameText, widgets.ColorText, false))
		rows.Add(widgets.NewHBox(
			widgets.NewTextButton(widgets.Action{Text: tr.L("Send now"), Tapped: func() { again(h.later.send(m)) }}),
			widgets.NewTextButton(widgets.Action{Text: tr.L("Do not send"), Tapped: func() { again(h.later.remove(m.ID)) }}),
		))
	}
	h.app.sheet.Show(sheet.Content{Title: tr.L("Sent later"), Body: rows})
}

// askLater asks when to send a text.
func (h *home) askLater(text string, keep func(due time.Time) chat.Later, kept func()) {
	now := h.app.cfg.UI.Now()
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	field := h.app.sheet.NewField(tr.L("Or a day and a time, such as {{.Example}}",
		"Example", format.DayOfYear(now.AddDate(0, 0, 2))+" 14:30"))
	take := func(due time.Time) bool {
		if err := h.later.add(keep(due)); err != nil {
			problem.SetText(laterError(err))
			return false
		}
		kept()
		return true
	}
	apply := func() bool {
		due, ok := parseMoment(field.Text, now)
		switch {
		case !ok:
			problem.SetText(tr.L("Write a time such as 18:15, or a day and a time such as {{.Example}}.",
				"Example", format.DayOfYear(now)+" 14:30"))
			return false
		case !due.After(now):
			problem.SetText(tr.L("This time has passed."))
			return false
		}
		return take(due)
	}
	field.OnSubmitted = func(string) {
		if apply() {
			h.app.sheet.Close()
			h.focus()
		}
	}
	body := container.NewVBox(sheet.NewText(quoted(text), theme.SizeNameText, widgets.ColorText, false))
	for _, due := range laterChoices(now) {
		body.Add(widgets.NewHBox(widgets.NewTextButton(widgets.Action{
			Text: dueTitle(due, now), Tapped: func() {
				if take(due) {
					h.app.sheet.Close()
					h.focus()
				}
			},
		})))
	}
	body.Add(field)
	body.Add(sheet.Bare(problem))
	body.Add(sheet.NewParagraph(tr.L("This computer keeps it and sends it when Parley runs at that time, or at the next start.")))
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Send later"), Body: body, Verb: tr.L("Send later"), Focus: field, Shrinks: true, Do: func() bool {
			if !apply() {
				return false
			}
			h.app.sheet.Close()
			h.focus()
			return false
		},
	})
}

// quoted is the start of a text, which fits on a sheet.
func quoted(text string) string {
	const most = 40
	r := []rune(contacts.OneLine(text))
	start := string(r)
	if len(r) > most {
		start = string(r[:most]) + "…"
	}
	return tr.L("“{{.Text}}”", "Text", start)
}

func laterError(err error) string {
	if errors.Is(err, errLaterFull) {
		return tr.N("At most {{.N}} message can wait.", "At most {{.N}} messages can wait.", mostLater)
	}
	return Explain(err)
}

// laterChoices are times that are offered.
func laterChoices(now time.Time) []time.Time {
	at := func(days, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, now.Location())
	}
	monday := (8 - int(now.Weekday())) % 7
	if monday <= 1 {
		monday += 7
	}
	choices := []time.Time{now.Add(time.Hour).Truncate(time.Minute), at(0, 18), at(1, 9), at(monday, 9)}
	return slices.DeleteFunc(choices, func(t time.Time) bool { return t.Sub(now) < 10*time.Minute })
}

// parseMoment parses a time, or a day and a time; a day without a year is the next such day, a time alone the next.
func parseMoment(text string, now time.Time) (time.Time, bool) {
	text = strings.NewReplacer(",", " ", "，", " ", "،", " ", "：", ":").Replace(text) // as other keyboards have them
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return time.Time{}, false
	}
	clock, err := time.Parse("15:04", fields[len(fields)-1])
	if err != nil {
		return time.Time{}, false
	}
	day, alone := now, len(fields) == 1
	switch words := strings.Join(fields[:len(fields)-1], " "); {
	case alone:
	case isWord(words, "tomorrow", tr.X("tomorrow", "typed by the user")):
		day = now.AddDate(0, 0, 1)
	default:
		var ok bool
		if day, ok = parseDay(words, now); !ok {
			return time.Time{}, false
		}
		if day.Before(now.AddDate(0, 0, -1)) && !strings.Contains(words, strconv.Itoa(day.Year())) {
			day = day.AddDate(1, 0, 0)
		}
	}
	t := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, now.Location())
	if alone && !t.After(now) {
		t = t.AddDate(0, 0, 1)
	}
	return t, true
}

// showSendMenu offers other ways to send the text.
func (h *home) showSendMenu() { h.chat.ShowSendMenu() }
