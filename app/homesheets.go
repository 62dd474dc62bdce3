package app

import (
	"image/color"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// pickHeight is the height of a list on a sheet.
const pickHeight = 440

// pick shows a sheet with users or chats to choose from.
func (h *home) pick(title string, d widgets.PickerData, people []widgets.Person, chosen func(keys []string)) {
	list := h.app.sheet.NewPicker(d)
	list.SetPeople(people)
	list.OnDone = func(keys []string) {
		h.app.sheet.Close()
		chosen(keys)
	}
	h.app.sheet.Show(sheet.Content{Title: title, Body: h.picker(list), Plain: true, Focus: list.Input()})
}

// tall sets the height of a list on a sheet, less in a low window.
func (h *home) tall(o fyne.CanvasObject) fyne.CanvasObject {
	const around = 160 // title, margins, buttons
	height := min(pickHeight, h.app.window.Canvas().Size().Height-around)
	floor := canvas.NewRectangle(color.Transparent)
	floor.SetMinSize(fyne.NewSize(0, max(200, height)))
	return container.NewStack(floor, o)
}

// picker is tall for people to pick, without the edge that their list has at its sides: it starts where the title does.
func (h *home) picker(list *widgets.PickerList) fyne.CanvasObject {
	const edge = -16
	return container.New(layout.NewCustomPaddedLayout(0, 0, edge, edge), h.tall(list))
}

// people are the contacts to choose from, without Echo and this user.
func (h *home) people() []widgets.Person {
	list := h.contacts.Model()
	var people []widgets.Person
	for _, p := range list.Contacts() {
		id := contacts.ID{Peer: p.Address}
		if id.Is(contacts.ID{Peer: h.session.Echo}) {
			continue
		}
		person := widgets.Person{
			Key: p.Address, Name: p.Name, Detail: p.Address,
			Face: widgets.Face{Key: id.FaceKey(), Name: p.Name, Online: p.Online},
		}
		if p.Pictured {
			person.Face.Picture = h.gallery.get(id)
		}
		people = append(people, person)
	}
	return people
}

// places are the chats to choose from, and the contacts without one.
func (h *home) places() []widgets.Person {
	list := h.contacts.Model()
	var places []widgets.Person
	seen := map[contacts.ID]bool{}
	add := func(id contacts.ID) {
		if seen[id.Folded()] {
			return
		}
		seen[id.Folded()] = true
		row := list.Known(id)
		face := widgets.Face{Key: id.FaceKey(), Name: row.Name, Saved: row.Saved, Robot: row.Echo, Shield: row.Server, Group: id.Group != 0}
		if row.Pictured {
			face.Picture = h.gallery.get(id)
		}
		places = append(places, widgets.Person{Key: id.Key(), Name: row.Name, Detail: row.Peer, Face: face})
	}
	for _, row := range list.AllRows() {
		add(row.ID)
	}
	for _, p := range list.Contacts() {
		add(contacts.ID{Peer: p.Address})
	}
	return places
}

// askForward lets the user choose the chats to forward messages to.
func (h *home) askForward(messages []uint64) {
	m := h.chat.Model()
	if m == nil {
		return
	}
	title := tr.N("Forward to", "Forward {{.N}} messages to", len(messages))
	d := widgets.PickerData{Placeholder: tr.L("Name"), Button: tr.L("Forward")}
	h.pick(title, d, h.places(), func(keys []string) { h.forward(m, messages, keys) })
}

func (h *home) forward(m *chat.Model, messages []uint64, keys []string) {
	h.copyTo(keys, func(to contacts.ID) error {
		for _, key := range messages {
			if err := m.Forward(key, to.Params()); err != nil {
				return err
			}
		}
		return nil
	})
	m.Unmark()
}

// copyTo copies something to chats.
func (h *home) copyTo(keys []string, copyOne func(to contacts.ID) error) {
	for _, k := range keys {
		id := contacts.ParseID(k)
		if err := copyOne(id); err != nil {
			h.failed(err)
			return
		}
		h.forwarded(id)
	}
	switch {
	case len(keys) == 1:
		h.open(contacts.ParseID(keys[0]), true)
	case len(keys) > 1:
		h.app.notify(tr.L("Forwarded to {{.Names}}", "Names", format.List(h.titles(keys))))
		h.focus()
	}
}

// forwarded shows a message that was sent to a chat from elsewhere.
func (h *home) forwarded(id contacts.ID) {
	h.updated(id)
	if open := h.openChat(id); open != nil {
		open.JumpToNewest()
	}
}

func (h *home) titles(keys []string) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = h.contacts.Model().Title(contacts.ParseID(k))
	}
	return names
}

