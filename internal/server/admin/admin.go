// Package admin serves the backend API, with which an application's own servers manage users, tokens and groups and
// send messages. docs/openapi.yaml describes it.
package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
)

// Path is the path of the backend API below the server's URL.
const Path = "/v1/backend"

// maxBody is the maximum size of a request in bytes.
const maxBody = 1 << 20

// Metrics counts messages and refusals.
type Metrics interface {
	Refused(reason string)
	Message(status uint32)
}

// Config holds the dependencies and limits of an API.
type Config struct {
	Record    record.Record
	Accounts  *accounts.Accounts
	Directory *accounts.Directory
	Log       *eventlog.Log
	Metrics   Metrics
	Logger    *slog.Logger
	Clock     func() time.Time
	// Rate is the maximum rate of requests per second, with bursts of five times as many.
	Rate float64

	// SendTransient passes a message to the connected recipients.
	SendTransient func(ctx context.Context, s *eventlog.Send) error
	// SetVisibility changes which users may see a user's presence.
	SetVisibility func(uid, visibility uint32)
	// ProfileChanged is called after a user's profile has changed.
	ProfileChanged func(uid uint32)
	// HasRoom reports whether the disk has room for more messages.
	HasRoom func() bool
	// Refresh is called after users, tokens or groups have changed.
	Refresh func()
	// Status returns how the server is.
	Status func(ctx context.Context) (Status, error)
	// Enter registers a request, so that a stopping server waits for it. ok is false if the server is stopping.
	Enter func() (release func(), ok bool)
}

// API serves the backend API. Its methods may be called from any goroutine.
type API struct {
	c          Config // immutable, like all
	operations map[string]handler
	limit      *rate.Limiter
}

// New returns the API.
func New(c *Config) *API {
	return &API{c: *c, operations: operations(), limit: rate.NewLimiter(rate.Limit(c.Rate), burst(c.Rate))}
}

func burst(perSecond float64) int { return int(5 * perSecond) }

// SetRate changes the maximum rate of requests per second, with bursts of five times as many.
func (a *API) SetRate(perSecond float64) {
	a.limit.SetLimit(rate.Limit(perSecond))
	a.limit.SetBurst(burst(perSecond))
}

// Operations returns the names of the operations.
func Operations() []string { return slices.Sorted(maps.Keys(operations())) }

// replyFields are the fields of a reply other than op and result.
type replyFields map[string]any

// handler handles one operation.
type handler struct {
	scope accounts.Scope // that the application token must have
	grows bool           // it adds to the database, so it is put off while the disk is full
	run   func(ctx context.Context, a *API, fields rawFields) (replyFields, error)
}

// operations has the handlers by the names of the operations.
func operations() map[string]handler {
	return map[string]handler{
		"useradd":          growing(operation(accounts.ScopeUsers, (*API).userAdd)),
		"userset":          growing(operation(accounts.ScopeUsers, (*API).userSet)),
		"userdel":          operation(accounts.ScopeUsers, (*API).userDel),
		"usersget":         operation(accounts.ScopeUsers, (*API).usersGet),
		"usertoken":        operation(accounts.ScopeUsers, (*API).userToken),
		"tokendel":         operation(accounts.ScopeUsers, (*API).tokenDel),
		"inviteadd":        operation(accounts.ScopeUsers, (*API).inviteAdd),
		"invitesget":       operation(accounts.ScopeUsers, (*API).invitesGet),
		"invitedel":        operation(accounts.ScopeUsers, (*API).inviteDel),
		"usersuspend":      operation(accounts.ScopeModeration, (*API).userSuspend),
		"userban":          operation(accounts.ScopeModeration, (*API).userBan),
		"userrestore":      operation(accounts.ScopeModeration, (*API).userRestore),
		"notice":           growing(operation(accounts.ScopeNotices, (*API).notice)),
		"reportsget":       operation(accounts.ScopeReports, (*API).reportsGet),
		"reportclose":      operation(accounts.ScopeReports, (*API).reportClose),
		"userget":          operation(accounts.ScopeUsers, (*API).userGet),
		"groupsget":        operation(accounts.ScopeGroups, (*API).groupsGet),
		"serverget":        operation(accounts.ScopeServer, (*API).serverGet),
		"auditget":         operation(accounts.ScopeServer, (*API).auditGet),
		"groupadd":         growing(operation(accounts.ScopeGroups, (*API).groupAdd)),
		"groupset":         growing(operation(accounts.ScopeGroups, (*API).groupSet)),
		"groupdel":         operation(accounts.ScopeGroups, (*API).groupDel),
		"groupkeep":        operation(accounts.ScopeGroups, (*API).groupKeep),
		"groupeditmembers": growing(operation(accounts.ScopeGroups, (*API).groupEditMembers)),
		"groupgetmembers":  operation(accounts.ScopeGroups, (*API).groupGetMembers),
		"message":          growing(operation(accounts.ScopeMessages, (*API).message)),
	}
}

func growing(h handler) handler {
	h.grows = true
	return h
}

// requestHead has the fields of every request.
type requestHead struct {
	Op    string `json:"op"`
	Token string `json:"token"`
}

// operation returns a handler that decodes the request for f. It refuses unknown fields, so that a misspelled field is
// not treated as absent.
func operation[T any](scope accounts.Scope, f func(*API, context.Context, *T) (replyFields, error)) handler {
	places := requestFields(reflect.TypeFor[T]())
	return handler{scope: scope, run: func(ctx context.Context, a *API, fields rawFields) (replyFields, error) {
		var req T
		if err := fields.decodeRequest(places, &req); err != nil {
			return nil, err
		}
		return f(a, ctx, &req)
	}}
}

