package widgets

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// settingStates are the parts of the settings.
func settingStates() map[string]golden {
	choice := func(focused, disabled bool) fyne.CanvasObject {
		c := NewInfoChoice("", "Photos", "Up to 5 MB")
		c.SetDisabled(disabled)
		if focused {
			c.FocusGained()
		}
		return c
	}
	return map[string]golden{
		"select":          {240, 36, func() fyne.CanvasObject { return newSelect(1) }},
		"select_none":     {240, 36, func() fyne.CanvasObject { return newSelect(-1) }},
		"select_hovered":  {240, 36, func() fyne.CanvasObject { return with(newSelect(1), func(s *Select) { s.MouseIn(nil) }) }},
		"select_focused":  {240, 36, func() fyne.CanvasObject { return with(newSelect(1), (*Select).FocusGained) }},
		"select_disabled": {240, 36, func() fyne.CanvasObject { return with(newSelect(1), (*Select).Disable) }},
		"select_long": {140, 36, func() fyne.CanvasObject {
			return NewSelect(nil, []string{"Monitor of Built-in Audio Analog Stereo"}, 0)
		}},
		"info_choice":          {320, 44, func() fyne.CanvasObject { return choice(false, false) }},
		"info_choice_focused":  {320, 44, func() fyne.CanvasObject { return choice(true, false) }},
		"info_choice_disabled": {320, 44, func() fyne.CanvasObject { return choice(false, true) }},
		"info_choice_narrow": {210, 56, func() fyne.CanvasObject {
			return NewInfoChoice(assets.IconLock, "Lock when away for", "15 minutes")
		}},
		"info_switch_narrow": {210, 64, func() fyne.CanvasObject {
			return NewInfoSwitch("", "Keep running when the window is closed")
		}},
		"info_action_narrow": {210, 64, func() fyne.CanvasObject {
			return NewInfoAction(assets.IconKey, "Change the passcode for good…", nil)
		}},
		"info_text": {320, 80, func() fyne.CanvasObject {
			return NewInfoText("The passcode keeps others from reading at this screen. It does not encrypt what is on the disk.")
		}},
		"info_pair": {320, 30, func() fyne.CanvasObject { return NewInfoPair("Messages", "309 kB") }},
		"info_pair_tall": {320, 48, func() fyne.CanvasObject {
			return NewInfoKey("Home, End in an empty field", "Oldest, newest message")
		}},
		"info_swatches": {320, 120, func() fyne.CanvasObject {
			s := NewInfoSwatches("Accent", tintNames(Accents()), AccentColors, 2)
			s.FocusGained()
			return s
		}},
		"nav_list": {200, 120, func() fyne.CanvasObject {
			l := NewNavList(NavItem{assets.IconUser, "Account"}, NavItem{assets.IconBell, "Notifications"},
				NavItem{assets.IconStorage, "Chats and storage"})
			l.SetSelected(1)
			l.FocusGained()
			return l
		}},
		"rail": {RailWidth, 240, func() fyne.CanvasObject {
			r := NewRail()
			r.Set([]RailAccount{
				{Face: Face{Key: "a", Name: "Alice Martin"}}, {Face: Face{Key: "b", Name: "Bob"}, Unread: 3},
			}, 0)
			return r
		}},
		"row_compact": {320, 96, func() fyne.CanvasObject {
			l := NewChatList()
			rows := rowStates()
			first, second := rows["plain"], rows["read"]
			second.Key = "bob"
			l.SetRows([]ChatRow{first, second})
			l.SetCompact(true)
			return l
		}},
	}
}

func tintNames(list []Tint) []string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.Name
	}
	return names
}

func TestInfoSwatches(t *testing.T) {
	useTheme(t, VariantLight)
	s := NewInfoSwatches("Accent", tintNames(Accents()), AccentColors, 0)
	var chosen []int
	s.OnChosen = func(i int) { chosen = append(chosen, i) }
	w := widgettest.InWindow(t, s, 200, 200) // four in a line
	test.TapCanvas(w.Canvas(), fyne.NewPos(16+38+10, swatchTop+38+10))
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	test.TapCanvas(w.Canvas(), fyne.NewPos(190, swatchTop+10)) // beside the last
	if want := []int{5, 6, 0}; !slices.Equal(chosen, want) {
		t.Errorf("chosen: got %v, want %v", chosen, want)
	}
}

