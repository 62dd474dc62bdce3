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
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// pickHeight is that of a list of people on a sheet.
const pickHeight = 440

// pick shows a sheet with people to choose from.
func (h *home) pick(title string, d widgets.PickerData, people []widgets.Person, chosen func(keys []string)) {
	list := widgets.NewPickerList(d)
	list.SetPeople(people)
	list.OnEscape = h.app.closeSheet
	list.OnDone = func(keys []string) {
		h.app.closeSheet()
		chosen(keys)
	}
	h.app.showSheet(sheetContent{title: title, content: h.tall(list), plain: true})
	list.Focus()
}

// tall gives a list on a sheet its height, less in a low window.
func (h *home) tall(o fyne.CanvasObject) fyne.CanvasObject {
	const around = 160 // title, margins, buttons
	height := min(pickHeight, h.app.window.Canvas().Size().Height-around)
	floor := canvas.NewRectangle(color.Transparent)
	floor.SetMinSize(fyne.NewSize(0, max(200, height)))
	return container.NewStack(floor, o)
}

// people are the contacts to choose from, but for Echo and this user.
func (h *home) people() []widgets.Person {
	list := h.contacts.Model()
	var people []widgets.Person
	for _, p := range list.Contacts() {
		id := contacts.ID{Peer: p.Address}
		if id.Is(contacts.ID{Peer: h.session.Echo}) {
			continue
		}
		person := widgets.Person{
			Key: p.Address, Name: p.Name, Detail: p.Address, Face: widgets.Face{Key: id.FaceKey(), Name: p.Name, Online: p.Online},
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
		face := widgets.Face{Key: id.FaceKey(), Name: row.Name, Saved: row.Saved, Robot: row.Echo, Group: id.Group != 0}
		if row.Pictured {
			face.Picture = h.gallery.get(id)
		}
		places = append(places, widgets.Person{Key: id.Key(), Name: row.Name, Detail: row.Peer, Face: face})
	}
	for _, row := range list.Everything() {
		add(row.ID)
	}
	for _, p := range list.Contacts() {
		add(contacts.ID{Peer: p.Address})
	}
	return places
}

// askForward lets the user choose where a message goes as well.
func (h *home) askForward(key uint64) {
	m := h.chat.Model()
	if m == nil {
		return
	}
	h.pick("Forward to", widgets.PickerData{Placeholder: "Name", Button: "Forward"}, h.places(), func(keys []string) {
		h.forward(m, key, keys)
	})
}

func (h *home) forward(m *chat.Model, key uint64, keys []string) {
	done := 0
	for _, k := range keys {
		id := contacts.ParseID(k)
		if err := m.Forward(key, id.Params()); err != nil {
			h.failed(err)
			return
		}
		done++
		h.forwarded(id)
	}
	switch {
	case done == 1:
		h.open(contacts.ParseID(keys[0]), true)
	case done > 1:
		h.app.notify("Forwarded to " + strings.Join(h.titles(keys), ", "))
	}
}

// forwarded shows a message that was sent from elsewhere.
func (h *home) forwarded(id contacts.ID) {
	h.updated(id)
	if open := h.here(id); open != nil {
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

// askDelete asks whether a message is deleted here only, or for everyone.
func (h *home) askDelete(can chat.Actions, do func(everyone bool)) {
	words := "It is removed from this device."
	s := sheetContent{title: "Delete this message?", verb: "Delete for me", do: func() bool {
		do(false)
		return true
	}}
	if can.Recall {
		words = "For everyone: a remark stays in its place. For you: it is removed from this device only."
		s.also = &widgets.Action{Text: "Delete for everyone", Tapped: func() {
			h.app.closeSheet()
			do(true)
		}}
	}
	s.content = newParagraph(words)
	h.app.showSheet(s)
}

// showReceipts shows who has a message and who read it.
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
	sent := newText("Sent "+moment(msg.At, now), theme.SizeNameText, widgets.ColorSecondary, false)
	content := container.New(layout.NewCustomPaddedVBoxLayout(8), sent, container.NewStack(widgets.NewReceipts(rows)))
	h.app.showSheet(sheetContent{title: "Message info", content: content})
}

func momentWords(ms uint64, now time.Time) string {
	if ms == 0 {
		return ""
	}
	return moment(time.UnixMilli(int64(ms)), now)
}

func moment(t, now time.Time) string {
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04")
	}
	return chat.DateWords(t, now) + ", " + t.Format("15:04")
}

// sendPlace asks for a place and sends it.
func (h *home) sendPlace() {
	if m := h.chat.Model(); m == nil || m.Refused() != "" {
		return
	}
	where, name := widgets.NewField("Latitude, longitude, such as 52.5163, 13.3777"), widgets.NewField("Name (may be empty)")
	problem := richText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	apply := func() bool {
		l, ok := chat.ParsePlace(where.Text)
		if !ok {
			setText(problem, "Write two numbers: degrees north, then degrees east.")
			return false
		}
		l.Title = strings.TrimSpace(name.Text)
		return h.chat.SendPlace(l)
	}
	submit := func(string) {
		if apply() {
			h.app.closeSheet()
		}
	}
	where.OnSubmitted, name.OnSubmitted = submit, submit
	where.OnEscape, name.OnEscape = h.app.closeSheet, h.app.closeSheet
	h.app.showSheet(sheetContent{
		title: "Send a location", content: container.NewVBox(where, name, bare(problem)), verb: "Send", do: apply, focus: where,
	})
}

// joinGroup asks for the code of a group and joins it.
func (h *home) joinGroup() {
	code := widgets.NewField("Code")
	problem := richText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	apply := func() bool {
		err := h.session.Client.JoinGroup(strings.TrimSpace(code.Text))
		if err != nil {
			setText(problem, Explain(err))
			return false
		}
		h.joining = true
		h.later("You join the group as soon as there is a connection.")
		return true
	}
	code.OnSubmitted = func(string) {
		if apply() {
			h.app.closeSheet()
		}
	}
	code.OnEscape = h.app.closeSheet
	h.app.showSheet(sheetContent{
		title: "Join a group", verb: "Join", do: apply, focus: code,
		content: container.NewVBox(newParagraph("Somebody of the group gives you its code."), code, bare(problem)),
	})
}

// newGroup begins a new group: first its members, then its name and picture.
func (h *home) newGroup() {
	d := widgets.PickerData{Placeholder: "Name", Button: "Next", Optional: true, Empty: "No contacts yet"}
	h.pick("New group", d, h.people(), h.nameGroup)
}

// nameGroup is the second step.
func (h *home) nameGroup(members []string) {
	name := widgets.NewField("Name of the group")
	picture := ""
	problem := richText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	chosen := richText("No picture", theme.SizeNameCaptionText, widgets.ColorSecondary, false)
	choose := widgets.NewTextButton(widgets.Action{Text: "Choose a picture…", Tapped: func() {
		h.app.choosePicture(func(path string) {
			picture = path
			setText(chosen, path[strings.LastIndexByte(path, '/')+1:])
		})
	}})
	apply := func() bool {
		title := strings.TrimSpace(name.Text)
		switch {
		case title == "":
			setText(problem, "A group needs a name.")
			return false
		case len([]rune(title)) > info.NameLimit:
			setText(problem, "This name is too long.")
			return false
		}
		h.request = h.session.Client.Random()
		err := h.session.Client.CreateGroup(mesibo.GroupSettings{
			Name: title, PicturePath: picture, Expiry: mesibo.ExpiryDefault,
		}, members, h.request)
		if err != nil {
			setText(problem, Explain(err))
			return false
		}
		h.later("The group is made as soon as there is a connection.")
		return true
	}
	name.OnSubmitted = func(string) {
		if apply() {
			h.app.closeSheet()
		}
	}
	name.OnEscape = h.app.closeSheet
	words := "Only you, for now. You can add members later."
	if len(members) > 0 {
		words = "With " + strings.Join(h.names(members), ", ")
	}
	h.app.showSheet(sheetContent{
		title: "New group", verb: "Create group", do: apply, focus: name,
		content: container.NewVBox(name, container.NewHBox(choose, bare(chosen)), newParagraph(words), bare(problem)),
	})
}

// later says that something waits for a connection, when there is none.
func (h *home) later(words string) {
	if h.link.health() != healthy {
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
