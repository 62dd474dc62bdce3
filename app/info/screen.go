package info

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Callbacks are what the panel asks of the window around it.
type Callbacks struct {
	Close  func()
	Notify func(words string)
	Copy   func(text string)
	// Failed tells what went wrong; Explain makes a sentence of it.
	Failed  func(err error)
	Explain func(err error) string
	// Confirm asks before something that cannot be undone.
	Confirm func(question, text, verb string, do func())
	// ChoosePicture lets the user choose a picture file.
	ChoosePicture func(chosen func(path string))
	// PickMembers lets the user choose people who are not members yet.
	PickMembers func(members []mesibo.Member, chosen func(addresses []string))
	// Open shows the conversation with somebody, OpenGroup that of a group; Person the panel about somebody.
	Open      func(address string)
	OpenGroup func(groupID uint32)
	Person    func(address string)
	// The settings of the conversation the panel is about.
	Mute    func(at fyne.Position)
	Unmute  func()
	Pin     func(pin bool)
	Archive func(archive bool)
	Clear   func()
	// Left tells that this user asked to leave the group, or to delete it.
	Left func()
	// Picture finds the picture of a user or group, nil when there is none.
	Picture func(address string, groupID uint32) *widgets.Picture
}

// Screen shows the Model in a panel.
type Screen struct {
	model *Model
	on    Callbacks
	clock Clock
	dirty bool

	root  *fyne.Container
	panel *widgets.InfoPanel
	head  *widgets.InfoHead
	name  *widgets.InfoEdit
	about *widgets.InfoEdit
	field *widgets.InfoField // the address, or what a group says of itself
	line  *widgets.InfoField // what somebody says of themselves

	muted    *widgets.InfoSwitch
	pinned   *widgets.InfoSwitch
	archived *widgets.InfoSwitch
	seen     *widgets.InfoAction
	block    *widgets.InfoAction
	code     *widgets.InfoField
	members  *widgets.MemberList
	shared   *widgets.MemberList // groups
}

// NewScreen makes a panel about nobody.
func NewScreen(cfg Config, on Callbacks) *Screen {
	return &Screen{model: &Model{cfg: cfg}, on: on, clock: cfg.Clock, root: container.NewStack()}
}

// Object is what to put into the window.
func (s *Screen) Object() fyne.CanvasObject { return s.root }

// Model is what the panel is about.
func (s *Screen) Model() *Model { return s.model }

// Show makes the panel be about somebody or a group.
func (s *Screen) Show(kind Kind, address string, group uint32) {
	if s.model.Is(kind, address, group) {
		return
	}
	s.model.Show(kind, address, group)
	s.parts()
	s.build()
	s.root.Objects = []fyne.CanvasObject{s.panel}
	s.root.Refresh()
	if kind == Group && s.model.Rights().Member {
		s.try(s.model.cfg.Backend.AskGroup(group))
	}
}

// Hide makes the panel be about nobody.
func (s *Screen) Hide() { s.model.Show(Nothing, "", 0) }

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

// build puts the parts together that fit what the panel is about. Those that hold what the user is writing are kept.
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

// parts makes a new panel and what it is put together from.
func (s *Screen) parts() {
	title, address, about := "Profile", "Address", "A line about the group"
	switch s.model.Kind() {
	case Self:
		title, address, about = "Your profile", "Your address", "A line about you"
	case Group:
		title = "Group info"
	case Person, Nothing:
	}
	s.panel = widgets.NewInfoPanel(title)
	s.panel.OnClose = s.on.Close
	s.head = widgets.NewInfoHead(widgets.InfoHeadData{})
	s.head.OnAvatarTapped = s.pictureMenu
	s.name = widgets.NewInfoEdit("Name", "", "Name", NameLimit)
	s.name.OnSave = func(text string) { s.save(s.name, s.model.Rename(text)) }
	s.about = widgets.NewInfoEdit("About", "", about, StatusLimit)
	s.about.SetOptional(true)
	s.about.OnSave = func(text string) { s.save(s.about, s.model.Describe(text)) }
	copied := func() { s.on.Notify("Copied") }
	s.field, s.line, s.code = widgets.NewInfoField(address, ""), widgets.NewInfoField("About", ""), widgets.NewInfoField("Join code", "")
	s.field.OnCopied, s.line.OnCopied, s.code.OnCopied = copied, copied, copied
	s.muted = widgets.NewInfoSwitch(assets.IconBellOff, "Mute")
	s.muted.OnChanged = s.mute
	s.pinned = widgets.NewInfoSwitch(assets.IconPin, "Pin to the top")
	s.pinned.OnChanged = func(on bool) { s.on.Pin(on) }
	s.archived = widgets.NewInfoSwitch(assets.IconArchive, "Archive")
	s.archived.OnChanged = func(on bool) { s.on.Archive(on) }
	s.seen = widgets.NewInfoAction(assets.IconEye, "", s.chooseVisibility)
	s.block = widgets.NewInfoDanger(assets.IconBlock, "", s.askBlock)
	s.shared = widgets.NewMemberList()
	s.members = widgets.NewMemberList()
	s.members.OnTapped = s.memberTapped
	s.members.OnMenu = s.memberMenu
}

