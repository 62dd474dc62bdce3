package widgets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func manyMembers(n int) []Member {
	members := make([]Member, n)
	for i := range members {
		members[i] = Member{Key: fmt.Sprint(i), Name: fmt.Sprint("Member ", i), Status: "online"}
	}
	return members
}

func TestInfoPanel_members(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMemberList()
	l.SetMembers(manyMembers(500))
	head := NewInfoHead(InfoHeadData{Title: "Team"})
	closed := 0
	p := NewInfoPanel("Group", head, NewInfoSection("Members"), l)
	p.OnClose = func() { closed++ }
	w := widgettest.InWindow(t, p, 300, 600)
	test.Tap(p.close)
	var got []string
	l.OnTapped = func(key string) { got = append(got, key) }
	l.OnMenu = func(key string, _ fyne.Position) { got = append(got, "menu"+key) }
	if n := len(l.list.rows); n != memberFold+1 {
		t.Fatalf("rows: got %d, want the first %d and one more", n, memberFold)
	}
	l.list.Tapped(widgettest.TapAt(100, l.list.tops[memberFold]+10)) // show all
	if l.MinSize().Height != 500*(AvatarMember+2*personPad) {
		t.Errorf("height: got %v", l.MinSize().Height)
	}
	p.scroll.ScrollToBottom()
	if n := len(l.list.objs); n == 0 || n > 25 {
		t.Errorf("objects: got %d for what is in view", n)
	}
	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 560))
	l.list.TappedSecondary(widgettest.TapAt(100, 10))
	if want := []string{"499", "menu0"}; !slices.Equal(got, want) || closed != 1 {
		t.Errorf("got %q, closed %d; want %q, 1", got, closed, want)
	}
	p.ScrollToTop()
	if l.list.at(0) != 0 || p.scroll.Offset.Y != 0 {
		t.Error("not at the top")
	}
	l.SetMembers(manyMembers(memberFold + memberSlack))
	l.SetOpen(false)
	if n := len(l.list.rows); n != memberFold+memberSlack {
		t.Errorf("rows of a short list: got %d", n)
	}
}

