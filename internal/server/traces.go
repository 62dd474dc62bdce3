package server

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/server/metrics"
	"github.com/parley-chat/parley/internal/wire"
)

// tracerName is the scope of the spans of commits.
const tracerName = "github.com/parley-chat/parley/internal/server"

func (s *Server) traceOptions() []otelhttp.Option {
	return []otelhttp.Option{
		otelhttp.WithTracerProvider(s.opts.Traces), otelhttp.WithPropagators(propagation.TraceContext{}),
	}
}

// traced returns a handler with a span for each HTTP request. A connection has none: it lasts for days, and its requests
// have their own. Only an application's backend can continue a trace: users must not choose what is recorded.
func (s *Server) traced(h http.Handler) http.Handler {
	if s.opts.Traces == nil {
		return h
	}
	return otelhttp.NewHandler(h, "http", append(s.traceOptions(),
		otelhttp.WithFilter(func(r *http.Request) bool { return r.URL.Path != wire.ConnectPath }),
		otelhttp.WithPublicEndpointFn(func(r *http.Request) bool { return r.URL.Path != admin.Path }),
	)...)
}

// webhookTransport returns nil without Options.Traces.
func (s *Server) webhookTransport() http.RoundTripper {
	if s.opts.Traces == nil {
		return nil
	}
	return otelhttp.NewTransport(http.DefaultTransport, s.traceOptions()...)
}

// commitTraces are the metrics of the log, and make a span for each commit.
type commitTraces struct {
	*metrics.Metrics
	tracer trace.Tracer
	clock  func() time.Time
}

// Committed implements eventlog.Metrics.
func (c *commitTraces) Committed(changes int, took time.Duration) {
	c.Metrics.Committed(changes, took)
	end := c.clock()
	_, span := c.tracer.Start(context.Background(), "commit", trace.WithTimestamp(end.Add(-took)),
		trace.WithAttributes(attribute.Int("parley.changes", changes)))
	span.End(trace.WithTimestamp(end))
}