// askDelete asks whether messages are deleted here only, or recalled.
func (h *home) askDelete(count int, can chat.Actions, do func(everyone bool)) {
	title := tr.N("Delete this message?", "Delete {{.N}} messages?", count)
	words := tr.N("It is removed from this device.", "They are removed from this device.", count)
	s := sheet.Content{Title: title, Verb: tr.L("Delete for me"), Danger: true, Do: func() bool {
		h.app.sheet.Close() // so that do can focus the composer
		do(false)
		return false
	}}
	if can.Recall {
		words = tr.N("For everyone: a note stays in its place. For you: it is removed from this device only.",
			"For everyone: notes stay in their places. For you: they are removed from this device only.", count)
		s.Extra = &widgets.Action{Text: tr.L("Delete for everyone"), Danger: true, Tapped: func() {
			h.app.sheet.Close()
			do(true)
		}}
	}
	s.Body = sheet.NewParagraph(words)
	h.app.sheet.Show(s)
}

// showReceipts shows who received and who read a message.
func (h *home) showReceipts(key uint64) {
	m := h.chat.Model()
	if m == nil {
		return
	}
	msg, ok := m.Message(key)
	if !ok || !m.Can(msg).Info {
		return
	}
	receipts, err := m.Receipts(key)
	if err != nil {
		h.failed(err)
		return
	}
	now := h.app.cfg.UI.Now()
	rows := make([]widgets.Receipt, len(receipts))
	for i, r := range receipts {
		id := contacts.ID{Peer: r.Address}
		rows[i] = widgets.Receipt{
			Key: r.Address, Name: h.name(r.Address), Delivered: momentWords(r.Delivered, now), Read: momentWords(r.Read, now),
			Face: widgets.Face{Key: id.FaceKey(), Name: h.name(r.Address), Picture: h.gallery.get(id)},
		}
	}
	sent := sheet.NewText(tr.L("Sent {{.When}}", "When", moment(msg.At, now)), theme.SizeNameText, widgets.ColorSecondary, false)
	content := container.New(layout.NewCustomPaddedVBoxLayout(8), sent, container.NewStack(widgets.NewReceipts(rows)))
	h.app.sheet.Show(sheet.Content{Title: tr.L("Message info"), Body: content})
}

func momentWords(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return moment(t, now)
}

func moment(t, now time.Time) string {
	if sameDay(t, now) {
		return format.Clock(t)
	}
	return dayAndTime(format.Date(t, now), t)
}

// sendPlace asks for a location and sends it.
func (h *home) sendPlace() {
	if m := h.chat.Model(); m == nil || m.Refused() != "" {
		return
	}
	where := h.app.sheet.NewField(tr.L("Latitude, longitude, such as 52.5163, 13.3777"))
	name := h.app.sheet.NewField(tr.L("Name (optional)"))
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	apply := func() bool {
		l, ok := chat.ParsePlace(where.Text)
		if !ok {
			problem.SetText(tr.L("Write two numbers: degrees north, then degrees east."))
			return false
		}
		l.Title = strings.TrimSpace(name.Text)
		return h.chat.SendPlace(l)
	}
	submit := func(string) {
		if apply() {
			h.app.sheet.Close()
		}
	}
	where.OnSubmitted, name.OnSubmitted = submit, submit
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Send a location"), Body: container.NewVBox(where, name, sheet.Bare(problem)),
		Verb: tr.L("Send"), Do: apply, Focus: where,
	})
}

