package settings

import (
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// Page is one page of the settings.
type Page struct {
	Key   string
	Icon  assets.Icon
	Title string
	// Show is called when the page is shown. It calls set with the parts of an InfoPanel: before it returns, and again
	// when the page has others. Late calls for a page that is not shown any more do nothing.
	Show func(set func(parts ...fyne.CanvasObject))
}

// Config is what a Sheet is made of.
type Config struct {
	Host     *sheet.Host
	Window   fyne.Canvas
	Pages    []Page
	Key      string // of the page to begin with; empty for the first
	Shortcut func(fyne.Shortcut) bool
	Closed   func()
}

const (
	width     = float32(780)
	height    = float32(580)
	navWidth  = float32(200) // of the list, more for long words
	navMost   = float32(260)
	navGap    = float32(16)
	head      = float32(44)
	twoPanes  = float32(560) // from this width on the list and a page are shown
	buttonTop = float32(-6)
)

// Sheet is the sheet while it is shown.
type Sheet struct {
	cfg    Config
	nav    *widgets.NavList
	panel  *widgets.InfoPanel
	title  *widgets.Words
	all    fyne.CanvasObject // the title of the list
	parts  *arrangement
	object *fyne.Container
	shown  int  // the page, -1 for none yet
	visit  int  // counts the pages that were shown
	narrow bool // one of list and page is shown
	inPage bool // then, the page
}

// Show shows the settings in place of the sheet that is shown.
func Show(cfg Config) *Sheet {
	s := &Sheet{cfg: cfg, shown: -1}
	items := make([]widgets.NavItem, len(cfg.Pages))
	for i, p := range cfg.Pages {
		items[i] = widgets.NavItem{Icon: p.Icon, Text: p.Title}
	}
	s.nav = widgets.NewNavList(items...)
	s.nav.OnSelected, s.nav.OnTapped, s.nav.OnActivated = s.show, s.tapped, s.enter
	s.nav.OnEscape = cfg.Host.Close
	s.panel = widgets.NewInfoPanel("")
	s.panel.OnClose, s.panel.OnShortcut, s.panel.OnFocus = s.escape, cfg.Shortcut, cfg.Window.Focus
	s.nav.OnKey = s.panel.ScrollKey
	s.title = sheet.NewRichText("", theme.SizeNameSubHeadingText, widgets.ColorText, true)
	s.all = sheet.NewText(tr.L("Settings"), theme.SizeNameSubHeadingText, widgets.ColorText, true)
	closing := widgets.NewIconButton(assets.IconClose, tr.L("Close"), cfg.Host.Close)
	back := widgets.NewIconButton(assets.IconBack, tr.L("Back"), s.leave)
	closing.OnEscape, back.OnEscape = cfg.Host.Close, s.escape
	closing.SetOnKey(s.panel.ScrollKey)
	back.SetOnKey(s.panel.ScrollKey)
	s.parts = &arrangement{
		sheet: s, all: s.all, nav: container.NewVScroll(s.nav), back: back, title: sheet.Bare(s.title), page: s.panel,
		closing: closing,
	}
	s.object = container.New(widgets.Mirrored(s.parts), s.all, s.parts.nav, back, s.parts.title, s.panel, closing)
	first := max(0, slices.IndexFunc(cfg.Pages, func(p Page) bool { return p.Key == cfg.Key }))
	s.inPage = cfg.Key != ""
	s.nav.SetSelected(first)
	s.show(first)
	cfg.Host.Show(sheet.Content{
		Body: s.object, Plain: true, Width: width, Focus: s.nav, Closed: s.closed,
	})
	s.focus()
	return s
}

// Key is the key of the page that is shown.
func (s *Sheet) Key() string { return s.cfg.Pages[s.shown].Key }

func (s *Sheet) closed() {
	s.visit++ // what comes late is not shown
	if s.cfg.Closed != nil {
		s.cfg.Closed()
	}
}

// show shows a page.
func (s *Sheet) show(i int) {
	if s.shown == i {
		return
	}
	s.shown = i
	s.title.SetText(s.cfg.Pages[i].Title)
	s.fill()
	s.panel.ScrollToTop()
}

// Refresh shows the page anew, with what has changed.
func (s *Sheet) Refresh() { s.fill() }

func (s *Sheet) fill() {
	s.visit++
	visit := s.visit
	s.cfg.Pages[s.shown].Show(func(parts ...fyne.CanvasObject) {
		if s.visit == visit {
			s.set(parts)
		}
	})
}

// set shows the parts of the page. The keyboard stays at the same place.
func (s *Sheet) set(parts []fyne.CanvasObject) {
	at := slices.Index(s.panel.Focusables(), s.cfg.Window.Focused())
	s.panel.SetParts(parts...)
	if list := s.panel.Focusables(); at >= 0 && len(list) > 0 {
		s.cfg.Window.Focus(list[min(at, len(list)-1)])
	}
}

// first returns the first part of the page that can have the keyboard now, nil without one.
func (s *Sheet) first() fyne.Focusable {
	for _, f := range s.panel.Focusables() {
		if off, ok := f.(fyne.Disableable); !ok || !off.Disabled() {
			return f
		}
	}
	return nil
}

// tapped goes to the page that was chosen with the mouse, where there is room for one of list and page.
func (s *Sheet) tapped() {
	if s.narrow {
		s.enter()
	}
}

// enter goes to the first part of the page.
func (s *Sheet) enter() {
	s.inPage = true
	s.object.Refresh()
	s.focus()
}

// leave goes back to the list.
func (s *Sheet) leave() {
	s.inPage = false
	s.object.Refresh()
	s.cfg.Window.Focus(s.nav)
}

// escape goes back from a page to the list, where there is room for one of them, or closes the sheet.
func (s *Sheet) escape() {
	if s.narrow && s.inPage {
		s.leave()
		return
	}
	s.cfg.Host.Close()
}

// focus focuses the list, or the page that was gone to.
func (s *Sheet) focus() {
	if !s.inPage {
		s.cfg.Window.Focus(s.nav)
		return
	}
	switch first := s.first(); {
	case first != nil:
		s.cfg.Window.Focus(first)
	case s.narrow:
		s.cfg.Window.Focus(s.parts.back)
	}
}

// arrangement is the layout of the sheet.
type arrangement struct {
	sheet               *Sheet
	all, nav, title     fyne.CanvasObject
	page                *widgets.InfoPanel
	back, closing       *widgets.IconButton
	wasNarrow, measured bool
}

// MinSize implements fyne.Layout.
func (a *arrangement) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, height) }

