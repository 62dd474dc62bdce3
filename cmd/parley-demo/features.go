package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
)

const ctrl = fyne.KeyModifierShortcutDefault

// both is Alice and Bob, each with a window; one of them has the keyboard.
type both struct{ alice, bob *person }

func (b both) aliceLooks() error {
	b.bob.SetForeground(false)
	b.alice.SetForeground(true)
	return nil
}

func (b both) bobLooks() error {
	b.alice.SetForeground(false)
	b.bob.SetForeground(true)
	return nil
}

// steps runs functions until one fails.
func steps(list ...func() error) error {
	for i, step := range list {
		if err := step(); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

// features shows what users can do with messages, other users and groups.
func (s *stage) features(ctx context.Context, alice, bob *person) error {
	b := both{alice, bob}
	for _, scene := range []struct {
		name string
		play func(context.Context, both) error
	}{
		{"typing and presence", s.typing},
		{"messages", s.messages},
		{"files", s.files},
		{"voice messages", s.voice},
		{"a call", s.call},
		{"profiles", s.profiles},
		{"a group", s.group},
		{"the list", s.order},
		{"search", s.search},
	} {
		if err := scene.play(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", scene.name, err)
		}
	}
	return nil
}

func (s *stage) typing(ctx context.Context, b both) error {
	return steps(
		b.aliceLooks,
		func() error { return b.alice.press(ctx, "Bob Keller") },
		func() error { return b.bob.press(ctx, "Alice Martin") },
		b.bobLooks,
		func() error { return b.bob.writes("Let me see") },
		func() error { return b.alice.reads(ctx, "typing…") },
		func() error { return b.alice.picture("typing") },
		func() error { b.bob.key(fyne.KeyReturn); return nil },
		func() error { return b.alice.reads(ctx, "Let me see") },
		func() error { return b.alice.reads(ctx, "online") },
		func() error { return b.alice.readsNot(ctx, "typing…") },
		func() error {
			s.say("Alice sees that Bob is typing, then his message, and that he is online")
			return nil
		},
	)
}

// messages replies, edits, reacts, forwards and recalls.
func (s *stage) messages(ctx context.Context, b both) error {
	return steps(
		func() error { return b.bob.menu(ctx, "And another", "Reply") },
		func() error { return b.bob.types("Which other?") },
		func() error { return b.bob.sees(ctx, "Which other?", apptest.Delivered) },
		func() error { return b.alice.reads(ctx, "Which other?") },
		func() error { s.say("Bob answers one message in particular"); return nil },
		b.aliceLooks,
		func() error { return b.alice.menu(ctx, "Which other?", "React…") },
		func() error { return b.alice.press(ctx, "👍") },
		func() error { return b.bob.reads(ctx, "👍") },
		func() error { s.say("Alice reacts, Bob sees it"); return nil },
		func() error { return b.alice.press(ctx, "Message Bob Keller…") },
		func() error { return b.alice.types("I mean the secnd one") },
		func() error { return b.alice.sees(ctx, "I mean the secnd one", apptest.Delivered) },
		func() error { b.alice.key(fyne.KeyUp); return b.alice.reads(ctx, "Edit message") },
		func() error { return b.alice.picture("edit") },
		func() error {
			for range len("secnd one") {
				b.alice.key(fyne.KeyBackspace)
			}
			return b.alice.types("second one")
		},
		func() error { return b.bob.reads(ctx, "I mean the second one") },
		func() error { return b.bob.reads(ctx, "edited") },
		func() error {
			s.say("Alice mends a word with the up key; Bob has the new text, marked as edited")
			return nil
		},
		func() error { return b.alice.types("This was not meant for you") },
		func() error { return b.bob.reads(ctx, "This was not meant for you") },
		func() error { return b.alice.sees(ctx, "This was not meant for you", apptest.Delivered) },
		func() error { return b.alice.menu(ctx, "This was not meant for you", "Delete…") },
		func() error { return errors.Join(b.alice.reads(ctx, "Delete for me"), b.alice.picture("delete")) },
		func() error { return b.alice.press(ctx, "Delete for everyone") },
		func() error { return b.bob.readsNot(ctx, "This was not meant for you") },
		func() error { return b.bob.reads(ctx, "This message was deleted") },
		func() error { s.say("Alice takes a message back; a remark stays on both sides"); return nil },
		func() error { return b.alice.types("/location 52.5163, 13.3777 Brandenburg Gate") },
		func() error { return b.bob.reads(ctx, "Brandenburg Gate") },
		func() error { return b.alice.picture("messages") },
		func() error { return b.alice.menu(ctx, "Which other?", "Forward…") },
		func() error { return b.alice.writes("Saved") },
		func() error { return b.alice.press(ctx, "Saved messages") },
		func() error { return b.alice.picture("forward") },
		func() error { return b.alice.pressExactly(ctx, "Forward") },
		func() error { return b.alice.sees(ctx, "Which other?", apptest.Sent) },
		func() error { return b.alice.reads(ctx, "Forwarded") },
		func() error { return b.alice.press(ctx, "Bob Keller") },
		func() error { s.say("Alice sends a place, and forwards a message to her notes"); return nil },
	)
}

// profiles changes Bob's own profile, and looks at it from Alice's side.
func (s *stage) profiles(ctx context.Context, b both) error {
	return steps(
		func() error { return portrait(filepath.Join(s.data, portraitFile)) },
		b.bobLooks,
		func() error { return b.bob.press(ctx, "Alice Martin") },
		func() error { return errors.Join(b.bob.icon(assets.IconMenu), b.bob.press(ctx, "Your profile")) },
		func() error { return b.bob.press(ctx, "A line about you") },
		func() error { return b.bob.types("Reading until Thursday") },
		func() error {
			return errors.Join(b.bob.icon(assets.IconCamera), b.bob.press(ctx, "Choose a picture…"))
		},
		b.aliceLooks,
		func() error { return b.alice.press(ctx, "Bob Keller") },
		func() error { b.alice.shortcut(fyne.KeyI, ctrl); return b.alice.reads(ctx, "Reading until Thursday") },
		func() error { return errors.Join(b.alice.picture("profile"), b.bob.picture("own-profile")) },
		func() error { return b.bob.icon(assets.IconClose) },
		func() error { b.alice.wheel(paneAt, -400); return b.alice.press(ctx, "Block Bob Keller") },
		func() error { return b.alice.press(ctx, "Block") },
		func() error { return b.alice.reads(ctx, "You have blocked Bob Keller.") },
		func() error { return b.bob.types("Are you there?") },
		func() error { return b.bob.sees(ctx, "Are you there?", apptest.Failed) },
		func() error { return b.bob.reads(ctx, "The recipient does not accept your messages") },
		func() error { s.say("Alice blocks Bob: his message says why it was not sent"); return nil },
		func() error { b.alice.wheel(paneAt, -400); return b.alice.press(ctx, "Unblock Bob Keller") },
		func() error { return b.alice.readsNot(ctx, "You have blocked") },
		func() error { return b.bob.press(ctx, "Retry") },
		func() error { return b.bob.sees(ctx, "Are you there?", apptest.Delivered) },
		func() error { b.alice.shortcut(fyne.KeyI, ctrl); return nil },
		func() error { s.say("after unblocking, Retry brings it"); return nil },
	)
}

// portraitFile is the picture that users in the demo choose.
const portraitFile = "portrait.png"

// portrait writes a profile picture.
func portrait(path string) (err error) {
	img := image.NewRGBA(image.Rect(0, 0, 96, 96))
	for y := range 96 {
		for x := range 96 {
			shade := uint8(90 + x + y/2)
			img.Set(x, y, color.RGBA{R: shade, G: uint8(160 - y), B: 140, A: 255})
			if dx, dy := x-48, y-40; dx*dx+dy*dy < 18*18 || dx*dx/3+(y-96)*(y-96)/2 < 20*20 {
				img.Set(x, y, color.RGBA{R: 250, G: 230, B: 200, A: 255})
			}
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, img), f.Close())
}

// group creates a group, sends messages to it, and removes Bob from it.
func (s *stage) group(ctx context.Context, b both) error {
	return steps(
		b.aliceLooks,
		func() error {
			b.alice.shortcut(fyne.KeyN, ctrl|fyne.KeyModifierShift)
			return b.alice.reads(ctx, "New group")
		},
		func() error { return b.alice.press(ctx, "Bob Keller") },
		func() error { return b.alice.press(ctx, "Chiara Rossi") },
		func() error { return b.alice.picture("new-group") },
		func() error { return b.alice.press(ctx, "Next") },
		func() error { return b.alice.types("Book club") },
		func() error { return b.alice.reads(ctx, "3 members") },
		func() error { return b.bob.press(ctx, "Book club") },
		func() error { return b.bob.reads(ctx, "Alice Martin created the group “Book club”") },
		func() error { s.say("Alice makes a group of three; Bob has it at once"); return nil },
		b.bobLooks,
		func() error { return b.bob.types("Which book do we read next?") },
		func() error { return b.alice.reads(ctx, "Which book do we read next?") },
		func() error { return b.bob.types("@alice do you have the list?") },
		func() error { return b.alice.reads(ctx, "do you have the list?") },
		b.aliceLooks,
		func() error { return b.alice.types("Here it is: three short ones and a long one.") },
		func() error {
			return b.alice.sees(ctx, "Here it is: three short ones and a long one.", apptest.Delivered)
		},
		b.bobLooks,
		func() error { return b.alice.sees(ctx, "Here it is: three short ones and a long one.", apptest.Read) },
		b.aliceLooks,
		func() error { return b.alice.menu(ctx, "Here it is: three short ones and a long one.", "Message info") },
		func() error { return errors.Join(b.alice.reads(ctx, "Read by 1"), b.alice.picture("message-info")) },
		func() error {
			b.alice.key(fyne.KeyEscape)
			b.alice.shortcut(fyne.KeyI, ctrl)
			return b.alice.reads(ctx, "Group info")
		},
		func() error { return b.alice.press(ctx, "Create a join code") },
		func() error { return b.alice.reads(ctx, "Copy the code") },
		func() error { return b.alice.picture("group-light") },
		func() error { b.alice.SetLook("dark"); return b.alice.picture("group-dark") },
		func() error {
			b.alice.SetLook("light")
			b.alice.Window().Resize(fyne.NewSize(1180, 1200)) // so that the members are visible
			return b.alice.reads(ctx, "owner")
		},
		func() error { return b.alice.memberMenu(ctx, "Chiara Rossi", "Make an admin") },
		func() error { return b.alice.reads(ctx, "admin") },
		func() error { return s.groupCall(ctx, b) },
		func() error { return b.alice.memberMenu(ctx, "Bob Keller", "Remove from the group…") },
		func() error { return b.alice.pressExactly(ctx, "Remove") },
		func() error { return b.bob.reads(ctx, "You are no longer in this group.") },
		func() error { return b.bob.picture("removed") },
		func() error { return b.alice.reads(ctx, "You removed Bob Keller") },
		func() error {
			b.alice.Window().Resize(fyne.NewSize(1180, 760))
			b.alice.shortcut(fyne.KeyI, ctrl)
			s.say("Alice makes Chiara an admin and takes Bob out; his composer says so")
			return nil
		},
		func() error {
			s.say("who has read what is known for each member, and there is a code to join by")
			return nil
		},
	)
}

// order pins, mutes and archives.
func (s *stage) order(ctx context.Context, b both) error {
	return steps(
		func() error { return b.alice.rowMenu(ctx, "Greta Holm", "Pin") },
		func() error { return b.alice.rowMenu(ctx, "Eva Lindqvist", "Archive") },
		func() error { return b.alice.reads(ctx, "Archived (1)") },
		func() error { return b.alice.picture("list") },
	)
}

// search finds a part of a word in all chats, and in one.
func (s *stage) search(ctx context.Context, b both) error {
	return steps(
		func() error { b.alice.shortcut(fyne.KeyF, ctrl|fyne.KeyModifierShift); return b.alice.writes("ursday") },
		func() error { return b.alice.reads(ctx, "Messages") },
		func() error { return b.alice.picture("search") },
		func() error { return b.alice.press(ctx, "Thursday is fine.") },
		func() error { return b.alice.reads(ctx, " of ") },
		func() error { return b.alice.picture("found") },
		func() error { b.alice.key(fyne.KeyEscape); return nil },
		func() error { s.say("a part of a word finds its messages; the chat opens at the hit"); return nil },
	)
}

// writes types without Enter.
func (p *person) writes(text string) error {
	p.atKeyboard()
	focused := p.view().Focused()
	if focused == nil {
		return errors.New("nothing has the keyboard to type into")
	}
	for _, r := range text {
		focused.TypedRune(r)
	}
	p.stage.drain()
	return nil
}

// pressExactly taps on the lowest line with exactly these words.
func (p *person) pressExactly(ctx context.Context, words string) error {
	return p.stage.wait(ctx, fmt.Sprintf("%q to press", words), func() bool {
		p.atKeyboard()
		return apptest.PressLowest(p.view(), words)
	})
}

// paneAt is a place in the pane with the profile.
var paneAt = fyne.NewPos(1000, 600)

// wheel turns the wheel over a place; less than 0 is down.
func (p *person) wheel(at fyne.Position, by float32) {
	p.atKeyboard()
	test.Scroll(p.view(), at, 0, by)
	p.stage.drain()
}

// key presses one key.
func (p *person) key(name fyne.KeyName) {
	p.atKeyboard()
	if f := p.view().Focused(); f != nil {
		f.TypedKey(&fyne.KeyEvent{Name: name})
	} else if f := p.view().OnTypedKey(); f != nil {
		f(&fyne.KeyEvent{Name: name})
	}
	p.stage.drain()
}

// menu chooses an entry of a message's menu.
func (p *person) menu(ctx context.Context, message, entry string) error {
	err := p.stage.wait(ctx, fmt.Sprintf("the message %q", message), func() bool {
		p.atKeyboard()
		return apptest.PressRight(p.view(), message)
	})
	return errors.Join(err, p.press(ctx, entry))
}

// memberMenu chooses an entry of a member's menu, in the panel on the right.
func (p *person) memberMenu(ctx context.Context, name, entry string) error {
	err := p.stage.wait(ctx, fmt.Sprintf("the member %q", name), func() bool {
		p.atKeyboard()
		for _, s := range apptest.Look(p.view()) {
			if s.Text == name && s.At.X > p.view().Size().Width-300 {
				return apptest.ClickRight(p.view(), s.At)
			}
		}
		return false
	})
	return errors.Join(err, p.press(ctx, entry))
}

// rowMenu chooses an entry of the menu of a chat in the list.
func (p *person) rowMenu(ctx context.Context, row, entry string) error {
	return p.menu(ctx, row, entry)
}

// readsNot waits until the window no longer shows words.
func (p *person) readsNot(ctx context.Context, words string) error {
	return p.stage.wait(ctx, fmt.Sprintf("no %q", words), func() bool { return !apptest.Says(p.view(), words) })
}

// icon presses the lowest icon with this name.
func (p *person) icon(icon assets.Icon) error {
	p.atKeyboard()
	if !apptest.PressIcon(p.view(), icon) {
		return fmt.Errorf("icon %s: not in the window", icon)
	}
	p.stage.drain()
	return nil
}
