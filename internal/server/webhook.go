package server

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

// What the webhook sends.
const (
	hookQueue    = 10_000 // messages that wait; more are not told of
	hookBatch    = 100    // messages in one request
	hookAttempts = 6
	hookTimeout  = 10 * time.Second
	hookBackoff  = 500 * time.Millisecond // doubled after each attempt

	// SignatureHeader holds "sha256=" and the HMAC-SHA256 of the body with the webhook's secret, in hexadecimal.
	SignatureHeader = "X-Parley-Signature"
)

// hookEvent tells the application's backend of a message to users who were not connected, without what it says.
type hookEvent struct {
	Type    string   `json:"type"` // message
	From    string   `json:"from"`
	To      []string `json:"to"`
	GID     uint32   `json:"gid,omitempty"`
	MID     string   `json:"mid"`
	Kind    uint32   `json:"kind"` // the application's type of message
	Time    int64    `json:"time"`
	Expires int64    `json:"expires"`
}

// webhook tells the application's backend of messages. Nothing waits for it: what it cannot take is dropped and counted.
type webhook struct {
	url     string // immutable, like all
	secret  []byte
	backoff time.Duration
	client  *http.Client
	log     *slog.Logger
	metrics *metrics
	queue   chan hookEvent
}

func newWebhook(opts *Options, m *metrics) *webhook {
	if opts.WebhookURL == "" {
		return nil
	}
	return &webhook{
		url: opts.WebhookURL, secret: []byte(opts.WebhookSecret), backoff: hookBackoff, log: opts.Logger, metrics: m,
		queue: make(chan hookEvent, hookQueue),
		client: &http.Client{Timeout: hookTimeout, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
	}
}

// offer never waits.
func (h *webhook) offer(events []hookEvent) {
	for _, e := range events {
		select {
		case h.queue <- e:
		default:
			h.metrics.hooks.WithLabelValues("dropped").Inc()
		}
	}
}

// run works until ctx ends.
func (h *webhook) run(ctx context.Context) {
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

func (h *webhook) gather(first hookEvent) []hookEvent {
	events := []hookEvent{first}
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

// deliver tries again for a while, longer each time.
func (h *webhook) deliver(ctx context.Context, events []hookEvent) {
	body, err := json.Marshal(map[string]any{"events": events})
	wait := h.backoff
	for attempt := 1; err == nil; attempt++ {
		if err = h.post(ctx, body); err == nil {
			h.metrics.hooks.WithLabelValues("delivered").Add(float64(len(events)))
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
	h.metrics.hooks.WithLabelValues("failed").Add(float64(len(events)))
}

func (h *webhook) post(ctx context.Context, body []byte) error {
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

// hook notes a stored message for the webhook, if one of its recipients is not connected.
func (b *batch) hook(m *wire.Message, to []party) {
	if b.w.hook == nil {
		return
	}
	var away []string
	for _, p := range to {
		if !b.w.hub.online(p.uid) {
			away = append(away, p.address)
		}
	}
	if len(away) == 0 {
		return
	}
	b.hooks = append(b.hooks, hookEvent{
		Type: "message", From: m.GetFrom(), To: away, GID: m.GetGroupId(), MID: strconv.FormatUint(m.GetId(), 10),
		Kind: m.GetType(), Time: int64(m.GetTime()), Expires: int64(m.GetExpires()),
	})
}
