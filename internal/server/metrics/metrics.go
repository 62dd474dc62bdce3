// Package metrics has the Prometheus metrics of the server. Other packages use it through small interfaces.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/parley-chat/parley/internal/wire"
)

// Metrics holds all metrics of a server. Its methods may be called from any goroutine.
type Metrics struct {
	registry    *prometheus.Registry
	connections prometheus.Gauge
	messages    *prometheus.CounterVec
	calls       *prometheus.CounterVec
	pushed      prometheus.Counter
	logReads    prometheus.Counter
	batch       prometheus.Histogram
	seconds     prometheus.Histogram
	refusals    *prometheus.CounterVec
	hooks       *prometheus.CounterVec
	files       *prometheus.CounterVec
	bytes       *prometheus.CounterVec
	relayed     prometheus.Counter
}

// New returns metrics with the value 0.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "parley_connections", Help: "Connections that have a valid token.",
		}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_messages_total", Help: "Messages answered, by status.",
		}, []string{"status"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_calls_total", Help: "Calls that have ended, by status.",
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
			Name: "parley_commit_seconds", Help: "Duration of one commit.",
			Buckets: prometheus.ExponentialBuckets(0.000125, 2, 15),
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
		relayed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_relay_bytes_total", Help: "Bytes of calls that were relayed.",
		}),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.connections, m.messages, m.calls, m.pushed, m.logReads, m.batch, m.seconds, m.refusals,
		m.hooks, m.files, m.bytes, m.relayed)
	return m
}

// Handler serves the metrics in the format of Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Refused counts a refusal, by reason.
func (m *Metrics) Refused(reason string) { m.refusals.WithLabelValues(reason).Inc() }

// File counts a file, by outcome.
func (m *Metrics) File(outcome string) { m.files.WithLabelValues(outcome).Inc() }

// FileBytes counts transferred bytes of files. direction is in or out.
func (m *Metrics) FileBytes(direction string, n int) {
	m.bytes.WithLabelValues(direction).Add(float64(n))
}

// ObserveTransfers sets the function that counts the running transfers.
func (m *Metrics) ObserveTransfers(count func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "parley_transfers", Help: "Uploads and downloads that are running.",
	}, func() float64 { return float64(count()) }))
}

// ObserveRelays sets the function that counts the devices whose calls are relayed.
func (m *Metrics) ObserveRelays(count func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "parley_relays", Help: "Devices whose calls are relayed.",
	}, func() float64 { return float64(count()) }))
}

// RelayBytes counts relayed bytes of calls.
func (m *Metrics) RelayBytes(n int) { m.relayed.Add(float64(n)) }

// Committed counts a commit of some changes.
func (m *Metrics) Committed(changes int, took time.Duration) {
	m.batch.Observe(float64(changes))
	m.seconds.Observe(took.Seconds())
}

// Message counts a message answered with a status.
func (m *Metrics) Message(status uint32) {
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
	case wire.StatusNotAccepted:
		name = "not_accepted"
	case wire.StatusNotMember:
		name = "not_member"
	}
	m.messages.WithLabelValues(name).Inc()
}

// Call counts a call that has ended with a status.
func (m *Metrics) Call(status uint32) {
	name := "other"
	switch status {
	case wire.CallComplete:
		name = "complete"
	case wire.CallCancel:
		name = "cancel"
	case wire.CallNoAnswer:
		name = "no_answer"
	case wire.CallBusy:
		name = "busy"
	}
	m.calls.WithLabelValues(name).Inc()
}

// Connections adds to the number of connections.
func (m *Metrics) Connections(change int) { m.connections.Add(float64(change)) }

// Pushed counts events sent to devices.
func (m *Metrics) Pushed(events int) { m.pushed.Add(float64(events)) }

// LogRead counts a read of the log for events that were not in memory.
func (m *Metrics) LogRead() { m.logReads.Inc() }

// Hook counts messages for the webhook, by outcome.
func (m *Metrics) Hook(outcome string, messages int) {
	m.hooks.WithLabelValues(outcome).Add(float64(messages))
}
