package info

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Callbacks are what the panel asks of the window around it.
type Callbacks struct {
	Close  func()
	Notify func(words string)
	Copy   func(text string)
	// Failed shows an error; Explain makes a sentence of it.
	Failed  func(err error)
	Explain func(err error) string
	// Confirm asks before something that cannot be undone.
	Confirm func(question, text, verb string, do func())
	// ChoosePicture lets the user choose a picture file.
	ChoosePicture func(chosen func(path string))
	// PickMembers lets the user choose contacts who are not members yet.
	PickMembers func(members []mesibo.Member, chosen func(addresses []string))
	// Invite makes links into a group. MayInvite reports whether others could use them.
	Invite    func(groupID uint32, name string)
	MayInvite func() bool
	// Open shows the chat with a user, OpenGroup that of a group, Person the panel about a user.
	Open func(address string)
	// Call calls a user. Callable reports whether that is possible.
	Call      func(address string, video bool)
	Callable  func(address string) bool
	OpenGroup func(groupID uint32)
	Person    func(address string)
	// Settings of the chat.
	Mute    func(at fyne.Position)
	Unmute  func()
	Pin     func(pin bool)
	Archive func(archive bool)
	Clear   func()
	// Disappear offers for how long messages stay; MayDisappear reports whether this user may choose.
	Disappear    func(at fyne.Position)
	MayDisappear func() bool
	// Report asks why a user is reported to the operator of the server.
	Report func(address string)
	// Shared shows what was shared in the chat.
	Shared func()
	// Export writes the chat into a folder.
	Export func()
	// Left is called when this user asked to leave the group, or to delete it.
	Left func()
	// Picture returns the picture of a user or group, nil without one.
	Picture func(address string, groupID uint32) *widgets.Picture
	// Shortcut handles keys that the panel does not know; it reports whether it did.
	Shortcut func(fyne.Shortcut) bool
}

// Screen shows the Model in a panel.
type Screen struct {
	model  *Model
	window fyne.Canvas
	on     Callbacks
	clock  Clock
	dirty  bool

	root  *fyne.Container
	panel *widgets.InfoPanel
	head  *widgets.InfoHead
	name  *widgets.InfoEdit
	about *widgets.InfoEdit
	field *widgets.InfoField // the address, or the line about a group
	line  *widgets.InfoField // the line about a user

	muted    *widgets.InfoSwitch
	pinned   *widgets.InfoSwitch
	archived *widgets.InfoSwitch
	seen     *widgets.InfoAction
	stay     *widgets.InfoAction // how long messages stay
	block    *widgets.InfoAction
	code     *widgets.InfoField
	members  *widgets.MemberList
	shared   *widgets.MemberList // groups
}

// NewScreen makes an empty panel for the window with this canvas.
func NewScreen(cfg Config, window fyne.Canvas, on Callbacks) *Screen {
	return &Screen{model: NewModel(cfg), window: window, on: on, clock: cfg.Clock, root: container.NewStack()}
}

// Object is what to put into the window.
func (s *Screen) Object() fyne.CanvasObject { return s.root }

// Model is what the panel shows.
func (s *Screen) Model() *Model { return s.model }

// Show shows a user or a group. It reports whether the keyboard was in what was shown before, or may come back there
// when what lies over the window is gone.
func (s *Screen) Show(kind Kind, address string, group uint32) (lost bool) {
	if s.model.Is(kind, address, group) {
		return false
	}
	lost = s.panel != nil && (s.panel.Holds(s.window.Focused()) || s.window.Overlays().Top() != nil)
	s.model.Show(kind, address, group)
	s.parts()
	s.build()
	s.root.Objects = []fyne.CanvasObject{s.panel}
	s.root.Refresh()
	if kind == Group && s.model.Rights().Member {
		s.try(s.model.cfg.Backend.AskGroup(group))
	}
	return lost
}

// Hide empties the panel. What was written there and not saved is gone.
func (s *Screen) Hide() {
	if s.panel != nil {
		s.panel.Restore()
	}
	s.model.Show(Nothing, "", 0)
}

// Refresh shows what changed.
func (s *Screen) Refresh() {
	if !s.dirty {
		s.dirty = true
		s.clock.Post(func() {
			s.dirty = false
			if s.model.Kind() != Nothing {
				s.build()
			}
		})
	}
}

// build shows the parts that fit. Those with text that the user is typing are kept.
func (s *Screen) build() {
	m := s.model
	words, active := m.Subtitle()
	s.head.Set(widgets.InfoHeadData{
		Face: s.faceOf(), Title: m.Title(), Subtitle: words, Active: active,
		Editable: m.Kind() == Self || m.Kind() == Group && m.Rights().Modify,
	})
	switch m.Kind() {
	case Self:
		s.panel.SetParts(s.selfParts()...)
	case Person:
		s.panel.SetParts(s.personParts()...)
	case Group:
		s.panel.SetParts(s.groupParts()...)
	case Nothing:
	}
	s.panel.Refresh()
}

