package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/apptest"
)

const alt = fyne.KeyModifierAlt

// press is a key with modifiers.
type press struct {
	modifier fyne.KeyModifier
	key      fyne.KeyName
}

// walked is a line of the keyboard map: its keys, each of which must change something that is seen or asked for.
type walked struct {
	name    string
	keys    []press
	prepare func(f *fixture) // nil for an open chat with the composer empty and focused
	ends    bool             // the chat is another one then
}

func typed(text string) func(f *fixture) { return func(f *fixture) { f.Type(text) } }

// selected types a word and selects it.
func selected(f *fixture) {
	f.Type("word")
	if e, ok := f.Canvas().Focused().(fyne.Shortcutable); ok {
		e.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// ownChosen chooses the user's newest message.
func ownChosen(f *fixture) {
	f.Keys(ctrl, fyne.KeyUp)
}

// mentioned receives a message that mentions the user, in the open chat.
func mentioned(f *fixture) {
	f.Keys(ctrl, fyne.KeyHome)
	m := apptest.Message(apptest.Key("alice", 0), f.backend.Receive("alice", "@you"))
	m.Mentions = []string{apptest.Self}
	f.listener().OnReceived(m)
	f.queue.Drain()
}

func keysOf(modifier fyne.KeyModifier, names ...fyne.KeyName) (keys []press) {
	for _, n := range names {
		keys = append(keys, press{modifier, n})
	}
	return keys
}

// walk is the keyboard map in its order.
func walk() []walked {
	return []walked{
		{"Ctrl+N", keysOf(ctrl, fyne.KeyN), nil, false},
		{"Ctrl+K", keysOf(ctrl, fyne.KeyK), nil, false},
		{"Ctrl+F", keysOf(ctrl, fyne.KeyF), nil, false},
		{"Ctrl+Shift+F", keysOf(ctrlShift, fyne.KeyF), nil, false},
		{"Ctrl+Shift+N", keysOf(ctrlShift, fyne.KeyN), nil, false},
		{"Ctrl+I", keysOf(ctrl, fyne.KeyI), nil, false},
		{"Ctrl+Shift+C", keysOf(ctrlShift, fyne.KeyC), nil, true},
		{"Ctrl+Shift+D", keysOf(ctrlShift, fyne.KeyD), nil, true},
		{"Alt+↑", keysOf(alt, fyne.KeyUp), func(f *fixture) { f.Press("Bob Keller") }, false},
		{"Alt+↓", keysOf(alt, fyne.KeyDown), nil, false},
		{"Ctrl+Shift+P", keysOf(ctrlShift, fyne.KeyP), nil, false},
		{"Ctrl+G", keysOf(ctrl, fyne.KeyG), nil, false},
		{"Ctrl+Shift+U", keysOf(ctrlShift, fyne.KeyU), nil, false},
		{"Ctrl+M", keysOf(ctrl, fyne.KeyM), mentioned, true},
		{"Ctrl+O, Ctrl+U", keysOf(ctrl, fyne.KeyO, fyne.KeyU), nil, false},
		{"Ctrl+E", keysOf(ctrl, fyne.KeyE), nil, false},
		{"Ctrl+R", keysOf(ctrl, fyne.KeyR), nil, false},
		{"Ctrl+Home, Ctrl+End", keysOf(ctrl, fyne.KeyHome, fyne.KeyEnd), nil, false},
		{"Home, End in an empty field", keysOf(0, fyne.KeyHome, fyne.KeyEnd), nil, false},
		{"Page Up, Page Down", keysOf(0, fyne.KeyPageUp, fyne.KeyPageDown), nil, false},
		{"Enter, Shift+Enter", keysOf(0, fyne.KeyReturn), typed("words"), true},
		{"Ctrl+Shift+Enter", keysOf(ctrlShift, fyne.KeyReturn), typed("words"), true},
		{"Ctrl+B, Ctrl+I", keysOf(ctrl, fyne.KeyB, fyne.KeyI), selected, false},
		{"Ctrl+Shift+X, Ctrl+Shift+M", keysOf(ctrlShift, fyne.KeyX, fyne.KeyM), selected, false},
		{"↑ in an empty field", keysOf(0, fyne.KeyUp), nil, false},
		{"Ctrl+↑, Ctrl+↓", keysOf(ctrl, fyne.KeyUp, fyne.KeyDown), nil, false},
		{"R, E, F, Del, +, C, I, P", keysOf(0, fyne.KeyR, fyne.KeyE, fyne.KeyF, fyne.KeyDelete, fyne.KeyPlus, fyne.KeyC, fyne.KeyI,
			fyne.KeyP), ownChosen, false},
		{"Enter", keysOf(0, fyne.KeyReturn), ownChosen, false},
		{"Space, Shift+↑, Shift+↓", append(keysOf(0, fyne.KeySpace), keysOf(fyne.KeyModifierShift, fyne.KeyUp)...), ownChosen, false},
		{"Ctrl+click, Shift+click", nil, nil, false}, // TestSelectMessages
		{"Esc", keysOf(0, fyne.KeyEscape), func(f *fixture) { f.Keys(ctrl, fyne.KeyF) }, false},
		{"Ctrl+L", keysOf(ctrl, fyne.KeyL), nil, true},
		{"Ctrl+,", keysOf(ctrl, fyne.KeyComma), nil, false},
		{"Ctrl+/", keysOf(ctrl, fyne.KeySlash), nil, false},
		{"Ctrl+plus, Ctrl+minus", keysOf(ctrl, fyne.KeyPlus, fyne.KeyEqual, fyne.KeyMinus), nil, false},
		{"Ctrl+0", keysOf(ctrl, fyne.Key0), func(f *fixture) { f.Keys(ctrl, fyne.KeyEqual) }, false},
		{"Ctrl+W", keysOf(ctrl, fyne.KeyW), nil, true},
		{"Ctrl+Q", keysOf(ctrl, fyne.KeyQ), nil, true},
		{"Ctrl+Alt+1 … 9", keysOf(ctrlAlt, fyne.Key2), nil, true},
	}
}

// strike presses a key as a keyboard does: a letter is typed as well.
func (f *fixture) strike(p press) {
	f.t.Helper()
	switch {
	case p.modifier == fyne.KeyModifierShift:
		w, ok := f.Canvas().Focused().(desktop.Keyable)
		if !ok {
			f.t.Fatalf("%s: nothing has the keyboard", p.key)
		}
		w.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
		f.Key(p.key)
		w.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	case p.modifier != 0:
		f.Keys(p.modifier, p.key)
	default:
		f.Key(p.key)
		if w := f.Canvas().Focused(); w != nil && len(p.key) == 1 {
			test.Type(w, strings.ToLower(string(p.key)))
		}
	}
	f.queue.Drain()
	f.queue.WorkAll(f.t.Context())
}

// seen is everything that a key can change.
func (f *fixture) seen() string {
	var all strings.Builder
	for _, s := range apptest.Look(f.Canvas()) {
		fmt.Fprintln(&all, s)
	}
	fmt.Fprintln(&all, f.Title(), len(f.fyne.Driver().AllWindows()), f.backend.Calls, f.fyne.Clipboard().Content(), f.scaled,
		f.keeper.closed)
	fmt.Fprintf(&all, "%T %p\n", f.Canvas().Focused(), f.Canvas().Focused())
	if e, ok := f.Canvas().Focused().(interface{ SelectedText() string }); ok {
		fmt.Fprintln(&all, e.SelectedText())
	}
	return all.String()
}

// TestKeyMap_isTrue presses every key of the list that Ctrl+/ shows.
func TestKeyMap_isTrue(t *testing.T) {
	var names []string
	shared := startForKeys(t)
	for _, w := range walk() {
		names = append(names, w.name)
		for _, p := range w.keys {
			f := shared
			if w.ends {
				f = startForKeys(t)
			}
			f.toStart()
			switch {
			case p.key == fyne.KeyEnd || p.key == fyne.KeyPageDown:
				f.Keys(ctrl, fyne.KeyHome)
			case p.key == fyne.KeyDown && p.modifier == ctrl:
				ownChosen(f)
			case w.prepare != nil:
				w.prepare(f)
			}
			before := f.seen()
			f.strike(p)
			if f.seen() == before {
				t.Errorf("%s, key %d %s: nothing changed", w.name, p.modifier, p.key)
			}
		}
	}
	if list := app.KeyNames(); !slices.Equal(names, list) {
		t.Errorf("walked %q, the list has %q", names, list)
	}
}

func startForKeys(t *testing.T) *fixture {
	t.Helper()
	f := prepare(t)
	s := &system{App: f.fyne}
	f.fyne, f.files, f.sound = s, s, (&apptest.Sound{}).Chat()
	f.scale = func(percent int) { f.scaled = percent }
	f.backend.Files = t.TempDir()
	f.backend.Fill("alice", 60, f.queue.Now().Add(-time.Hour))
	f.backend.Fill("bob", 2, f.queue.Now().Add(-2*time.Hour))
	f.withSecond()
	return f.start()
}

// toStart leaves everything that a key opened, and opens the chat with an empty composer.
func (f *fixture) toStart() {
	f.t.Helper()
	for range 5 {
		f.Key(fyne.KeyEscape)
	}
	f.Press("Bob Keller")
	f.Press("Alice Martin")
	for range 10 {
		f.Key(fyne.KeyBackspace)
	}
	f.queue.WorkAll(f.t.Context())
}
