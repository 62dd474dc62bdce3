package mesibo

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"strings"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/session"
	"github.com/parley-chat/parley/mesibo/internal/store"
)

// previousTokenKey is that of the access token which the one in use has replaced. The server refuses it from then on,
// unless it was restored from a backup that is older than the renewal: then it knows no other one of this device.
const previousTokenKey = "\x00previous token"

// keepPrevious stores a token before it is replaced.
func (m *Mesibo) keepPrevious(token, next *wire.Token) error {
	db, target, err := m.open("", 0)
	if err != nil {
		return err
	}
	hash := next.Hash()
	return db.SetKey(target.Account, previousTokenKey, hex.EncodeToString(hash[:])+" "+token.String())
}

// previous returns the token that the one in use has replaced, nil for none.
func (m *Mesibo) previous(ctx context.Context) (*wire.Token, error) {
	db, target, err := m.open("", 0)
	if err != nil {
		return nil, err
	}
	value, err := db.Key(ctx, target.Account, previousTokenKey)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // as documented
	}
	if err != nil {
		return nil, err
	}
	now, err := wire.ParseToken(m.getBearer())
	if err != nil {
		return nil, err
	}
	hash := now.Hash()
	text, ok := strings.CutPrefix(value, hex.EncodeToString(hash[:])+" ")
	if !ok { // another token was set since
		return nil, nil //nolint:nilnil // as documented
	}
	token, err := wire.ParseToken(text)
	if err != nil {
		return nil, err
	}
	return &token, nil
}

// dialPrevious connects with the token that the one in use has replaced, and uses it again if the server accepts it. It
// returns nil if there is none, or it is of no use.
func (r *run) dialPrevious(ctx context.Context) session.Conn {
	token, err := r.m.previous(ctx)
	if err != nil {
		r.m.log.Warn("the previous access token is not known", slog.Any("error", err))
	}
	if token == nil {
		return nil
	}
	endpoint := r.endpoint
	endpoint.Bearer = token.String()
	conn, err := dial(ctx, endpoint)
	if err != nil {
		return nil
	}
	if err := r.m.changeSecret(token.Secret); err != nil {
		r.m.log.Warn("the previous access token is not used", slog.Any("error", err))
		_ = conn.Close()
		return nil
	}
	r.m.log.Info("the server, restored from a backup, knows the previous access token only")
	return conn
}
