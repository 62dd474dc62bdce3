package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"

	"github.com/parley-chat/parley/internal/wire"
)

// BackendPath is the path of the backend API below the server's URL. docs/openapi.yaml describes it.
const BackendPath = "/v1/backend"

// maxBackendBody is the longest request in bytes.
const maxBackendBody = 1 << 20

// backendReply is what an operation answers with; op and result stand in front of it.
type backendReply map[string]any

// backendOp is one operation.
type backendOp func(s *Server, ctx context.Context, fields rawFields) (backendReply, error)

// backendOps are the operations by their names.
func backendOps() map[string]backendOp {
	return map[string]backendOp{
		"useradd":          operation((*Server).backendUserAdd),
		"userset":          operation((*Server).backendUserSet),
		"userdel":          operation((*Server).backendUserDel),
		"usersget":         operation((*Server).backendUsersGet),
		"usertoken":        operation((*Server).backendUserToken),
		"tokendel":         operation((*Server).backendTokenDel),
		"groupadd":         operation((*Server).backendGroupAdd),
		"groupset":         operation((*Server).backendGroupSet),
		"groupdel":         operation((*Server).backendGroupDel),
		"groupeditmembers": operation((*Server).backendGroupEditMembers),
		"groupgetmembers":  operation((*Server).backendGroupGetMembers),
		"message":          operation((*Server).backendMessage),
	}
}

// backendHead is what every request has.
type backendHead struct {
	Op    string `json:"op"`
	Token string `json:"token"`
}

// operation makes an operation of a function that takes the decoded request. Fields that it does not know are refused,
// so that a misspelt one is not taken for one that is left out.
func operation[T any](f func(*Server, context.Context, *T) (backendReply, error)) backendOp {
	places := requestFields(reflect.TypeFor[T]())
	return func(s *Server, ctx context.Context, fields rawFields) (backendReply, error) {
		var req T
		if err := fields.decodeRequest(places, &req); err != nil {
			return nil, err
		}
		return f(s, ctx, &req)
	}
}

// backendError is a refusal.
type backendError struct {
	code  int    // HTTP status
	name  string // for programs
	cause string // for people
}

func (e *backendError) Error() string { return e.cause }

func badRequest(format string, args ...any) error {
	return &backendError{http.StatusBadRequest, "BADREQ", fmt.Sprintf(format, args...)}
}

// refusedBy turns the error of an operation into a refusal; nil when it is the server's own failure.
func refusedBy(err error) *backendError {
	if e, ok := errors.AsType[*backendError](err); ok {
		return e
	}
	switch {
	case errors.Is(err, ErrNoUser):
		return &backendError{http.StatusNotFound, "NOSUCHUSER", "there is no such user"}
	case errors.Is(err, ErrNoToken):
		return &backendError{http.StatusNotFound, "NOSUCHTOKEN", "there is no such token"}
	case errors.Is(err, ErrNoURL):
		return &backendError{http.StatusServiceUnavailable, "NOURL", "the server does not know the URL that tokens have to name"}
	}
	return nil
}

// serveBackend serves the backend API.
func (s *Server) serveBackend(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		s.answerBackend(w, "", nil, &backendError{http.StatusMethodNotAllowed, "BADMETHOD", "the method has to be POST"})
		return
	}
	// Counted like a connection, so that the server does not stop under it.
	release, ok := s.enter()
	if !ok {
		s.answerBackend(w, "", nil, &backendError{http.StatusServiceUnavailable, "SHUTDOWN", "the server is shutting down"})
		return
	}
	defer release()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBackendBody))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			err = &backendError{http.StatusRequestEntityTooLarge, "TOOLONG", fmt.Sprintf("the request is longer than %d bytes", maxBackendBody)}
		} else {
			err = badRequest("the request was cut off")
		}
		s.answerBackend(w, "", nil, err)
		return
	}
	op, reply, err := s.runBackend(r.Context(), r.Header.Get("Authorization"), body)
	s.answerBackend(w, op, reply, err)
}

func (s *Server) runBackend(ctx context.Context, authorization string, body []byte) (op string, reply backendReply, err error) {
	fields, problem := readFields(body)
	head, headErr := fields.head()
	token := head.Token
	if scheme, bearer, ok := strings.Cut(authorization, " "); ok && strings.EqualFold(scheme, "Bearer") {
		token = bearer
	}
	valid, err := validAppToken(s.reader.WithContext(ctx), strings.TrimSpace(token))
	switch {
	case err != nil:
		return "", nil, err
	case !valid:
		return "", nil, &backendError{http.StatusUnauthorized, "AUTHFAIL", "a valid application token is needed"}
	case !s.backendLimit.Allow():
		return head.Op, nil, &backendError{http.StatusTooManyRequests, "RATELIMIT", "too many requests"}
	case problem != nil:
		return head.Op, nil, problem
	case headErr != nil:
		return head.Op, nil, headErr
	}
	run, ok := s.backend[head.Op]
	if !ok {
		return head.Op, nil, &backendError{http.StatusBadRequest, "BADOP", "there is no such operation"}
	}
	reply, err = run(s, ctx, fields)
	return head.Op, reply, err
}

// answerBackend writes the reply, or why there is none.
func (s *Server) answerBackend(w http.ResponseWriter, op string, reply backendReply, err error) {
	code := http.StatusOK
	if err != nil {
		refused := refusedBy(err)
		if refused == nil {
			s.log.Error("backend", slog.String("op", op), slog.Any("error", err))
			refused = &backendError{http.StatusServiceUnavailable, "STORAGE", "the server cannot read or write its data"}
		}
		s.metrics.refused("backend")
		code = refused.code
		reply = backendReply{"error": refused.name, "code": code, "cause": refused.cause}
	}
	if reply == nil {
		reply = backendReply{}
	}
	reply["op"], reply["result"] = op, err == nil
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store") // it may hold a token
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(reply); err != nil {
		s.log.Debug("backend", slog.Any("error", fmt.Errorf("answer: %w", err)))
	}
}

// commit takes a change of the backend's through the writer; start is given what has to be called when it is done.
func (s *Server) commit(start func(done func(error)) change) error {
	result := make(chan error, 1)
	if err := s.writer.submit(start(func(err error) { result <- err })); err != nil {
		return err
	}
	return <-result
}

// resultError turns a refusal of the writer's into one of the backend API's.
func resultError(result, groupError uint32, reason string) error {
	switch {
	case result == wire.ResultOK:
		return nil
	case groupError == wire.GroupErrorDeleted || result == wire.ResultNoSuchUser:
		return &backendError{http.StatusNotFound, "NOSUCHGROUP", reason}
	case result == wire.ResultOverCapacity:
		return &backendError{http.StatusConflict, "OVERCAPACITY", reason}
	default:
		return badRequest("%s", reason)
	}
}
