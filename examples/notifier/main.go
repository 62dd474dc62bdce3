// Notifier is a part of an application's backend: when someone writes to a user who is not online, it tells the sender
// so.
//
// It shows the two interfaces of a Parley server for other servers (docs/openapi.yaml): the webhook, which posts a
// signed request for messages to users who are not connected, and the backend API, which sends a message in the name of
// a user.
//
//	openssl rand -hex 32 > build/webhook.secret
//	make server ARGS="--webhook http://127.0.0.1:8090/ --webhook-secret build/webhook.secret" # in another terminal
//	PARLEY_APP_TOKEN=$(build/parleyd apptoken new --data build/server) go run ./examples/notifier
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	sender  = "notifier" // the user in whose name notices are sent
	maxBody = 1 << 20
	timeout = 5 * time.Second // for one request to the backend API, and to end
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8090", "`address` to listen on for the webhook")
	backend := flag.String("backend", "http://127.0.0.1:8080/v1/backend", "`URL` of the backend API")
	secretFile := flag.String("secret", "build/webhook.secret", "`file` with the webhook's secret")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := start(ctx, *addr, *backend, *secretFile, os.Getenv("PARLEY_APP_TOKEN"))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "notifier:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context, addr, backend, secretFile, token string) error {
	secret, err := os.ReadFile(secretFile)
	if err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	signer, err := standardwebhooks.NewWebhookRaw(bytes.TrimSpace(secret))
	if err != nil {
		return err
	}
	n := newNotifier(backend, token, signer, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	return n.run(ctx, ln)
}

type notifier struct {
	backend, token string
	signer         *standardwebhooks.Webhook
	client         *http.Client
	log            *slog.Logger
}

func newNotifier(backend, token string, signer *standardwebhooks.Webhook, log *slog.Logger) *notifier {
	return &notifier{backend: backend, token: token, signer: signer, client: &http.Client{Timeout: timeout}, log: log}
}

// run serves the webhook until ctx ends.
func (n *notifier) run(ctx context.Context, ln net.Listener) error {
	if err := n.addSender(ctx); err != nil {
		return errors.Join(err, ln.Close())
	}
	srv := &http.Server{Handler: n, ReadTimeout: timeout}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	return srv.Shutdown(ctx)
}

// event is what the webhook says about one message.
type event struct {
	From string   `json:"from"`
	To   []string `json:"to"` // the recipients who are not connected
	GID  uint32   `json:"gid"`
	Time int64    `json:"time"` // ms since the Unix epoch
}

// ServeHTTP receives the webhook. An answer other than 2xx makes the server repeat the request a few times.
func (n *notifier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	if err := n.signer.Verify(body, r.Header); err != nil { // also when it is older than five minutes
		http.Error(w, "the signature is wrong", http.StatusUnauthorized)
		return
	}
	var hook struct {
		Events []event `json:"events"`
	}
	if err := json.Unmarshal(body, &hook); err != nil {
		http.Error(w, "the body is not JSON", http.StatusBadRequest)
		return
	}
	for _, e := range hook.Events {
		err := n.notify(r.Context(), e)
		var refused *refusal
		if err != nil {
			n.log.Error("cannot notify", slog.String("user", e.From), slog.Any("error", err))
		}
		if err != nil && !errors.As(err, &refused) {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
	}
}

// notify tells the sender of a message that its recipient is away, at most once an hour: the server does nothing when
// the same key comes again, neither for the next message nor for a repeated request.
func (n *notifier) notify(ctx context.Context, e event) error {
	if e.From == sender || e.GID != 0 || len(e.To) == 0 { // in a group, someone is always away
		return nil
	}
	hour := time.UnixMilli(e.Time).UTC().Format("2006-01-02T15")
	return n.call(ctx, map[string]any{
		"op": "message", "from": sender, "to": e.From, "key": "away " + e.From + " " + e.To[0] + " " + hour,
		"msg": e.To[0] + " is not online and will receive your message later.",
	})
}

// addSender makes sure that the user exists in whose name notices are sent. The access token that comes with it is not
// used.
func (n *notifier) addSender(ctx context.Context) error {
	return n.call(ctx, map[string]any{"op": "useradd", "addr": sender, "name": "Notifier", "expiry": 1})
}

// refusal is the backend API's no to a request that would be refused again.
type refusal struct{ op, word, cause string }

func (e *refusal) Error() string { return fmt.Sprintf("%s: %s (%s)", e.op, e.cause, e.word) }

// call carries out one operation of the backend API.
func (n *notifier) call(ctx context.Context, op map[string]any) error {
	body, err := json.Marshal(op)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.backend, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+n.token)
	resp, err := n.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var reply struct {
		Op           string
		Result       bool
		Error, Cause string
	}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
		return fmt.Errorf("answer of the backend API (%s): %w", resp.Status, err)
	}
	switch {
	case reply.Result:
		return nil
	case resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("%s: %s (%s)", reply.Op, reply.Cause, reply.Error)
	default:
		return &refusal{reply.Op, reply.Error, reply.Cause}
	}
}