// Layout implements fyne.Layout.
func (a *arrangement) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	s := a.sheet
	s.narrow = size.Width < twoPanes
	list, page := !s.narrow || !s.inPage, !s.narrow || s.inPage
	visible(a.all, list)
	visible(a.nav, list)
	visible(a.title, page)
	visible(a.page, page)
	visible(a.back, s.narrow && s.inPage)
	side := a.closing.MinSize().Width
	x, listWidth := float32(0), size.Width
	if !s.narrow {
		listWidth = min(max(navWidth, float32(math.Ceil(float64(s.nav.Width())))), navMost)
		x = listWidth + navGap
	}
	place(a.all, 0, 0, listWidth, head)
	place(a.nav, 0, head, listWidth, size.Height-head)
	place(a.back, -8, buttonTop, side, side)
	titleX := x + 16
	if s.narrow {
		titleX = side
	}
	place(a.title, titleX, 0, size.Width-titleX-side, head)
	place(a.page, x, head, size.Width-x, size.Height-head)
	place(a.closing, size.Width-side+8, buttonTop, side, side)
	if a.measured && a.wasNarrow != s.narrow {
		s.focusVisible()
	}
	a.measured, a.wasNarrow = true, s.narrow
}

// focusVisible moves the keyboard from what a change of the width has hidden.
func (s *Sheet) focusVisible() {
	if !s.narrow {
		return
	}
	if s.inPage = s.panel.Holds(s.cfg.Window.Focused()); s.inPage {
		return
	}
	s.cfg.Window.Focus(s.nav)
}

func visible(o fyne.CanvasObject, on bool) {
	switch {
	case o.Visible() == on:
	case on:
		o.Show()
	default:
		o.Hide()
	}
}

func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}
