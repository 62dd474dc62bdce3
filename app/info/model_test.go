package info

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// ledger stands for the SDK: it keeps what is set.
type ledger struct {
	Backend

	self     mesibo.UserProfile
	profiles map[string]mesibo.UserProfile
	members  []mesibo.Member
	rights   Rights
	asked    []string
	given    mesibo.MemberPermissions
	set      mesibo.GroupProperties
}

func (l *ledger) GetSelfProfile() *mesibo.UserProfile { p := l.self; return &p }

func (l *ledger) SetSelfProfile(p *mesibo.UserProfile) error { l.self = *p; return nil }

func (l *ledger) GetProfile(peer string, _ uint32) (*mesibo.UserProfile, bool) {
	p, ok := l.profiles[peer]
	return &p, ok
}

func (l *ledger) SetProfile(p *mesibo.UserProfile) error { l.profiles[p.Address] = *p; return nil }

func (l *ledger) GetSortedUserProfiles() []mesibo.UserProfile {
	return []mesibo.UserProfile{l.profiles["alice"], l.profiles[""]}
}

func (l *ledger) GroupMembers(uint32) []mesibo.Member { return l.members }

func (l *ledger) Rights(uint32) Rights { return l.rights }

func (l *ledger) AskGroup(uint32) error { l.asked = append(l.asked, "group"); return nil }

func (l *ledger) AddMembers(_ uint32, addresses []string, p mesibo.MemberPermissions) error {
	l.asked, l.given = append(l.asked, addresses...), p
	return nil
}

func (l *ledger) SetGroup(_ uint32, p mesibo.GroupProperties) error { l.set = p; return nil }

func (l *ledger) RemovePin(_ uint32, code string) error {
	l.asked = append(l.asked, "remove "+code)
	return nil
}

func newLedger() (*ledger, *Model) {
	l := &ledger{
		self: mesibo.UserProfile{Address: "me", Name: "Me"},
		profiles: map[string]mesibo.UserProfile{
			"alice": {Address: "alice", Name: "Alice", Status: "On the road"},
			"":      {GroupID: 7, Name: "Book club"},
		},
		rights: Rights{Member: true},
	}
	return l, &Model{cfg: Config{Backend: l, Name: strings.ToUpper}}
}

func member(address string, flags mesibo.AdminFlag) mesibo.Member {
	return mesibo.Member{Address: address, Permissions: mesibo.MemberPermissions{AdminFlags: flags}}
}

func TestModel_Rename(t *testing.T) {
	l, m := newLedger()
	m.Show(Self, "me", 0)
	if err := m.Rename(""); err == nil || l.self.Name != "Me" {
		t.Errorf("no name for oneself: got %v and %q, want an error", err, l.self.Name)
	}
	if err := m.Rename("Anna"); err != nil || l.self.Name != "Anna" {
		t.Errorf("own name: got %v and %q", err, l.self.Name)
	}
	m.Show(Person, "alice", 0)
	if err := m.Rename("Ali"); err != nil || l.profiles["alice"].Name != "Ali" || m.Title() != "Ali" {
		t.Errorf("other's name: got %v and %q", err, l.profiles["alice"].Name)
	}
	m.Show(Group, "", 7)
	if err := m.Rename(""); err == nil {
		t.Error("no name for a group: got no error")
	}
	if err := m.Rename("Readers"); err != nil || *l.set.Name != "Readers" || l.set.Status != nil {
		t.Errorf("group's name: got %v and %+v", err, l.set)
	}
}

func TestModel_Block(t *testing.T) {
	l, m := newLedger()
	m.Show(Person, "alice", 0)
	for _, block := range []bool{true, false} {
		if err := m.Block(block); err != nil {
			t.Fatal(err)
		}
		if p := l.profiles["alice"]; p.IsBlocked() != block {
			t.Errorf("blocked: got %t, want %t", p.IsBlocked(), block)
		}
	}
}

