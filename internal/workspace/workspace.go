// Package workspace keeps this user's account on this computer: server, address and token, and for a local workspace
// the embedded server and the Echo contact. It implements app.Workspace.
package workspace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/internal/archive"
	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/echo"
	"github.com/parley-chat/parley/internal/localserver"
	"github.com/parley-chat/parley/internal/secret"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
)

// Keeper manages one data folder. Its methods must not be called concurrently.
type Keeper struct {
	dir    string
	log    *slog.Logger
	secret *secret.Store
	proxy  func(*http.Request) (*url.URL, error)
	unlock func() error // nil while the folder is not locked

	checkAfter time.Duration // after the start, the database is looked through
	workFactor int           // of the passphrases of backups
}

var _ app.Workspace = (*Keeper)(nil)

// New returns a keeper of a data folder, which need not exist yet.
func New(dir string, log *slog.Logger) *Keeper {
	return &Keeper{
		dir: dir, log: log, secret: secret.New(dir, log), checkAfter: checkAfter, workFactor: archive.WorkFactor,
	}
}

// SetProxy sets what chooses the proxy of connections to servers. Default: the one that the environment names. To be
// called before the other methods.
func (k *Keeper) SetProxy(choose func(*http.Request) (*url.URL, error)) { k.proxy = choose }

const (
	databaseName = "messages.db"
	closeTimeout = 5 * time.Second
	joinTimeout  = 20 * time.Second
)

// greeting is what Echo writes to a new user.
func greeting(name string) string {
	return tr.L("Hi {{.Name}}! I'm Echo. Write something and I'll answer it. I live on this computer only; remove me any time "+
		"from my menu.", "Name", name)
}

// ErrNoAnswer is returned by Join when the server cannot be reached.
var ErrNoAnswer = errors.New("the server does not answer")

// Hold locks the folder for this program; the error is dirlock.ErrInUse when another program has it. The other
// methods require the lock.
func (k *Keeper) Hold(ctx context.Context) error {
	unlock, err := dirlock.Lock(ctx, k.dir)
	if err != nil {
		return err
	}
	k.unlock = unlock
	return nil
}

// Close unlocks the folder.
func (k *Keeper) Close() error {
	if k.unlock == nil {
		return nil
	}
	return k.unlock()
}

// Resume implements app.Workspace.
func (k *Keeper) Resume(_ context.Context) (*app.Session, error) {
	if err := k.finishRestore(); err != nil {
		return nil, fmt.Errorf("finish restoring: %w", err)
	}
	saved, err := k.load()
	if err != nil || saved == nil {
		return nil, err
	}
	token, err := k.secret.Get(saved.Key)
	if err != nil {
		return nil, fmt.Errorf("read the access token: %w", err)
	}
	return k.session(saved, token)
}

// StartLocal implements app.Workspace. It may be called again after a crash in the middle.
func (k *Keeper) StartLocal(ctx context.Context, name string) (*app.Session, error) {
	name = strings.TrimSpace(name)
	address := addressFor(name)
	server, err := k.openServer(ctx)
	if err != nil {
		return nil, err
	}
	token, echoToken, err := makeUsers(ctx, server, address, name)
	if err = errors.Join(err, server.Close(ctx)); err != nil {
		return nil, err
	}
	saved := &account{Kind: kindLocal, Address: address, Name: name, Key: newKey(), Echo: true}
	if err := errors.Join(k.secret.Set(saved.Key, token), k.secret.Set(saved.echoKey(), echoToken)); err != nil {
		return nil, err
	}
	if err := k.save(saved); err != nil {
		return nil, err
	}
	return k.session(saved, token)
}

func (k *Keeper) openServer(ctx context.Context) (*localserver.Workspace, error) {
	server, err := localserver.Open(ctx, localserver.Options{
		Dir: filepath.Join(k.dir, "server"), Logger: k.log.With(slog.String("part", "server")),
	})
	if err != nil {
		return nil, fmt.Errorf("start the local workspace: %w", err)
	}
	return server, nil
}

func makeUsers(ctx context.Context, server *localserver.Workspace, address, name string) (token, echoToken string,
	err error,
) {
	if err := server.CreateUser(ctx, address, name); err != nil {
		return "", "", fmt.Errorf("make the account: %w", err)
	}
	if token, err = server.NewToken(ctx, address, "this computer"); err != nil {
		return "", "", fmt.Errorf("make the account: %w", err)
	}
	if err := server.CreateUser(ctx, echo.Address, echo.Name); err != nil {
		return "", "", fmt.Errorf("make Echo: %w", err)
	}
	if echoToken, err = server.NewToken(ctx, echo.Address, "this computer"); err != nil {
		return "", "", fmt.Errorf("make Echo: %w", err)
	}
	return token, echoToken, nil
}

