package chat

import (
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/messages"
)

// What the screen does with its Model, for tests outside the package: they use apptest, which imports it.

func (m *Model) AtEnd() bool { return m.atEnd() }

func (m *Model) Below() int { return m.unreadBelow() }

func (m *Model) CancelRecording() { m.cancelRecording() }

func (m *Model) CancelStrip() { m.cancelStrip() }

func (m *Model) Close() { m.close() }

func (m *Model) CloseFind() { m.closeFind() }

func (m *Model) Delete(key uint64, everyone bool) { m.delete([]uint64{key}, everyone) }

func (m *Model) Divider() (key uint64, words string) { return m.dividerAt() }

func (m *Model) Draft() string { return m.draftText() }

func (m *Model) EditLast() bool { return m.editLast() }

func (m *Model) Find(text string) { m.findText(text) }

func (m *Model) FindCount() (at, total int) { return m.findCount() }

func (m *Model) FindOpen() bool { return m.findOpen() }

func (m *Model) FindStep(direction int) { m.findStep(direction) }

func (m *Model) Flash() uint64 { return m.flashed() }

func (m *Model) JumpToPlace(position float64) { m.jumpToPlace(position) }

func (m *Model) LoadNewer() { m.loadNewer() }

func (m *Model) LoadOlder() { m.loadOlder() }

func (m *Model) Mark(key uint64) { m.toggleMark(key) }

func (m *Model) MarkThrough(key uint64) { m.markThrough(key) }

func (m *Model) Marked() []Message { return m.marked() }

func (m *Model) Mentionable(typed string) []string { return m.mentionable(typed) }

func (m *Model) MentionCount() int { return len(m.mentions) }

func (m *Model) OpenFind() { m.openFind() }

func (m *Model) Pinned() (widgets.PinnedData, bool) { return m.pinnedData() }

func (m *Model) TogglePin(key uint64) { m.togglePin(key) }

func (m *Model) Unpin() { m.unpinShown() }

func (m *Model) Place(first, last uint64) (position, part float64) { return m.place(first, last) }

func (m *Model) PressRing(key uint64) { m.pressRing(key) }

func (m *Model) PressSound(key uint64) { m.pressSound(key) }

func (m *Model) Quoted(msg Message) (Message, bool) { return m.quoted(msg) }

func (m *Model) React(key uint64, emoji string) { m.react(key, emoji) }

func (m *Model) Reaction(key uint64) string { return m.reaction(key) }

func (m *Model) Reactions(msg Message) []ReactionCount { return m.reactions(msg) }

func (m *Model) Record() { m.record() }

func (m *Model) Recording() *widgets.Recording { return m.recording() }

func (m *Model) Reply(key uint64) bool { return m.reply(key) }

func (m *Model) Retry(key uint64) { m.retry(key) }

func (m *Model) Scrolled(lowest uint64, atEnd bool) { m.scrolled(lowest, atEnd) }

func (m *Model) SeekSound(key uint64, part float64) { m.seekSound(key, part) }

func (m *Model) Send(text string) bool { return m.send(text) }

func (m *Model) SendRecording() { m.sendRecording() }

func (m *Model) SetDraft(text string) { m.setDraft(text) }

func (m *Model) ShowQuoted(key uint64) { m.showQuoted(key) }

func (m *Model) SpeedSound(key uint64) { m.speedSound(key) }

func (m *Model) Strip() (Strip, bool) { return m.strip() }

func (m *Model) Subtitle() string { return m.subtitle() }

func (m *Model) TakeNotice() string { return m.takeNotice() }

func (m *Model) TakeText() (text string, ok bool) { return m.takeText() }

func (m *Model) TakeView() View { return m.takeView() }

func (m *Model) Typed() { m.typed() }

func (m *Model) Viewed(first, last uint64, atEnd bool) { m.viewed(first, last, atEnd) }

func (m *Model) Voice(msg Message) *messages.Voice { return m.voice(msg) }

func (m *Model) Withdraw(key uint64) { m.withdraw(key) }

// CodeStart is codeStart.
func CodeStart(text string) int { return codeStart(text) }

func (m *Model) Follow(text string) { m.followLink(text) }

func (m *Model) DropPreview() { m.dropPreview() }

func (m *Model) PreviewStrip() *widgets.Strip { return m.previewStrip() }