// refusedBy returns the refusal for an error, nil if the error is a failure of the server.
func refusedBy(err error) *refusal.Error {
	switch {
	case errors.Is(err, accounts.ErrNoToken):
		return refusal.HTTP(http.StatusNotFound, "NOSUCHTOKEN", "there is no such token")
	case errors.Is(err, accounts.ErrNoURL):
		return refusal.HTTP(http.StatusServiceUnavailable, "NOURL",
			"the server's public URL is not configured, so it cannot create tokens")
	}
	return refusal.Of(err)
}

// ServeHTTP serves one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		a.answer(w, "", nil, refusal.HTTP(http.StatusMethodNotAllowed, "BADMETHOD", "the method must be POST"))
		return
	}
	op, reply, err := a.serve(w, r)
	a.answer(w, op, reply, err)
}

var errStopping = refusal.HTTP(http.StatusServiceUnavailable, "SHUTDOWN", "the server is shutting down")

// serve looks at a token in the header before it reads the body. The request is registered like a connection, so that a
// stopping server waits for it, but not while it is not there yet.
func (a *API) serve(w http.ResponseWriter, r *http.Request) (op string, reply replyFields, err error) {
	var found *accounts.AppToken
	if bearer, ok := bearerToken(r); ok {
		release, ok := a.c.Enter()
		if !ok {
			return "", nil, errStopping
		}
		found, err = a.authorize(r.Context(), r.RemoteAddr, bearer)
		release()
		if err != nil {
			return "", nil, err
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if long, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return "", nil, refusal.HTTP(http.StatusRequestEntityTooLarge, "TOOLONG",
				"the request is longer than %d bytes", long.Limit)
		}
		return "", nil, refusal.Bad("the request was cut off")
	}
	release, ok := a.c.Enter()
	if !ok {
		return "", nil, errStopping
	}
	defer release()
	return a.run(r.Context(), r.RemoteAddr, found, body)
}

// bearerToken returns the token in the header of a request, if there is one.
func bearerToken(r *http.Request) (token string, ok bool) {
	scheme, bearer, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(bearer), ok && strings.EqualFold(scheme, "Bearer")
}

// HasToken reports whether a request has what looks like an application token in its header.
func HasToken(r *http.Request) bool {
	token, ok := bearerToken(r)
	return ok && accounts.LooksLikeAppToken(token)
}

// authorize returns an application token, and refuses one that is not valid.
func (a *API) authorize(ctx context.Context, remote, token string) (*accounts.AppToken, error) {
	found, err := accounts.FindAppToken(ctx, a.c.Record, token, a.c.Clock())
	if err == nil && found == nil {
		a.c.Logger.Info("access refused", slog.String("remote", remote), slog.String("path", Path))
		return nil, refusal.HTTP(http.StatusUnauthorized, "AUTHFAIL", "a valid application token is required")
	}
	return found, err
}

// run serves a request whose body is there. found is the token in its header, nil if it has none there.
func (a *API) run(
	ctx context.Context, remote string, found *accounts.AppToken, body []byte,
) (op string, reply replyFields, err error) {
	fields, problem := readFields(body)
	head, headErr := fields.head()
	if found == nil {
		if found, err = a.authorize(ctx, remote, strings.TrimSpace(head.Token)); err != nil {
			return "", nil, err
		}
	}
	switch {
	case !a.limit.Allow():
		return head.Op, nil, refusal.HTTP(http.StatusTooManyRequests, "RATELIMIT", "too many requests")
	case problem != nil:
		return head.Op, nil, problem
	case headErr != nil:
		return head.Op, nil, headErr
	}
	reply, err = a.perform(ctx, remote, found, head.Op, fields)
	return head.Op, reply, err
}

// perform carries out an operation with an application token that is valid.
func (a *API) perform(
	ctx context.Context, remote string, found *accounts.AppToken, op string, fields rawFields,
) (replyFields, error) {
	operation, ok := a.operations[op]
	switch {
	case !ok:
		return nil, refusal.HTTP(http.StatusBadRequest, "BADOP", "there is no such operation")
	case !found.May(operation.scope):
		return nil, refusal.HTTP(http.StatusForbidden, "DENIED",
			"the application token does not have the scope %q", operation.scope)
	}
	if operation.grows && !a.c.HasRoom() {
		return nil, refusal.ErrDiskFull
	}
	ctx = audit.With(ctx, audit.Actor{Name: "apptoken " + cmp.Or(found.Label, found.ID), Place: host(remote)})
	return operation.run(ctx, a, fields)
}

// host returns the address of a client without its port.
func host(remote string) string {
	if h, _, err := net.SplitHostPort(remote); err == nil {
		return h
	}
	return remote
}

// answer writes the reply or the error.
func (a *API) answer(w http.ResponseWriter, op string, reply replyFields, err error) {
	code := http.StatusOK
	if err != nil {
		refused := refusedBy(err)
		if refused == nil {
			level := slog.LevelError
			if errors.Is(err, context.Canceled) { // the client has given the request up
				level = slog.LevelDebug
			}
			a.c.Logger.Log(context.Background(), level, "backend", slog.String("op", op), slog.Any("error", err))
			refused = refusal.HTTP(http.StatusServiceUnavailable, "STORAGE", "the server cannot read or write its data")
		}
		a.c.Metrics.Refused("backend")
		code = refused.Status
		reply = replyFields{"error": refused.Name, "code": code, "cause": refused.Reason}
		if refused.After > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(refused.After.Round(time.Second)/time.Second)))
		}
	}
	if reply == nil {
		reply = replyFields{}
	}
	reply["op"], reply["result"] = op, err == nil
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store") // it may contain a token
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(reply); err != nil {
		a.c.Logger.Debug("backend", slog.Any("error", fmt.Errorf("answer: %w", err)))
	}
}