// joinGroup asks for the code of a group and joins it.
func (h *home) joinGroup() {
	code := h.app.sheet.NewField(tr.X("Code", "of a group"))
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	apply := func() bool {
		if mesibo.IsInvite(code.Text) {
			h.app.sheet.Close()
			h.openInvite(strings.TrimSpace(code.Text))
			return false
		}
		err := h.session.Client.JoinGroup(strings.TrimSpace(code.Text))
		if err != nil {
			problem.SetText(Explain(err))
			return false
		}
		h.joining = true
		h.notifyOffline(tr.L("You will join the group as soon as there is a connection."))
		return true
	}
	code.OnSubmitted = func(string) {
		if apply() {
			h.app.sheet.Close()
		}
	}
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Join a group"), Verb: tr.L("Join"), Do: apply, Focus: code,
		Body: container.NewVBox(sheet.NewParagraph(tr.L("Ask a member of the group for its code, or for a link.")), code, sheet.Bare(problem)),
	})
}

// newGroup makes a group: first its members, then its name and picture.
func (h *home) newGroup() {
	d := widgets.PickerData{
		Placeholder: tr.L("Name"), Button: tr.X("Next", "step"), Optional: true, Empty: tr.L("No contacts yet"),
	}
	h.pick(tr.L("New group"), d, h.people(), h.nameGroup)
}

// nameGroup is the second step of newGroup.
func (h *home) nameGroup(members []string) {
	name := h.app.sheet.NewField(tr.L("Name of the group"))
	picture := ""
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	chosen := sheet.NewRichText(tr.L("No picture"), theme.SizeNameCaptionText, widgets.ColorSecondary, false)
	choose := widgets.NewTextButton(widgets.Action{Text: tr.L("Choose a picture…"), Tapped: func() {
		h.app.choosePicture(func(path string) {
			picture = path
			chosen.SetText(path[strings.LastIndexByte(path, '/')+1:])
		})
	}})
	apply := func() bool {
		title := strings.TrimSpace(name.Text)
		switch {
		case title == "":
			problem.SetText(tr.L("A group needs a name."))
			return false
		case len([]rune(title)) > info.NameLimit:
			problem.SetText(tr.L("This name is too long."))
			return false
		}
		h.request = h.session.Client.Random()
		err := h.session.Client.CreateGroup(mesibo.GroupSettings{
			Name: title, PicturePath: picture, Expiry: mesibo.ExpiryDefault,
		}, members, h.request)
		if err != nil {
			problem.SetText(Explain(err))
			return false
		}
		h.notifyOffline(tr.L("The group will be created as soon as there is a connection."))
		return true
	}
	name.OnSubmitted = func(string) {
		if apply() {
			h.app.sheet.Close()
		}
	}
	words := tr.L("Only you, for now. You can add members later.")
	if len(members) > 0 {
		words = tr.L("With {{.Names}}", "Names", format.List(h.names(members)))
	}
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("New group"), Verb: tr.L("Create group"), Do: apply, Focus: name,
		Body: container.NewVBox(name,
			widgets.NewHBox(choose, container.NewVBox(layout.NewSpacer(), sheet.Bare(chosen), layout.NewSpacer())),
			sheet.NewParagraph(words), sheet.Bare(problem)),
	})
}

// notifyOffline says that something waits for a connection, when there is none.
func (h *home) notifyOffline(words string) {
	if h.connection.health() != healthy {
		h.app.notify(words)
	}
}

func (h *home) names(addresses []string) []string {
	names := make([]string, len(addresses))
	for i, address := range addresses {
		names[i] = h.name(address)
	}
	return names
}