// addressFor derives an address from a name: "Alice Martin" becomes "alice.martin".
func addressFor(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	address := strings.Join(words, ".")
	for len(address) > wire.MaxAddress {
		runes := []rune(address)
		address = strings.TrimRight(string(runes[:len(runes)-1]), ".")
	}
	if address == "" || address == echo.Address {
		return "me"
	}
	return address
}

// Look implements app.Workspace.
func (k *Keeper) Look(ctx context.Context, invite string) (mesibo.InviteDetails, error) {
	m, err := mesibo.New(mesibo.Options{Logger: k.log, Proxy: k.proxy})
	if err != nil {
		return mesibo.InviteDetails{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	return m.GetInviteDetails(ctx, strings.TrimSpace(invite))
}

// Join implements app.Workspace: it signs in once before it stores anything.
func (k *Keeper) Join(ctx context.Context, invite, name string) (*app.Session, error) {
	m, err := mesibo.New(mesibo.Options{Logger: k.log, Proxy: k.proxy})
	if err != nil {
		return nil, err
	}
	invite = strings.TrimSpace(invite)
	if invite, err = redeem(ctx, m, invite, name); err != nil {
		return nil, err
	}
	if err := m.SetAccessToken(invite); err != nil {
		return nil, err
	}
	if err := signIn(ctx, m); err != nil {
		return nil, errors.Join(err, m.Reset())
	}
	token, err := wire.ParseToken(invite)
	if err != nil {
		return nil, errors.Join(err, m.Reset())
	}
	saved := &account{
		Kind: kindServer, Address: m.GetAddress(), Name: m.GetSelfProfile().Name, Server: token.URL,
		Key: newKey(),
	}
	if err := m.Reset(); err != nil {
		return nil, err
	}
	if err := k.secret.Set(saved.Key, invite); err != nil {
		return nil, err
	}
	if err := k.save(saved); err != nil {
		return nil, err
	}
	return k.session(saved, invite)
}

// redeem exchanges an invite for an access token; a token is returned as it is.
func redeem(ctx context.Context, m *mesibo.Mesibo, invite, name string) (string, error) {
	if !mesibo.IsInvite(invite) {
		return invite, nil
	}
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	computer, err := os.Hostname()
	if err != nil {
		computer = "" // the server lists it without a name
	}
	name = strings.TrimSpace(name)
	return m.RedeemInvite(ctx, invite, mesibo.RedeemParams{Address: addressFor(name), Name: name, Device: computer})
}

// signIn connects and waits until the server has accepted or refused.
func signIn(ctx context.Context, m *mesibo.Mesibo) error {
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	statuses := make(chan mesibo.ConnectionStatus, 8)
	listener := &mesibo.ListenerFuncs{ConnectionStatus: func(s mesibo.ConnectionStatus) {
		select {
		case statuses <- s:
		case <-ctx.Done():
		}
	}}
	if err := errors.Join(m.AddListener(listener), m.Start()); err != nil {
		return err
	}
	defer m.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrNoAnswer, mesibo.ResultTimeout)
		case s := <-statuses:
			switch s {
			case mesibo.StatusOnline:
				return nil
			case mesibo.StatusSuspended:
				return &mesibo.Error{Op: "Join", Result: mesibo.ResultAuthFail, Cause: m.GetSuspension()}
			case mesibo.StatusAuthFail, mesibo.StatusSignOut, mesibo.StatusStopped:
				return &mesibo.Error{Op: "Join", Result: mesibo.ResultAuthFail}
			case mesibo.StatusConnectFailure, mesibo.StatusNoNetwork:
				return fmt.Errorf("%w: %w", ErrNoAnswer, mesibo.ResultConnectFail)
			default:
			}
		}
	}
}

// Forget implements app.Workspace.
func (k *Keeper) Forget(_ context.Context) error {
	saved, err := k.load()
	if err != nil || saved == nil {
		return err
	}
	return errors.Join(k.secret.Delete(saved.Key), k.secret.Delete(saved.echoKey()), k.remove())
}