func TestNavList(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewNavList(NavItem{Text: "one"}, NavItem{Text: "two"}, NavItem{Text: "three"})
	var calls []string
	l.OnSelected = func(i int) { calls = append(calls, l.items[i].Text) }
	l.OnTapped = func() { calls = append(calls, "tapped") }
	l.OnActivated = func() { calls = append(calls, "activated") }
	l.OnKey = func(e *fyne.KeyEvent) { calls = append(calls, string(e.Name)) }
	widgettest.InWindow(t, l, 200, 200)
	l.Tapped(widgettest.TapAt(10, navRow+5))
	l.Tapped(widgettest.TapAt(10, 3*navRow+5))
	for _, key := range []fyne.KeyName{fyne.KeyDown, fyne.KeyHome, fyne.KeyReturn, fyne.KeyPageDown} {
		l.TypedKey(&fyne.KeyEvent{Name: key})
	}
	want := []string{"two", "tapped", "three", "one", "activated", "Next"}
	if !slices.Equal(calls, want) {
		t.Errorf("calls: got %q, want %q", calls, want)
	}
}

// Width is just enough for every text.
func TestNavList_width(t *testing.T) {
	useTheme(t, VariantLight)
	const long = "Discussions, fichiers et stockage"
	l := NewNavList(NavItem{Text: "one"}, NavItem{Text: long})
	for width, whole := range map[float32]bool{l.Width(): true, l.Width() - 1: false} {
		l.Resize(fyne.NewSize(width, 100))
		var shown []string
		for _, o := range test.WidgetRenderer(l).Objects() {
			if words, ok := o.(*draw.Text); ok {
				shown = append(shown, words.Words())
			}
		}
		if got := slices.Contains(shown, long); got != whole {
			t.Errorf("%.0f wide: got %q", width, shown)
		}
	}
}

// A part that gets the keyboard is scrolled into view, and keys that are not its own scroll.
func TestInfoPanel_scrollsToFocus(t *testing.T) {
	useTheme(t, VariantLight)
	var parts []fyne.CanvasObject
	for range 20 {
		parts = append(parts, NewInfoChoice("", "Row", "value"))
	}
	p := NewInfoPanel("", parts...)
	widgettest.InWindow(t, p, 320, 300)
	last, ok := parts[19].(*InfoChoice)
	if !ok {
		t.Fatal("not a choice")
	}
	last.FocusGained()
	if got, want := p.scroll.Offset.Y, float32(20*44-300); got < want {
		t.Errorf("offset: got %v, want at least %v", got, want)
	}
	last.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	if got := p.scroll.Offset.Y; got != 0 {
		t.Errorf("offset after Home: got %v, want 0", got)
	}
}

func TestRail(t *testing.T) {
	useTheme(t, VariantLight)
	r := NewRail()
	r.Set([]RailAccount{{Face: Face{Key: "a", Name: "A"}}, {Face: Face{Key: "b", Name: "B"}}}, 0)
	var calls []string
	r.OnSelected = func(i int) { calls = append(calls, r.accounts[i].Face.Name) }
	r.OnAdd = func() { calls = append(calls, "add") }
	r.OnSettings = func() { calls = append(calls, "settings") }
	r.OnEscape = func() { calls = append(calls, "escape") }
	w := widgettest.InWindow(t, r, RailWidth, 400)
	test.TapCanvas(w.Canvas(), fyne.NewPos(28, railTop+railStep+10))
	test.TapCanvas(w.Canvas(), fyne.NewPos(28, railTop+2*railStep+20))
	test.TapCanvas(w.Canvas(), fyne.NewPos(28, 375))
	r.list.FocusGained()
	for _, key := range []fyne.KeyName{fyne.KeyUp, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn, fyne.KeyEscape} {
		r.list.TypedKey(&fyne.KeyEvent{Name: key})
	}
	if want := []string{"B", "add", "settings", "B", "escape"}; !slices.Equal(calls, want) {
		t.Errorf("calls: got %q, want %q", calls, want)
	}
}
