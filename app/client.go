package app

import (
	"context"
	"time"

	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/files"
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	media "github.com/parley-chat/parley/mesibo/call"
)

// Client is the SDK as the application sees it: the sum of what the screens need. NewClient makes one of a
// *mesibo.Mesibo.
type Client interface {
	chat.Backend
	contacts.Backend
	info.Backend
	connectionBackend
	files.Backend
	call.Backend
	// CreateGroup makes a group; GroupListener is called with the request's id.
	CreateGroup(s mesibo.GroupSettings, members []string, requestID uint32) error
	// SetDisappearing sets for how long messages of a chat stay, 0 for ever.
	SetDisappearing(p mesibo.MessageParams, id uint32, age time.Duration) error
	// SetKey keeps a value of the application, ReadKey returns it.
	SetKey(key, value string) error
	ReadKey(key string) (value string, ok bool)
	// JoinGroup joins the group that a code belongs to.
	JoinGroup(code string) error
	// SetReadReceipts sets whether senders learn that this user has read their messages.
	SetReadReceipts(enable bool)
	// SetAppInForeground sets whether the user is using the program.
	SetAppInForeground(screenID int, foreground bool)
	// SetUIThread sets how to find out whether a function runs on the user interface's goroutine.
	SetUIThread(isUI func() bool)
	// SetGroupCallEngine sets what carries calls of groups of more than four; nil for nothing.
	SetGroupCallEngine(engine media.GroupEngine)
	storageBackend
	devicesBackend
	invitesBackend
	linksBackend
	invitationsBackend
	reportsBackend
	// LookupProfile asks the server for the profile of a user. It is called on another goroutine.
	LookupProfile(ctx context.Context, address string) (*mesibo.UserProfile, error)
	// AcceptMessageRequest accepts the messages of a user who has written for the first time.
	AcceptMessageRequest(address string) error
	AddListener(l any) error
	RemoveListener(l any)
}

// Session is an account: its messages can be read at once, and Connect brings it to the server.
type Session struct {
	Client Client
	// Server is the server's name for the user, such as "chat.example.org"; empty when it is Local.
	Server string
	// Local reports whether the server is this program: there is no other copy of what it has.
	Local bool
	// TokenInFile reports whether the access token is in a file, because the system has no keyring.
	TokenInFile bool
	// Network opens the server of a Local account to others. Default: that is not possible.
	Network Network
	// Move brings the account to another server. Default: that is not possible.
	Move Move
	// Echo is the address of the contact that answers; empty without one.
	Echo string
	// FileLimit asks the server for the largest file that it accepts, in bytes; 0 when it has no limit to report.
	// Default: unknown.
	FileLimit func(ctx context.Context) (int64, error)
	// Connect starts what the account needs and connects. It is called once, when the chats are on the screen.
	Connect func(ctx context.Context) error
	// Redial connects anew, as after a change of the proxy. Default: that waits for the next connection.
	Redial func(ctx context.Context) error
	// Backup writes everything that the account has on this computer into one encrypted file. An account whose server is
	// this program is offline meanwhile. Default: there are no backups.
	Backup func(ctx context.Context, b Backup) error
	// OnDamage calls told, on another goroutine, when the messages on this computer turn out to be damaged: the session is
	// to be closed, and the next Resume begins anew with what the server has. Default: that is not noticed.
	OnDamage func(told func())
	// Rebuilt says that this has happened, nil otherwise.
	Rebuilt *Rebuilt
	// RemoveEcho removes Echo for good.
	RemoveEcho func(ctx context.Context) error
	// Close stops all that Connect started, and waits for it.
	Close func(ctx context.Context) error
}

// Network is how others on the network reach the server in this program. Its methods may take seconds.
type Network interface {
	// State returns how it is now.
	State(ctx context.Context) (NetworkState, error)
	// Open lets others connect at an address of this computer, from now on and after the next start.
	Open(ctx context.Context, host string) error
	// Close cuts their connections and lets no more in.
	Close(ctx context.Context) error
}

// NetworkState says whether others on the network reach the server in this program.
type NetworkState struct {
	Open bool
	// Host and Port are where they do.
	Host string
	Port int
	// Problem is why no one else can connect at present, although it is open; nil: they can.
	Problem error
	// Hosts are the addresses of this computer that can be chosen, the most useful first.
	Hosts []string
}

// serverName is what the user calls the server.
func (s *Session) serverName() string {
	if s.Local {
		return tr.L("the server on this computer")
	}
	return s.Server
}

// Workspace keeps the account of this user on this computer. All its methods may take seconds.
type Workspace interface {
	// Resume returns the stored account, nil when there is none yet. It does not use the network.
	Resume(ctx context.Context) (*Session, error)
	// StartLocal makes a server on this computer, and an account on it.
	StartLocal(ctx context.Context, name string) (*Session, error)
	// Join makes an account of an invite or access token; it returns an error when the server refuses it. The name is that
	// of a new user; a token has one.
	Join(ctx context.Context, invite, name string) (*Session, error)
	// Look asks the server of an invite what it is for.
	Look(ctx context.Context, invite string) (mesibo.InviteDetails, error)
	// Forget drops the account, so that Resume finds none; messages stay on the disk.
	Forget(ctx context.Context) error
	// Erase is Forget that also deletes everything the account has on the disk, for good.
	Erase(ctx context.Context) error
	// Restore checks a backup and prepares it; the next Resume puts it in the place of what is there. Where there is an
	// account already, the backup must be of that one. It returns the preferences that are in the backup.
	Restore(ctx context.Context, r Restore) (preferences []byte, err error)
	// Others returns the accounts beside this one, which is the first, in the order in which they were added.
	Others(ctx context.Context) ([]Account, error)
	// Another returns room for one more account. Nothing is kept of it before it has one.
	Another(ctx context.Context) (Account, error)
}

// Account is an account beside the first.
type Account struct {
	Key       string // names it for good, among those of this computer
	Workspace Workspace
}
