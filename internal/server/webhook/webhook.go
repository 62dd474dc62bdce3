// Package webhook posts events about messages to unconnected users, without their content, to an application's backend.
// Requests are signed as https://www.standardwebhooks.com describes: the signature covers the time and an id that stays
// the same when a request is repeated, so that a receiver can refuse what is old or came before.
package webhook

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/parley-chat/parley/internal/wire"
)

// Limits of the queue and the requests.
const (
	hookQueue    = 10_000 // queued messages; further ones are dropped
	hookBatch    = 100    // messages in one request
	hookAttempts = 6
	hookTimeout  = 10 * time.Second
	hookBackoff  = 500 * time.Millisecond // doubled after each attempt
	hookWorkers  = 4                      // requests at a time: one that is not answered holds up a part of the queue
)

// event is a message to unconnected users, without its content.
type event struct {
	Type    string   `json:"type"` // message
	From    string   `json:"from"`
	To      []string `json:"to"`
	GID     uint32   `json:"gid,omitempty"`
	MID     string   `json:"mid"`
	Kind    uint32   `json:"kind"` // the application's type of message
	Time    int64    `json:"time"`
	Expires int64    `json:"expires"`
}

// Metrics counts messages by outcome: delivered, failed or dropped.
type Metrics interface {
	Hook(outcome string, messages int)
}

// Webhook posts to the application's backend. It never blocks the server: excess messages are dropped and counted.
type Webhook struct {
	url     string // immutable, like all
	signer  *standardwebhooks.Webhook
	backoff time.Duration
	client  *http.Client
	log     *slog.Logger
	metrics Metrics
	queue   chan event
}

// SetTransport sets what carries the requests, before Run. Default, and with nil: http.DefaultTransport.
func (h *Webhook) SetTransport(t http.RoundTripper) { h.client.Transport = t }

// New returns a webhook that posts to a URL and signs with a secret, of which "whsec_" and base64 are decoded. The caller
// must start Run.
func New(url, secret string, log *slog.Logger, m Metrics) (*Webhook, error) {
	signer, err := newSigner(secret)
	if err != nil {
		return nil, fmt.Errorf("secret of the webhook: %w", err)
	}
	return &Webhook{
		url: url, signer: signer, backoff: hookBackoff, log: log, metrics: m,
		queue: make(chan event, hookQueue),
		client: &http.Client{Timeout: hookTimeout, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
	}, nil
}

func newSigner(secret string) (*standardwebhooks.Webhook, error) {
	if strings.HasPrefix(secret, "whsec_") {
		return standardwebhooks.NewWebhook(secret) //nolint:wrapcheck // New wraps it
	}
	return standardwebhooks.NewWebhookRaw([]byte(secret)) //nolint:wrapcheck // New wraps it
}

// Offer queues a message. It does not block: if the queue is full, the message is dropped and counted.
func (h *Webhook) Offer(m *wire.Message, away []string) {
	e := event{
		Type: "message", From: m.GetFrom(), To: away, GID: m.GetGroupId(), MID: strconv.FormatUint(m.GetId(), 10),
		Kind: m.GetType(), Time: int64(m.GetTime()), Expires: int64(m.GetExpires()),
	}
	select {
	case h.queue <- e:
	default:
		h.metrics.Hook("dropped", 1)
	}
}

// Run posts queued messages until ctx ends.
func (h *Webhook) Run(ctx context.Context) {
	defer h.client.CloseIdleConnections()
	var workers sync.WaitGroup
	for range hookWorkers {
		workers.Go(func() { h.work(ctx) })
	}
	workers.Wait()
}

func (h *Webhook) work(ctx context.Context) {
	for {
		select {
		case e := <-h.queue:
			h.deliver(ctx, h.gather(e))
		case <-ctx.Done():
			return
		}
	}
}

func (h *Webhook) gather(first event) []event {
	events := []event{first}
	for len(events) < hookBatch {
		select {
		case e := <-h.queue:
			events = append(events, e)
		default:
			return events
		}
	}
	return events
}

// deliver posts events, with a limited number of retries and increasing delays.
func (h *Webhook) deliver(ctx context.Context, events []event) {
	body, err := json.Marshal(map[string]any{"events": events})
	id, wait := "msg_"+rand.Text(), h.backoff
	for attempt := 1; err == nil; attempt++ {
		if err = h.post(ctx, id, body); err == nil {
			h.metrics.Hook("delivered", len(events))
			return
		}
		if attempt == hookAttempts {
			break
		}
		h.log.Debug("webhook", slog.Int("attempt", attempt), slog.Any("error", err))
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
			err = nil
		case <-ctx.Done():
			timer.Stop()
		}
		wait *= 2
	}
	h.log.Warn("webhook", slog.Int("events", len(events)), slog.Any("error", err))
	h.metrics.Hook("failed", len(events))
}

func (h *Webhook) post(ctx context.Context, id string, body []byte) error {
	now := time.Now() //nolint:forbidigo // a receiver compares it with its own clock
	signature, err := h.signer.Sign(id, now, body)
	if err != nil {
		return fmt.Errorf("webhook: sign: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	res, err := h.client.Do(req)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	_ = res.Body.Close()
	if res.StatusCode < http.StatusOK || res.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("webhook: the answer is %s", res.Status)
	}
	return nil
}
