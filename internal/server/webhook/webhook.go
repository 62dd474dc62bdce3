// Package webhook posts events about messages to unconnected users, without their content, to an application's backend.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// Limits of the queue and the requests.
const (
	hookQueue    = 10_000 // queued messages; further ones are dropped
	hookBatch    = 100    // messages in one request
	hookAttempts = 6
	hookTimeout  = 10 * time.Second
	hookBackoff  = 500 * time.Millisecond // doubled after each attempt

	// SignatureHeader holds "sha256=" and the HMAC-SHA256 of the body with the webhook's secret, in hexadecimal.
	SignatureHeader = "X-Parley-Signature"
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
	secret  []byte
	backoff time.Duration
	client  *http.Client
	log     *slog.Logger
	metrics Metrics
	queue   chan event
}

// New returns a webhook that posts to a URL and signs with a secret. The caller must start Run.
func New(url, secret string, log *slog.Logger, m Metrics) *Webhook {
	return &Webhook{
		url: url, secret: []byte(secret), backoff: hookBackoff, log: log, metrics: m,
		queue: make(chan event, hookQueue),
		client: &http.Client{Timeout: hookTimeout, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
	}
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
	wait := h.backoff
	for attempt := 1; err == nil; attempt++ {
		if err = h.post(ctx, body); err == nil {
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

func (h *Webhook) post(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	mac := hmac.New(sha256.New, h.secret)
	mac.Write(body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(SignatureHeader, "sha256="+hex.EncodeToString(mac.Sum(nil)))
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
