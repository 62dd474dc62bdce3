package app_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
)

// The test driver answers every call of CanvasForObject, which the window's driver does not: nothing in the program may
// use it, and what has the keyboard here has it there, too.

// blind types as a user does who does not see what has the keyboard.
func (f *fixture) blind(text string) {
	f.t.Helper()
	if w := f.Canvas().Focused(); w != nil {
		test.Type(w, text)
	}
	f.Key(fyne.KeyReturn)
}

// TestAbout_typedElsewhere: what is typed after the profile was closed is not published.
func TestAbout_typedElsewhere(t *testing.T) {
	for name, leave := range map[string]func(f *fixture){
		"the cross":     func(f *fixture) { f.icon(assets.IconClose) },
		"Ctrl+I":        func(f *fixture) { f.Keys(ctrl, fyne.KeyI) },
		"Esc twice":     func(f *fixture) { f.Key(fyne.KeyEscape); f.Key(fyne.KeyEscape) },
		"Ctrl+N":        func(f *fixture) { f.Keys(ctrl, fyne.KeyN) },
		"another chat":  func(f *fixture) { f.Keys(fyne.KeyModifierAlt, fyne.KeyDown) },
		"another app":   func(f *fixture) { f.loseKeyboard() },
		"Tab":           func(f *fixture) { test.FocusNext(f.Canvas()) },
		"Enter, cross":  func(f *fixture) { f.Key(fyne.KeyReturn); f.icon(assets.IconClose) },
		"Enter, Ctrl+N": func(f *fixture) { f.Key(fyne.KeyReturn); f.Keys(ctrl, fyne.KeyN) },
	} {
		t.Run(name, func(t *testing.T) {
			f := prepare(t)
			f.backend.Fill("alice", 3, f.queue.Now())
			f.start()
			f.Keys(ctrl, fyne.KeyI)
			f.Press("A line about you")
			f.Type("Rivers")
			want := ""
			if strings.HasPrefix(name, "Enter") {
				want = "Rivers"
			}
			leave(f)
			if name != "another app" && name != "Tab" {
				f.blind("chiara")
			}
			if got := f.backend.Own.Status; got != want {
				t.Errorf("published: got %q, want %q", got, want)
			}
		})
	}
}

// loseKeyboard lets another program have the keyboard for a moment, as the window's driver does.
func (f *fixture) loseKeyboard() {
	if w := f.Canvas().Focused(); w != nil {
		w.FocusLost()
		w.FocusGained()
	}
}

// TestAbout_keys: shortcuts work in the field, Esc restores it and leaves it, and then closes the panel.
func TestAbout_keys(t *testing.T) {
	f := prepare(t).start()
	f.Press("Echo")
	f.Keys(ctrl, fyne.KeyN)
	f.Press("Saved messages")
	f.Keys(ctrl, fyne.KeyI)
	f.Press("A line about you")
	f.Type("Riv")
	f.Wants("Not saved. Enter saves, Esc restores.")
	f.Keys(ctrl, fyne.KeyF)
	f.Type("note")
	f.Wants("No matches")
	f.Press("Riv")
	f.Key(fyne.KeyEscape)
	f.WantsNot("Riv", "Not saved.")
	f.Wants("Your profile")
	f.Key(fyne.KeyEscape)
	f.WantsNot("Your profile")
	if got := f.backend.Own.Status; got != "" {
		t.Errorf("published: got %q, want nothing", got)
	}
}

// TestKeyboard_isWhereItIsShown: what is typed after a key arrives in what that key has opened, not in the composer.
func TestKeyboard_isWhereItIsShown(t *testing.T) {
	shift := ctrl | fyne.KeyModifierShift
	for name, open := range map[string]func(f *fixture){
		"find bar":   func(f *fixture) { f.Keys(ctrl, fyne.KeyF) },
		"search":     func(f *fixture) { f.Keys(ctrl, fyne.KeyK) },
		"new chat":   func(f *fixture) { f.Keys(ctrl, fyne.KeyN) },
		"new group":  func(f *fixture) { f.Keys(shift, fyne.KeyN) },
		"forward":    func(f *fixture) { f.Keys(ctrl, fyne.KeyUp); f.Type("f") },
		"go to date": func(f *fixture) { f.Keys(ctrl, fyne.KeyG) },
		"reactions":  func(f *fixture) { f.Keys(ctrl, fyne.KeyUp); f.Type("+") },
		"join a group": func(f *fixture) {
			f.Keys(ctrl, fyne.KeyN)
			f.Press("Join a group with a code")
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := startWithAlice(t, 20)
			open(f)
			f.Type("zq")
			f.queue.WorkAll(t.Context())
			f.Key(fyne.KeyEscape)
			f.Key(fyne.KeyEscape)
			f.Key(fyne.KeyEscape)
			f.app.Quit()
			f.queue.WorkAll(t.Context())
			if got := f.backend.Profiles["alice"].Draft; got != "" {
				t.Errorf("draft: got %q, want none", got)
			}
		})
	}
}

// TestPicker_escape: the composer has the keyboard again when the picker is gone.
func TestPicker_escape(t *testing.T) {
	f := startWithAlice(t, 3)
	f.Keys(ctrl, fyne.KeyN)
	f.Type("bob")
	f.Key(fyne.KeyEscape)
	f.Type("Hello")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Sent; len(got) != 1 || got[0] != "Hello" {
		t.Errorf("sent: got %q, want Hello", got)
	}
}