func (s *Screen) faceOf() widgets.Face {
	m := s.model
	f := widgets.Face{Key: strings.ToLower(m.Address()), Name: m.Title(), Picture: s.on.Picture(m.Address(), m.GroupID())}
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
	return []fyne.CanvasObject{s.head, s.name, s.about, s.field, widgets.NewInfoSection("Who sees when I was here"), s.seen}
}

func (s *Screen) personParts() []fyne.CanvasObject {
	m := s.model
	p := m.Profile()
	s.name.SetValue(p.Name)
	s.name.SetOptional(true)
	s.field.SetValue(m.Address())
	parts := []fyne.CanvasObject{s.head, s.name, s.field}
	if p.Status != "" {
		s.line.SetValue(p.Status)
		parts = append(parts, s.line)
	}
	parts = append(parts, widgets.NewInfoSection(""),
		widgets.NewInfoAction(assets.IconChat, "Write a message", func() { s.on.Open(m.Address()) }))
	parts = append(parts, s.settings(&p)...)
	block := "Block " + m.Title()
	if p.IsBlocked() {
		block = "Unblock " + m.Title()
	}
	s.block.SetText(assets.IconBlock, block)
	parts = append(parts, widgets.NewInfoSection(""), s.clearAction(), s.block)
	return append(parts, s.sharedParts()...)
}

// settings are the switches of the conversation.
func (s *Screen) settings(p *mesibo.UserProfile) []fyne.CanvasObject {
	muted := p.Flag&mesibo.UserFlagMute != 0 && (p.MutedUntil == 0 || p.MutedUntil > uint64(s.clock.Now().UnixMilli()))
	s.muted.Set(muted)
	s.muted.SetDetail("")
	if muted && p.MutedUntil != 0 {
		s.muted.SetDetail("until " + until(p.MutedUntil, s.clock.Now()))
	}
	s.pinned.Set(p.IsPinned())
	s.archived.Set(p.IsArchived())
	return []fyne.CanvasObject{s.muted, s.pinned, s.archived}
}

func (s *Screen) clearAction() fyne.CanvasObject {
	return widgets.NewInfoDanger(assets.IconDelete, "Delete messages…", s.on.Clear)
}

func (s *Screen) mute(on bool) {
	if !on {
		s.on.Unmute()
		return
	}
	s.muted.Set(false) // until a time was chosen
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.muted)
	s.on.Mute(at.AddXY(0, s.muted.Size().Height))
}

func (s *Screen) save(e *widgets.InfoEdit, err error) {
	switch {
	case errors.Is(err, errNoName):
		e.SetError("A name is needed.")
	case err != nil:
		e.SetError(s.on.Explain(err))
	default:
		e.SetError("")
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
	c := fyne.CurrentApp().Driver().CanvasForObject(s.panel)
	if c == nil || m.Kind() == Person || m.Kind() == Group && !m.Rights().Modify {
		return
	}
	items := []*fyne.MenuItem{fyne.NewMenuItem("Choose a picture…", func() {
		s.on.ChoosePicture(func(path string) { s.try(m.SetPicture(path)) })
	})}
	if len(m.Profile().Picture) > 0 {
		items = append(items, fyne.NewMenuItem("Remove the picture", func() { s.try(m.SetPicture("")) }))
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, at)
}

func (s *Screen) chooseVisibility() {
	c := fyne.CurrentApp().Driver().CanvasForObject(s.panel)
	if c == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, v := range []mesibo.Visibility{mesibo.VisibilityPublic, mesibo.VisibilityContact, mesibo.VisibilityNone} {
		item := fyne.NewMenuItem(VisibilityWords(v), func() { s.try(s.model.SetVisibility(v)) })
		item.Checked = v == s.model.Visibility()
		items = append(items, item)
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.seen)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, at.AddXY(0, s.seen.Size().Height))
}

func (s *Screen) askBlock() {
	m := s.model
	if p := m.Profile(); p.IsBlocked() {
		s.try(m.Block(false))
		return
	}
	s.on.Confirm("Block "+m.Title()+"?", "Their messages do not reach you any more, and they do not see when you are here. They are not told.",
		"Block", func() { s.try(m.Block(true)) })
}