func TestModel_Members(t *testing.T) {
	l, m := newLedger()
	l.members = []mesibo.Member{member("zoe", 0), member("bob", mesibo.AdminFlagModify), member("amy", 0)}
	m.Show(Group, "", 7)
	names := func() (list []string) {
		for _, x := range m.Members() {
			list = append(list, x.Address+" "+RoleWords(x))
		}
		return list
	}
	if got, want := names(), []string{"bob admin", "amy ", "zoe "}; !slices.Equal(got, want) {
		t.Errorf("known here: got %q, want %q", got, want)
	}
	m.MembersReceived(7, []mesibo.Member{member("kim", 0)}, true)
	m.MembersReceived(8, []mesibo.Member{member("stranger", 0)}, false)
	if got := len(m.Members()); got != 3 {
		t.Errorf("before the last page: got %d, want the 3 known", got)
	}
	m.MembersReceived(7, []mesibo.Member{member("ada", mesibo.AdminFlagOwnerAll)}, false)
	if got, want := names(), []string{"ada owner", "kim "}; !slices.Equal(got, want) {
		t.Errorf("as the server says: got %q, want %q", got, want)
	}
	if err := m.MembersChanged(7); err != nil || len(l.asked) != 1 {
		t.Errorf("after a change: got %v and asked %d times, want once", err, len(l.asked))
	}
	l.rights.Member = false
	if err := m.MembersChanged(7); err != nil || len(l.asked) != 1 {
		t.Errorf("no member: got %v and asked %d times in all, want once", err, len(l.asked))
	}
}

func TestModel_SetAdmin(t *testing.T) {
	l, m := newLedger()
	l.members = []mesibo.Member{{Address: "bob", Permissions: mesibo.MemberPermissions{Flags: mesibo.MemberFlagSend}}}
	m.Show(Group, "", 7)
	if err := m.SetAdmin("bob", true); err != nil {
		t.Fatal(err)
	}
	const owners = mesibo.AdminFlagOwner | mesibo.AdminFlagRemGroup
	if flags := l.given.AdminFlags; flags&mesibo.AdminFlagModify == 0 || flags&owners != 0 {
		t.Errorf("admin: got flags %x", flags)
	}
	if err := m.SetAdmin("bob", false); err != nil || l.given.AdminFlags != 0 || l.given.Flags != mesibo.MemberFlagSend {
		t.Errorf("ordinary again: got %v and %+v", err, l.given)
	}
}

func TestModel_Code(t *testing.T) {
	l, m := newLedger()
	m.Show(Group, "", 7)
	m.PinsReceived(7, []mesibo.GroupPin{{Code: "ABC"}})
	m.PinsReceived(7, nil) // settings changed; nothing is said of codes
	m.PinsReceived(8, []mesibo.GroupPin{{Code: "XYZ"}})
	if got := m.Code(); got != "ABC" {
		t.Errorf("code: got %q, want ABC", got)
	}
	if err := m.RemoveCode(); err != nil || m.Code() != "" || !slices.Equal(l.asked, []string{"remove ABC"}) {
		t.Errorf("removed: got %v, %q, %q", err, m.Code(), l.asked)
	}
}

func TestPresenceWords(t *testing.T) {
	now := time.Date(2026, time.November, 16, 14, 2, 0, 0, time.Local)
	at := func(d time.Duration) *mesibo.UserProfile {
		return &mesibo.UserProfile{LastActiveTime: uint64(now.Add(-d).UnixMilli())}
	}
	tests := []struct {
		profile *mesibo.UserProfile
		want    string
	}{
		{&mesibo.UserProfile{}, ""},
		{&mesibo.UserProfile{Online: true, LastActiveTime: 1}, "online"},
		{at(time.Minute), "last seen 14:01"},
		{at(15 * time.Hour), "last seen yesterday, 23:02"},
		{at(24 * 20 * time.Hour), "last seen 27 October 2026"},
	}
	for _, tt := range tests {
		if got := PresenceWords(tt.profile, now); got != tt.want {
			t.Errorf("PresenceWords(%+v): got %q, want %q", tt.profile, got, tt.want)
		}
	}
}

func TestModel_Shared(t *testing.T) {
	l, m := newLedger()
	l.members = []mesibo.Member{member("Alice", 0)}
	m.Show(Person, "alice", 0)
	if got := m.Shared(); len(got) != 1 || got[0].GroupID != 7 {
		t.Errorf("shared with alice: got %v, want the book club", got)
	}
	m.Show(Person, "bob", 0)
	if got := m.Shared(); len(got) != 0 {
		t.Errorf("shared with bob: got %v, want none", got)
	}
}
