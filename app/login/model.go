package login

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// longestName is the maximum length of a name in characters.
const longestName = 60

// Config is what a Model is made of.
type Config struct {
	Backend    Backend
	Dispatcher Dispatcher
	Name       string             // of the account on this computer, to start with
	Explain    func(error) string // makes a sentence for the user of an error
	Logger     *slog.Logger
	Changed    func()
	Done       func() // the account exists
	// Restore lets the user choose a backup.
	Restore func()
	// Cancel goes back to another account; nil where there is none.
	Cancel func()
	// Own joins the group of an invite with the account for which Look returned ErrOwn.
	Own func()
}

// Model is the state of the card. Its methods are called on the user interface's goroutine.
type Model struct {
	cfg     Config
	joining bool
	invite  string // whose user needs a name; empty on the other cards
	offer   Offer  // of the invite
	busy    bool
	problem string
}

// NewModel makes the card for a new workspace.
func NewModel(cfg Config) *Model { return &Model{cfg: cfg} }

// Name is the text of the name field at the start.
func (m *Model) Name() string { return m.cfg.Name }

// Joining reports whether the card for an invite is shown, rather than the one for a name.
func (m *Model) Joining() bool { return m.joining }

// Naming reports whether the card for the name of a user with an invite is shown.
func (m *Model) Naming() bool { return m.invite != "" }

// Offer says what the invite is for; empty before it is known, and when there is nothing to say.
func (m *Model) Offer() string {
	if m.offer.Group == "" {
		return ""
	}
	return tr.N("You join the group “{{.Group}}”, which has {{.N}} member.",
		"You join the group “{{.Group}}”, which has {{.N}} members.", m.offer.Members, "Group", m.offer.Group)
}

// Busy reports whether the account is being made.
func (m *Model) Busy() bool { return m.busy }

// Problem says what is wrong with the input, or what went wrong; empty for nothing.
func (m *Model) Problem() string { return m.problem }

// Cancel goes back to another account, if there is one; it reports whether there is.
func (m *Model) Cancel() bool {
	if m.busy || m.cfg.Cancel == nil {
		return false
	}
	m.cfg.Cancel()
	return true
}

// ShowJoin shows the card for an invite, or the other one.
func (m *Model) ShowJoin(joining bool) {
	if m.busy {
		return
	}
	m.joining, m.invite, m.offer, m.problem = joining, "", Offer{}, ""
	m.cfg.Changed()
}

// Start makes a workspace on this computer.
func (m *Model) Start(name string) {
	if name, ok := m.checkName(name); ok {
		m.run("start workspace", func(ctx context.Context) error { return m.cfg.Backend.StartLocal(ctx, name) }, m.cfg.Done)
	}
}

// checkName returns a name without needless spaces, and whether it can be used.
func (m *Model) checkName(name string) (string, bool) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		m.refuse(tr.L("Type the name that others will see."))
	case utf8.RuneCountInString(name) > longestName:
		m.refuse(tr.L("This name is too long."))
	default:
		return name, true
	}
	return "", false
}

// Join signs in with an access token, or asks for the name of the user whom an invite lets in.
func (m *Model) Join(invite string) {
	invite = strings.Join(strings.Fields(invite), "") // a line break may have slipped in
	switch {
	case m.busy:
	case invite == "":
		m.refuse(tr.L("Paste the invite that you were given."))
	case mesibo.IsInvite(invite):
		m.look(invite)
	default:
		m.run("join server", func(ctx context.Context) error { return m.cfg.Backend.Join(ctx, invite, "") }, m.cfg.Done)
	}
}

// look asks what an invite is for, and then for the name of its user.
func (m *Model) look(invite string) {
	var offer Offer
	own := false
	m.run("look at invite", func(ctx context.Context) (err error) {
		offer, err = m.cfg.Backend.Look(ctx, invite)
		if own = errors.Is(err, ErrOwn); own {
			err = nil
		}
		return err
	}, func() {
		if own {
			m.cfg.Own()
			return
		}
		m.invite, m.offer = invite, offer
		m.cfg.Changed()
	})
}

// JoinAs signs in with the invite, as a user of this name.
func (m *Model) JoinAs(name string) {
	invite := m.invite
	if name, ok := m.checkName(name); ok {
		m.run("join server", func(ctx context.Context) error { return m.cfg.Backend.Join(ctx, invite, name) }, m.cfg.Done)
	}
}

func (m *Model) refuse(words string) {
	if !m.busy {
		m.problem = words
		m.cfg.Changed()
	}
}

func (m *Model) run(op string, work func(context.Context) error, done func()) {
	if m.busy {
		return
	}
	m.busy, m.problem = true, ""
	m.cfg.Changed()
	var err error
	m.cfg.Dispatcher.Async(func(ctx context.Context) {
		err = work(ctx)
	}, func() {
		m.busy = false
		if err != nil {
			m.cfg.Logger.Warn("login failed", slog.String("op", op), slog.Any("error", err))
			m.problem = m.cfg.Explain(err)
			m.cfg.Changed()
			return
		}
		done()
	})
}
