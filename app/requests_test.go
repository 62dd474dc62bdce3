package app_test

import (
	"testing"

	"github.com/parley-chat/parley/mesibo"
)

// stranger opens the chat with a stranger who has written.
func stranger(t *testing.T) *fixture {
	t.Helper()
	f := prepare(t)
	f.backend.Receive("mallory", "Do you know me?")
	p := f.backend.Profiles["mallory"]
	p.Address, p.Name, p.Flag = "mallory", "Mallory", mesibo.UserFlagRequest
	f.backend.Profiles["mallory"] = p
	f.start()
	f.Press("Do you know me?")
	f.Wants("Mallory wants to write to you", "Accept", "Block", "Delete")
	return f
}

func TestRequest_accept(t *testing.T) {
	f := stranger(t)
	f.Press("Accept")
	f.WantsNot("Mallory wants to write to you")
	f.wantCalls("accept mallory")
	f.sent("mallory", "Hello")
}

func TestRequest_block(t *testing.T) {
	f := stranger(t)
	f.Press("Block")
	f.Wants("Block Mallory?")
	f.Press("Cancel")
	f.Wants("Mallory wants to write to you")
	f.Press("Block")
	f.Key("Return") // the question has the keyboard
	if p := f.backend.Profiles["mallory"]; p.IsBlocked() {
		t.Error("Return blocked, though Cancel has the keyboard")
	}
}

func TestRequest_delete(t *testing.T) {
	f := stranger(t)
	f.Press("Delete")
	f.Press("Delete messages")
	f.WantsNot("Mallory wants to write to you", "Do you know me?")
}

// TestList_equal_names: where two users of the list have the same name, their addresses tell them apart.
func TestList_equal_names(t *testing.T) {
	f := prepare(t)
	for _, address := range []string{"bob", "mallory"} {
		f.backend.Receive(address, "It is me")
		p := f.backend.Profiles[address]
		p.Address, p.Name = address, "Bob Keller"
		f.backend.Profiles[address] = p
	}
	f.start()
	f.Wants("Bob Keller · bob", "Bob Keller · mallory")
	p := f.backend.Profiles["mallory"]
	p.Name = "Mallory"
	f.backend.Profiles["mallory"] = p
	f.profile("mallory")
	f.Wants("Mallory")
	f.WantsNot("Bob Keller · bob", "Bob Keller · mallory")
}
