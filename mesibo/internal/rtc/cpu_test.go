//go:build unix

package rtc

import (
	"syscall"
	"testing"
	"time"
)

// BenchmarkCall reports the processor time of one side of a call with video in 640x480, as a share of a core: with
// codecs, and with those of tests, which cost next to nothing, for comparison.
func BenchmarkCall(b *testing.B) {
	for name, setups := range map[string][]setup{
		"transport alone": {withVideo}, "Opus and VP8": {withVideo, withOpus, withVPX},
	} {
		b.Run(name, func(b *testing.B) {
			if !hasOpus(b) || !hasVPX(b) {
				return
			}
			caller, callee := pair(b, setups...)
			for _, s := range []*side{caller, callee} {
				s.SetVideoSink(s.set.Screen, true)
			}
			connect(b, caller, callee)
			check(b, caller.set.Screen.Await(within(b, 5*time.Second), 30))
			begin, used := time.Now(), cpu(b)
			for b.Loop() {
				<-within(b, time.Second).Done()
			}
			b.ReportMetric(100*(cpu(b)-used).Seconds()/time.Since(begin).Seconds()/2, "%core/side")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	check(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