// TestRefused: a composer that is gone has not the keyboard, and nothing is written into it.
func TestRefused(t *testing.T) {
	f := startWithAlice(t, 3)
	p := f.backend.Profiles["alice"]
	p.BlockMessages(true)
	f.backend.Profiles["alice"] = p
	f.profile("alice")
	f.Wants("You have blocked Alice Martin. Unblock to write.")
	f.blind("Hello")
	p.BlockMessages(false)
	f.backend.Profiles["alice"] = p
	f.profile("alice")
	f.WantsNot("Hello")
	f.Keys(ctrl, fyne.KeyN) // the list of messages passes shortcuts on
	f.Wants("New group")
}

// TestSheet_pressBesideContent: a press on an empty part of a sheet does not close it, one beside it does.
func TestSheet_pressBesideContent(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("bob", 1, f.queue.Now())
	f.start()
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyN)
	f.Press("Bob Keller")
	next, ok := apptest.Find(f.Canvas(), "Next")
	if !ok {
		t.Fatal("button: got none")
	}
	apptest.Click(f.Canvas(), next.At.AddXY(-120, 0))
	apptest.Click(f.Canvas(), next.At.AddXY(0, 32)) // the edge of the card
	f.Wants("Next", "1 selected")
	f.Type("chi")
	f.Wants("Chiara Rossi")
	f.Keys(ctrl, fyne.KeyF) // a shortcut closes it, too
	f.WantsNot("1 selected")
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyN)
	f.Wants("No one picked yet")
	apptest.Click(f.Canvas(), fyne.NewPos(20, 20))
	f.WantsNot("No one picked yet")
}

// TestDanger: Enter does not run what cannot be undone; Cancel has the keyboard.
func TestDanger(t *testing.T) {
	f := prepare(t).start()
	f.Press("Echo")
	f.sent("echo", "Keep this")
	remove := func() {
		f.Keys(ctrl, fyne.KeyUp)
		f.Key(fyne.KeyDelete)
		f.Wants("Delete for me", "Delete for everyone")
	}
	remove()
	f.Key(fyne.KeyReturn)
	f.WantsNot("Delete for me")
	f.Wants("Keep this")
	remove()
	test.FocusNext(f.Canvas())
	test.FocusNext(f.Canvas())
	f.Key(fyne.KeyReturn)
	f.WantsNot("Keep this")
	f.queue.Advance(9 * time.Second)
	f.wantCalls(`delete "Keep this" here`)
}

// TestReact_keys: the reactions appear at the message, have the keyboard, and go with Esc.
func TestReact_keys(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 8, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	f.Keys(ctrl, fyne.KeyUp)
	f.Type("+")
	rows := f.backend.Chats["alice"]
	thumb, ok := apptest.Find(f.Canvas(), "👍")
	if !ok {
		t.Fatal("reactions: got none")
	}
	f.Key(fyne.KeyEscape)
	f.WantsNot("👍")
	var line apptest.Sight
	for _, s := range apptest.Look(f.Canvas()) {
		if strings.HasPrefix(s.Text, strings.Fields(rows[7].Text)[0]) && s.At.Y > line.At.Y {
			line = s
		}
	}
	if d := thumb.At.Y - line.At.Y; d < -80 || d > 80 {
		t.Errorf("reactions: got %v below the message, want beside it", d)
	}
	f.Type("+")
	f.Key(fyne.KeyRight)
	f.Key(fyne.KeyReturn)
	if got := f.backend.Chats["alice"][7].Reactions; len(got) != 1 || got[0].Emoji != "❤️" {
		t.Errorf("reactions: got %v, want one ❤️", got)
	}
	f.Type("+")
	f.Key(fyne.KeyDown) // more emoji
	f.Key(fyne.KeyDown)
	f.Key(fyne.KeyReturn)
	if got := f.backend.Chats["alice"][7].Reactions; len(got) != 1 || got[0].Emoji == "❤️" {
		t.Errorf("reactions: got %v, want another one", got)
	}
}

// TestMessageMenu_keys: Enter opens the menu of the chosen message, Esc closes it.
func TestMessageMenu_keys(t *testing.T) {
	f := startWithAlice(t, 8)
	f.Keys(ctrl, fyne.KeyUp)
	f.Key(fyne.KeyReturn)
	f.Wants("Reply", "Forward…")
	f.Key(fyne.KeyEscape)
	f.WantsNot("Forward…")
	f.Key(fyne.KeyReturn)
	f.Key(fyne.KeyDown)
	f.Key(fyne.KeyReturn)
	f.Wants("Reply to")
	f.Type("Yes")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Params; len(got) != 1 || got[0].RefID == 0 {
		t.Errorf("sent: got %v, want a reply", got)
	}
}

// TestEnds: keys for the oldest and the newest message, while the composer has the keyboard.
func TestEnds(t *testing.T) {
	f := startWithAlice(t, 400)
	f.Wants("14:02")
	f.Key(fyne.KeyHome)
	f.Wants("00:44")
	f.Key(fyne.KeyEnd)
	f.Wants("14:02")
	f.Type("Hello")
	f.Key(fyne.KeyHome) // of the text
	f.Wants("14:02")
	f.Keys(ctrl, fyne.KeyHome)
	f.Wants("00:44", "Hello")
	f.Keys(ctrl, fyne.KeyEnd)
	f.Wants("14:02", "Hello")
}

// TestOverlays_shortcut: a shortcut closes what lies over the window and does what it says.
func TestOverlays_shortcut(t *testing.T) {
	f := startWithAlice(t, 8)
	f.Keys(ctrl, fyne.KeyUp)
	f.Type("+")
	if c, ok := f.Canvas().(fyne.Shortcutable); ok {
		c.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: ctrl})
	}
	f.Type("workshop")
	f.queue.Advance(1e9)
	f.queue.WorkAll(t.Context())
	f.Wants("of 1")
	f.Keys(ctrl, fyne.KeyG)
	f.Keys(ctrl, fyne.KeyK)
	f.Type("bob")
	f.WantsNot("Go to date")
	f.Wants("Bob Keller")
}