// parts makes the panel and its parts.
func (s *Screen) parts() {
	title, address, about := tr.L("Profile"), tr.L("Address"), tr.L("A line about the group")
	switch s.model.Kind() {
	case Self:
		title, address, about = tr.L("Your profile"), tr.L("Your address"), tr.L("A line about you")
	case Group:
		title = tr.L("Group info")
	case Person, Nothing:
	}
	s.panel = widgets.NewInfoPanel(title)
	s.panel.OnClose, s.panel.OnShortcut, s.panel.OnFocus = s.on.Close, s.on.Shortcut, s.window.Focus
	s.head = widgets.NewInfoHead(widgets.InfoHeadData{})
	s.head.OnAvatarTapped = s.pictureMenu
	s.name = widgets.NewInfoEdit(tr.L("Name"), "", tr.L("Name"), NameLimit)
	s.saves(s.name, s.model.Rename)
	s.about = widgets.NewInfoEdit(tr.X("About", "person"), "", about, StatusLimit)
	s.about.SetOptional(true)
	s.saves(s.about, s.model.Describe)
	copied := func() { s.on.Notify(tr.L("Copied")) }
	s.field, s.line = widgets.NewInfoField(address, ""), widgets.NewInfoField(tr.X("About", "person"), "")
	s.code = widgets.NewInfoField(tr.L("Join code"), "")
	s.field.OnCopied, s.line.OnCopied, s.code.OnCopied = copied, copied, copied
	s.muted = widgets.NewInfoSwitch(assets.IconBellOff, tr.X("Mute", "chat"))
	s.muted.OnChanged = s.mute
	s.pinned = widgets.NewInfoSwitch(assets.IconPin, tr.L("Pin to the top"))
	s.pinned.OnChanged = func(on bool) { s.on.Pin(on) }
	s.archived = widgets.NewInfoSwitch(assets.IconArchive, tr.X("Archive", "verb"))
	s.archived.OnChanged = func(on bool) { s.on.Archive(on) }
	s.seen = widgets.NewInfoAction(assets.IconEye, "", s.chooseVisibility)
	s.stay = widgets.NewInfoAction(assets.IconClock, "", func() {
		s.on.Disappear(widgets.Below(s.stay))
	})
	s.block = widgets.NewInfoDanger(assets.IconBlock, "", s.askBlock)
	s.shared = widgets.NewMemberList()
	s.members = widgets.NewMemberList()
	s.members.OnTapped = s.memberTapped
	s.members.OnMenu = s.memberMenu
}

func (s *Screen) faceOf() widgets.Face {
	m := s.model
	f := widgets.Face{
		Key: strings.ToLower(m.Address()), Name: m.Title(), Picture: s.on.Picture(m.Address(), m.GroupID()),
		Shield: m.Address() == mesibo.ServerAddress,
	}
	if m.Kind() == Group {
		f.Key, f.Group = groupKey(m.GroupID()), true
	}
	return f
}

func (s *Screen) selfParts() []fyne.CanvasObject {
	m := s.model
	s.name.SetValue(m.Profile().Name)
	s.name.SetOptional(false)
	s.about.SetValue(m.Status())
	s.field.SetValue(m.Address())
	s.seen.SetText(assets.IconEye, VisibilityWords(m.Visibility()))
	return []fyne.CanvasObject{
		s.head, s.name, s.about, s.field, widgets.NewInfoSection(tr.L("Who sees when I was here")), s.seen,
	}
}

func (s *Screen) personParts() []fyne.CanvasObject {
	m := s.model
	p := m.Profile()
	s.name.SetValue(p.Name)
	s.name.SetOptional(true)
	s.field.SetValue(m.Address())
	parts := []fyne.CanvasObject{s.head, s.buttons(m.Address()), s.name, s.field}
	if p.Status != "" {
		s.line.SetValue(p.Status)
		parts = append(parts, s.line)
	}
	parts = append(parts, widgets.NewInfoSection(""), s.sharedAction())
	parts = append(parts, s.settings(&p)...)
	block := tr.L("Block {{.Name}}", "Name", m.Title())
	if p.IsBlocked() {
		block = tr.L("Unblock {{.Name}}", "Name", m.Title())
	}
	s.block.SetText(assets.IconBlock, block)
	parts = append(parts, widgets.NewInfoSection(""), s.exportAction(), s.clearAction())
	if m.Address() != mesibo.ServerAddress {
		parts = append(parts, s.block, s.reportAction())
	}
	return append(parts, s.sharedParts()...)
}

// buttons are those for what is done most with a user.
func (s *Screen) buttons(address string) fyne.CanvasObject {
	list := []*widgets.InfoButton{widgets.NewInfoButton(assets.IconChat, tr.X("Message", "verb"), func() { s.on.Open(address) })}
	if s.on.Callable(address) {
		list = append(list,
			widgets.NewInfoButton(assets.IconPhone, tr.X("Call", "verb"), func() { s.on.Call(address, false) }),
			widgets.NewInfoButton(assets.IconVideo, tr.X("Video", "call"), func() { s.on.Call(address, true) }))
	}
	return widgets.NewInfoButtons(list...)
}

