package server

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/parley-chat/parley/internal/wire"
)

// metrics is what /metrics shows.
type metrics struct {
	registry    *prometheus.Registry
	connections prometheus.Gauge
	messages    *prometheus.CounterVec
	pushed      prometheus.Counter
	logReads    prometheus.Counter
	batch       prometheus.Histogram
	seconds     prometheus.Histogram
	refusals    *prometheus.CounterVec
	hooks       *prometheus.CounterVec
	files       *prometheus.CounterVec
	bytes       *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "parley_connections", Help: "Connections that have a valid token.",
		}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_messages_total", Help: "Messages answered, by status.",
		}, []string{"status"}),
		pushed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_events_pushed_total", Help: "Events sent to devices.",
		}),
		logReads: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_log_reads_total", Help: "Reads of the log because memory did not have what was to be sent.",
		}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_commit_batch_size", Help: "Changes in one commit.", Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_commit_seconds", Help: "Duration of one commit.", Buckets: prometheus.ExponentialBuckets(0.000125, 2, 15),
		}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_refusals_total", Help: "What was refused, by reason.",
		}, []string{"reason"}),
		hooks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_webhook_events_total", Help: "Messages for the webhook, by what became of them.",
		}, []string{"outcome"}),
		files: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_files_total", Help: "Files, by what became of them.",
		}, []string{"outcome"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_file_bytes_total", Help: "Bytes of files, by direction.",
		}, []string{"direction"}),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.connections, m.messages, m.pushed, m.logReads, m.batch, m.seconds, m.refusals, m.hooks,
		m.files, m.bytes)
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) refused(reason string) { m.refusals.WithLabelValues(reason).Inc() }

func (m *metrics) file(outcome string) { m.files.WithLabelValues(outcome).Inc() }

func (m *metrics) fileBytes(direction string, n int) {
	m.bytes.WithLabelValues(direction).Add(float64(n))
}

// observeTransfers makes the number of running transfers known.
func (m *metrics) observeTransfers(count func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "parley_transfers", Help: "Uploads and downloads that are running.",
	}, func() float64 { return float64(count()) }))
}

func (m *metrics) committed(changes int, took time.Duration) {
	m.batch.Observe(float64(changes))
	m.seconds.Observe(took.Seconds())
}

func (m *metrics) message(status uint32) {
	name := "other"
	switch status {
	case wire.StatusSent:
		name = "sent"
	case wire.StatusUserOffline:
		name = "user_offline"
	case wire.StatusInboxFull:
		name = "inbox_full"
	case wire.StatusInvalidDest:
		name = "invalid_dest"
	case wire.StatusBlocked:
		name = "blocked"
	case wire.StatusGroupPaused:
		name = "group_paused"
	case wire.StatusNotMember:
		name = "not_member"
	}
	m.messages.WithLabelValues(name).Inc()
}
