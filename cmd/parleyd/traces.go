package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// traceFlushTime is how long the last spans may take to be sent when the server ends.
const traceFlushTime = 3 * time.Second

// traces sends spans to an OpenTelemetry collector.
type traces struct {
	provider trace.TracerProvider // nil: without a collector
	stop     func()               // sends the rest
}

// openTraces returns what sends spans to a collector, if its URL is not empty, by OTLP over HTTP, in the background; it
// drops spans while the collector does not take them. OTEL_TRACES_SAMPLER and the other variables of the OpenTelemetry SDK
// hold.
func openTraces(ctx context.Context, collector string, log *slog.Logger) (*traces, error) {
	if collector == "" {
		return &traces{stop: func() {}}, nil
	}
	u, err := url.Parse(collector)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("--traces: %q is not an http or https URL", collector)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	to, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.String()))
	if err != nil {
		return nil, fmt.Errorf("--traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", "parleyd"), attribute.String("service.version", version())),
		resource.WithFromEnv(), resource.WithHost())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, fmt.Errorf("--traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces", slog.Any("error", err)) }))
	spans := sdk.NewTracerProvider(sdk.WithBatcher(to), sdk.WithResource(about))
	return &traces{provider: spans, stop: func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), traceFlushTime)
		defer cancel()
		if err := spans.Shutdown(ctx); err != nil {
			log.Warn("the last traces were not sent", slog.Any("error", err))
		}
	}}, nil
}