// session opens the database, without connecting.
func (k *Keeper) session(saved *account, token string) (*app.Session, error) {
	r, rebuilt, err := k.open(token)
	if err != nil {
		return nil, err
	}
	r.saved = saved
	s := &app.Session{
		Client: app.NewClient(r.m), Server: serverName(saved), Local: saved.Kind == kindLocal, FileLimit: r.m.GetFileLimit,
		Connect: r.connect, Redial: r.redial, Backup: r.backup, OnDamage: r.onDamage,
		TokenInFile: r.k.secret.InFile(saved.Key), Rebuilt: rebuilt, RemoveEcho: r.removeEcho, Close: r.shutdown,
	}
	if saved.Echo {
		s.Echo = echo.Address
	}
	s.Move = mover{r}
	if s.Local {
		s.Network = network{r}
	}
	return s, nil
}

func serverName(saved *account) string {
	if saved.Kind == kindLocal {
		return ""
	}
	u, err := url.Parse(saved.Server)
	if err != nil {
		return saved.Server
	}
	return u.Host
}

// running is what Connect has started.
type running struct {
	k     *Keeper
	saved *account
	m     *mesibo.Mesibo

	tokenMu sync.Mutex
	token   string

	closing context.Context //nolint:containedctx // ends backups when the session is closed
	close   context.CancelFunc

	toldMu    sync.Mutex
	told      func() // is called when the database is damaged
	found     bool   // it is
	abandoned bool   // it was not opened

	checking sync.WaitGroup

	mu     sync.Mutex // a backup of a local workspace stops it meanwhile
	server *localserver.Workspace
	bot    *echo.Bot
}

func (r *running) connect(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checking.Go(r.check)
	return r.run(ctx)
}

// run is connect under mu.
func (r *running) run(ctx context.Context) error {
	switch {
	case r.saved.Kind == kindServer:
		if err := r.m.Start(); err != nil || !r.saved.Echo {
			return err
		}
		return r.startEcho()
	case localserver.IsMoved(mover{r}.Folder()):
		return nil // offline, until the account has its new address
	}
	server, err := r.k.openServer(ctx)
	if err != nil {
		return err
	}
	r.server = server
	token, err := server.Retarget(r.getToken())
	if err != nil {
		return fmt.Errorf("start the local workspace: %w", err)
	}
	if err := errors.Join(r.m.SetAccessToken(token), r.m.Start()); err != nil {
		return err
	}
	if r.saved.Echo {
		return r.startEcho()
	}
	return nil
}

// redial connects anew.
func (r *running) redial(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.m.Stop()
	return r.m.Start()
}

// getToken returns the access token of now.
func (r *running) getToken() string {
	r.tokenMu.Lock()
	defer r.tokenMu.Unlock()
	return r.token
}

// saveToken stores an access token in place of the one before.
func (r *running) saveToken(token string) error {
	r.tokenMu.Lock()
	defer r.tokenMu.Unlock()
	if err := r.k.secret.Set(r.saved.Key, token); err != nil {
		return err
	}
	r.token = token
	return nil
}

func (r *running) startEcho() error {
	token, err := r.k.secret.Get(r.saved.echoKey())
	if err != nil {
		return fmt.Errorf("start Echo: %w", err)
	}
	if r.server != nil { // otherwise it has been moved, and lives on here
		if token, err = r.server.Retarget(token); err != nil {
			return fmt.Errorf("start Echo: %w", err)
		}
	}
	first, _, _ := strings.Cut(r.saved.Name, " ")
	r.bot, err = echo.Start(echo.Options{
		Dir: filepath.Join(r.k.dir, "echo"), Token: token, Logger: r.k.log.With(slog.String("part", "echo")),
		Greet: r.saved.Address, Greeting: greeting(first),
	})
	if err != nil {
		return fmt.Errorf("start Echo: %w", err)
	}
	return nil
}

func (r *running) removeEcho(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.saved.Echo = false
	if err := r.k.save(r.saved); err != nil {
		return err
	}
	if err := r.endEcho(); err != nil {
		return err
	}
	if r.server != nil {
		if err := r.server.DisableUser(ctx, echo.Address, true); err != nil {
			return fmt.Errorf("remove Echo: %w", err)
		}
	}
	return errors.Join(r.m.DeleteUserProfile(echo.Address, 0), r.k.secret.Delete(r.saved.echoKey()))
}

func (r *running) shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	r.close()
	r.checking.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.endEcho(), r.m.Shutdown(ctx), r.endServer(ctx))
}

func (r *running) endEcho() error {
	if r.bot == nil {
		return nil
	}
	bot := r.bot
	r.bot = nil
	return bot.Close()
}

func (r *running) endServer(ctx context.Context) error {
	if r.server == nil {
		return nil
	}
	server := r.server
	r.server = nil
	return server.Close(ctx)
}
