package gateway

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/parley-chat/parley/internal/wire"
)

// traces are the spans of a connection's requests, each from its frame to its written response. A nil *traces does
// nothing.
type traces struct {
	tracer trace.Tracer

	mu   sync.Mutex
	open map[uint64]trace.Span // by the id of the request
}

// newTraces returns nil without a tracer.
func newTraces(tracer trace.Tracer) *traces {
	if tracer == nil {
		return nil
	}
	return &traces{tracer: tracer, open: make(map[uint64]trace.Span)}
}

// start starts the span of a request of a user.
func (t *traces) start(req *wire.Request, user uint32) {
	if t == nil {
		return
	}
	name, _ := operation(req)
	if name == "" {
		name = "unknown"
	}
	_, span := t.tracer.Start(context.Background(), string(name),
		trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.Int64("parley.user", int64(user))))
	t.mu.Lock()
	before := t.open[req.GetId()]
	t.open[req.GetId()] = span
	t.mu.Unlock()
	if before != nil { // the client has used the id twice
		before.End()
	}
}

// end ends the span of a request whose response was written.
func (t *traces) end(r *wire.Response) {
	if t == nil {
		return
	}
	t.mu.Lock()
	span := t.open[r.GetId()]
	delete(t.open, r.GetId())
	t.mu.Unlock()
	if span == nil {
		return
	}
	if r.GetResult() != wire.ResultOK {
		span.SetStatus(codes.Error, r.GetReason())
		span.SetAttributes(attribute.Int64("parley.result", int64(r.GetResult())))
	}
	span.End()
}

// abandon ends the spans of the requests that get no response.
func (t *traces) abandon() {
	if t == nil {
		return
	}
	t.mu.Lock()
	open := t.open
	t.open = make(map[uint64]trace.Span)
	t.mu.Unlock()
	for _, span := range open {
		span.SetStatus(codes.Error, "the connection ended")
		span.End()
	}
}