// settings are the switches of the chat.
func (s *Screen) settings(p *mesibo.UserProfile) []fyne.CanvasObject {
	muted := p.Flag&mesibo.UserFlagMute != 0 && (p.MutedUntil.IsZero() || p.MutedUntil.After(s.clock.Now()))
	s.muted.Set(muted)
	s.muted.SetDetail("")
	if muted && !p.MutedUntil.IsZero() {
		s.muted.SetDetail(tr.L("until {{.Time}}", "Time", format.Until(p.MutedUntil, s.clock.Now())))
	}
	s.pinned.Set(p.IsPinned())
	s.archived.Set(p.IsArchived())
	stay := tr.L("Disappearing messages: off")
	if p.Disappearing > 0 {
		stay = tr.L("Disappearing messages: {{.Time}}", "Time", format.Lasting(p.Disappearing))
	}
	s.stay.SetText(assets.IconClock, stay)
	s.stay.SetDisabled(!s.on.MayDisappear())
	return []fyne.CanvasObject{s.muted, s.pinned, s.archived, s.stay}
}

func (s *Screen) clearAction() fyne.CanvasObject {
	return widgets.NewInfoDanger(assets.IconDelete, tr.L("Delete messages…"), s.on.Clear)
}

func (s *Screen) sharedAction() fyne.CanvasObject {
	return widgets.NewInfoAction(assets.IconImage, tr.L("Photos, files and links"), s.on.Shared)
}

func (s *Screen) exportAction() fyne.CanvasObject {
	return widgets.NewInfoAction(assets.IconDownload, tr.L("Export this chat…"), s.on.Export)
}

func (s *Screen) reportAction() fyne.CanvasObject {
	return widgets.NewInfoDanger(assets.IconWarning, tr.L("Report {{.Name}}…", "Name", s.model.Title()), func() {
		s.on.Report(s.model.Address())
	})
}

func (s *Screen) mute(on bool) {
	if !on {
		s.on.Unmute()
		return
	}
	s.muted.Set(false) // until a time is chosen
	s.on.Mute(widgets.Below(s.muted))
}

// saves lets a field save its text, as long as the panel shows it: the model is about something else afterwards.
func (s *Screen) saves(e *widgets.InfoEdit, save func(text string) error) {
	e.OnSave = func(text string) {
		if s.model.Kind() != Nothing && (e == s.name || e == s.about) {
			s.saved(e, save(text))
		}
	}
}

func (s *Screen) saved(e *widgets.InfoEdit, err error) {
	switch {
	case errors.Is(err, ErrNoName):
		e.SetError(tr.L("A name is needed."))
	case err != nil:
		e.SetError(s.on.Explain(err))
	default:
		e.SetError("")
		s.on.Notify(tr.L("Saved"))
		s.Refresh()
	}
}

func (s *Screen) try(err error) {
	if err != nil {
		s.on.Failed(err)
	}
	s.Refresh()
}

// pictureMenu offers what can be done with the picture.
func (s *Screen) pictureMenu(at fyne.Position) {
	m := s.model
	if m.Kind() == Person || m.Kind() == Group && !m.Rights().Modify {
		return
	}
	items := []*widgets.MenuItem{widgets.NewMenuItem(tr.L("Choose a picture…"), func() {
		kind, address, group := m.Kind(), m.Address(), m.GroupID()
		s.on.ChoosePicture(func(path string) {
			if m.Is(kind, address, group) { // the panel may be about something else by now
				s.try(m.SetPicture(path))
			}
		})
	})}
	if len(m.Profile().Picture) > 0 {
		items = append(items, widgets.NewMenuItem(tr.L("Remove the picture"), func() { s.try(m.SetPicture("")) }))
	}
	widgets.ShowMenu(s.window, at, items...)
}

func (s *Screen) chooseVisibility() {
	var items []*widgets.MenuItem
	for _, v := range []mesibo.Visibility{mesibo.VisibilityPublic, mesibo.VisibilityContact, mesibo.VisibilityNone} {
		item := widgets.NewMenuItem(VisibilityWords(v), func() { s.try(s.model.SetVisibility(v)) })
		item.Checked = v == s.model.Visibility()
		items = append(items, item)
	}
	widgets.ShowMenu(s.window, widgets.Below(s.seen), items...)
}

func (s *Screen) askBlock() {
	m := s.model
	if p := m.Profile(); p.IsBlocked() {
		s.try(m.Block(false))
		return
	}
	s.on.Confirm(tr.L("Block {{.Name}}?", "Name", m.Title()),
		tr.L("You no longer get their messages, and they can't see when you are online. They are not notified."),
		tr.L("Block"), func() { s.try(m.Block(true)) })
}
