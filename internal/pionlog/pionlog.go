// Package pionlog hands what the pion libraries log to log/slog.
package pionlog

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// Factory makes loggers of the libraries that write to Logger. What they call warnings and errors happens in ordinary
// calls, and has addresses in it, so it is logged for debugging alone.
type Factory struct{ Logger *slog.Logger }

// NewLogger implements logging.LoggerFactory.
func (f Factory) NewLogger(scope string) logging.LeveledLogger { //nolint:ireturn // the interface wants it
	return scoped{f.Logger, scope}
}

// scoped implements logging.LeveledLogger.
type scoped struct {
	logger *slog.Logger
	scope  string
}

func (s scoped) log(level slog.Level, format string, args ...any) {
	ctx := context.Background()
	if !s.logger.Enabled(ctx, level) {
		return
	}
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	s.logger.LogAttrs(ctx, level, "media transport", slog.String("scope", s.scope), slog.String("text", text))
}

// levelTrace is below debug: each packet.
const levelTrace = slog.LevelDebug - 4

func (s scoped) Trace(msg string)                  { s.log(levelTrace, "%s", msg) }
func (s scoped) Tracef(format string, args ...any) { s.log(levelTrace, format, args...) }
func (s scoped) Debug(msg string)                  { s.log(levelTrace, "%s", msg) }
func (s scoped) Debugf(format string, args ...any) { s.log(levelTrace, format, args...) }
func (s scoped) Info(msg string)                   { s.log(slog.LevelDebug, "%s", msg) }
func (s scoped) Infof(format string, args ...any)  { s.log(slog.LevelDebug, format, args...) }
func (s scoped) Warn(msg string)                   { s.log(slog.LevelDebug, "%s", msg) }
func (s scoped) Warnf(format string, args ...any)  { s.log(slog.LevelDebug, format, args...) }
func (s scoped) Error(msg string)                  { s.log(slog.LevelDebug, "%s", msg) }
func (s scoped) Errorf(format string, args ...any) { s.log(slog.LevelDebug, format, args...) }
