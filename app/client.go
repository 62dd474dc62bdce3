package app

import (
	"context"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/mesibo"
)

// Client is the SDK as the application sees it: the sum of what the screens need. NewClient makes one of a *mesibo.Mesibo.
type Client interface {
	chat.Backend
	contacts.Backend
	info.Backend
	connectionBackend
	folderBackend
	// CreateGroup makes a group; GroupListener is told with the request's id.
	CreateGroup(s mesibo.GroupSettings, members []string, requestID uint32) error
	// JoinGroup joins the group that a code belongs to.
	JoinGroup(code string) error
	// SetAppInForeground says whether the user is at the program.
	SetAppInForeground(screenID int, foreground bool)
	// SetFileTransferLimits says what is fetched unasked, and how fast files move.
	SetFileTransferLimits(l mesibo.FileTransferLimits) error
	// SetUIThread says how to tell whether a function runs on the goroutine of the user interface.
	SetUIThread(isUI func() bool)
	AddListener(l any) error
	RemoveListener(l any)
}

// Session is an account that is signed in, or may be: its messages can be read at once, and Connect brings it to the server.
type Session struct {
	Client Client
	// Server is what people call the server, such as "chat.example.org".
	Server string
	// Echo is the address of the contact that answers; empty when there is none.
	Echo string
	// FileLimit asks the server for the largest file that it takes, in bytes; 0 when it does not say. nil when nobody knows.
	FileLimit func(ctx context.Context) (int64, error)
	// Connect starts what the account needs and connects. It is called once, when the conversations are on the screen.
	Connect func(ctx context.Context) error
	// RemoveEcho takes Echo away for good.
	RemoveEcho func(ctx context.Context) error
	// Close stops all that Connect started, and waits for it.
	Close func(ctx context.Context) error
}

// Workspace keeps the account of this user on this computer. All its methods may take seconds.
type Workspace interface {
	// Resume gives the account that is kept, nil when there is none yet. It reaches no network.
	Resume(ctx context.Context) (*Session, error)
	// StartLocal makes a server of its own on this computer, and an account on it.
	StartLocal(ctx context.Context, name string) (*Session, error)
	// Join makes an account of an invite or access token; it tells when the server refuses it.
	Join(ctx context.Context, invite string) (*Session, error)
	// Forget drops the account, so that Resume finds none; messages stay on the disk.
	Forget(ctx context.Context) error
}