func TestMemberList_keys(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMemberList()
	l.SetMembers(manyMembers(4))
	widgettest.InWindow(t, l, 300, 300)
	var got []string
	l.OnTapped = func(key string) { got = append(got, key) }
	l.OnMenu = func(key string, _ fyne.Position) { got = append(got, "menu"+key) }
	l.list.FocusGained()
	for _, k := range []fyne.KeyName{
		fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnd, fyne.KeySpace, fyne.KeyUp, desktop.KeyMenu,
		fyne.KeyHome, fyne.KeyEnter,
	} {
		l.list.TypedKey(widgettest.Key(k))
	}
	l.SetMembers(manyMembers(2)) // they contain the current one
	l.list.TypedKey(widgettest.Key(fyne.KeyReturn))
	l.SetMembers(nil)
	l.list.TypedKey(widgettest.Key(fyne.KeyReturn))
	if want := []string{"1", "3", "menu2", "0", "0"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestInfoHead(t *testing.T) {
	useTheme(t, VariantLight)
	h := NewInfoHead(InfoHeadData{Title: "Team"})
	widgettest.InWindow(t, h, 300, 250)
	if h.avatar.Cursor() != desktop.DefaultCursor {
		t.Error("a hand over an avatar nobody listens to")
	}
	low := h.MinSize().Height
	h.Set(InfoHeadData{Title: strings.Repeat("long name ", 30), Subtitle: "online", Editable: true})
	if got, want := h.MinSize().Height, low+(headLines-1)*headTitle+headSub; got != want {
		t.Errorf("height: got %v, want %v", got, want)
	}
	var at fyne.Position
	h.OnAvatarTapped = func(pos fyne.Position) { at = pos }
	test.Tap(h.avatar)
	if d := at.Subtract(fyne.NewPos(150, headTop+AvatarInfo)); max(d.X, -d.X, d.Y, -d.Y) > 4 { // a border
		t.Errorf("menu at %v", at)
	}
}

func TestInfoRows(t *testing.T) {
	a := useTheme(t, VariantLight)
	n := 0
	field := NewInfoField("Address", "alice@example.org")
	field.OnCopied = func() { n++ }
	action := NewInfoDanger(assets.IconLeave, "Leave", func() { n++ })
	sw := NewInfoSwitch(assets.IconBell, "Notifications")
	var turned []bool
	sw.OnChanged = func(on bool) { turned = append(turned, on) }
	p := NewInfoPanel("", field, action, sw)
	widgettest.InWindow(t, p, 300, 300)
	test.Tap(field)
	test.Tap(action)
	if got := a.Clipboard().Content(); got != "alice@example.org" || n != 2 {
		t.Errorf("copied %q, pressed %d", got, n)
	}
	sw.Set(true)
	test.Tap(sw)
	sw.TypedKey(widgettest.Key(fyne.KeySpace))
	if want := []bool{false, true}; !slices.Equal(turned, want) || !sw.On() {
		t.Errorf("turned %v, want %v", turned, want)
	}
	y := sw.Position().Y
	before := field.MinSize().Height
	field.SetValue(strings.Repeat("a long address ", 20))
	p.Refresh()
	if got := field.MinSize().Height; got <= before || sw.Position().Y != y+got-before {
		t.Errorf("field %v high, was %v; the switch is at %v, was at %v", got, before, sw.Position().Y, y)
	}
	short := sw.Size().Height
	sw.SetDetail("until 18:00")
	if sw.Size().Height != short+infoTall-infoRow {
		t.Errorf("with a second line %v high, without %v", sw.Size().Height, short)
	}
}

func TestInfoEdit(t *testing.T) {
	useTheme(t, VariantLight)
	e := NewInfoEdit("Name", "Team", "Name", 8)
	w := widgettest.InWindow(t, e, 300, 100)
	e.OnFocus = w.Canvas().Focus
	var got []string
	e.OnSave = func(s string) { got = append(got, s) }
	type step struct {
		name string
		do   func()
		text string
		want []string
	}
	write := func(s string) func() { return func() { e.field.SetText(s) } }
	enter := func() { e.field.TypedKey(widgettest.Key(fyne.KeyReturn)) }
	blur := func() { w.Canvas().Focus(e.field); w.Canvas().Unfocus() }
	steps := []step{
		{"nothing changed", enter, "Team", nil},
		{"written", write(" Crew "), " Crew ", nil},
		{"enter", enter, " Crew ", []string{"Crew"}},
		{"left after enter", blur, " Crew ", []string{"Crew"}},
		{"saved", func() { e.SetValue("Crew") }, "Crew", []string{"Crew"}},
		{"left after a change", func() { write("Band")(); blur() }, "Band", []string{"Crew"}},
		{"the check mark", func() { test.Tap(e.check) }, "Band", []string{"Crew", "Band"}},
		{"refused", func() { e.SetError("No"); enter() }, "Band", []string{"Crew", "Band", "Band"}},
		{
			"changed elsewhere", func() { write("mine")(); e.SetValue("theirs") }, "mine",
			[]string{"Crew", "Band", "Band"},
		},
		{
			"escape", func() { e.field.TypedKey(widgettest.Key(fyne.KeyEscape)) }, "theirs",
			[]string{"Crew", "Band", "Band"},
		},
		{"empty", func() { write("")(); enter() }, "theirs", []string{"Crew", "Band", "Band"}},
		{"too long", func() { write("123456789")(); enter(); blur() }, "123456789", []string{"Crew", "Band", "Band"}},
		{
			"shortened", func() { write("12345678")(); enter() }, "12345678",
			[]string{"Crew", "Band", "Band", "12345678"},
		},
		{
			"optional", func() { e.SetOptional(true); write("")(); enter() }, "",
			[]string{"Crew", "Band", "Band", "12345678", ""},
		},
	}
	for _, s := range steps {
		s.do()
		if e.field.Text != s.text || !slices.Equal(got, s.want) {
			t.Fatalf("%s: text %q, saved %q; want %q, %q", s.name, e.field.Text, got, s.text, s.want)
		}
		if wrong := s.name == "too long"; wrong != (e.err != "") && s.name != "refused" {
			t.Errorf("%s: error %q", s.name, e.err)
		}
	}
	for _, key := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyEscape} {
		w.Canvas().Focus(e.field)
		e.field.SetText("Orchestra, too long")
		e.field.TypedKey(widgettest.Key(key))
		if left := w.Canvas().Focused() == nil; left != (key == fyne.KeyEscape) {
			t.Errorf("%s with a text that is too long: left the field %v", key, left)
		}
		w.Canvas().Focus(e.field)
		e.field.SetText("Choir")
		e.field.TypedKey(widgettest.Key(key))
		if w.Canvas().Focused() != nil {
			t.Errorf("%s: the field has still the keyboard", key)
		}
	}
}
