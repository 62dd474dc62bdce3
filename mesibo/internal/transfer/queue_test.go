package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

// advance lets time pass inside a bubble.
func advance(d time.Duration) { <-time.After(d) }

// diary notes what jobs do.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// take returns what was noted since the last time.
func (d *diary) take() string {
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	all := strings.Join(d.lines, " ")
	d.lines = nil
	return all
}

// job makes a job that takes a minute.
func (d *diary) job(key string, way transfer.Way) *transfer.Job {
	return &transfer.Job{
		Way: way, Key: key,
		Run: func(ctx context.Context) error {
			d.note("+%s", key)
			select {
			case <-time.After(time.Minute):
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		},
		End: func(err error) { d.note("-%s:%v", key, err) },
	}
}

func TestQueue_order(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, d := transfer.NewQueue(1, 2), &diary{}
		for _, key := range []string{"a", "b", "c"} {
			q.Add(d.job(key, transfer.Up), false)
		}
		late := d.job("d", transfer.Up)
		q.Add(late, false)
		q.Add(d.job("U", transfer.Up), true)
		q.Add(d.job("V", transfer.Up), true)
		for _, key := range []string{"x", "y", "z"} {
			q.Add(d.job(key, transfer.Down), false)
		}
		got := strings.Fields(d.take())
		slices.Sort(got)
		if want := []string{"+a", "+x", "+y"}; !slices.Equal(got, want) {
			t.Errorf("at first %v, want %v", got, want)
		}
		q.Raise(late)
		advance(time.Minute)
		got = strings.Fields(d.take())
		slices.Sort(got)
		if want := []string{"+U", "+z", "-a:<nil>", "-x:<nil>", "-y:<nil>"}; !slices.Equal(got, want) {
			t.Errorf("after a minute %v, want %v", got, want)
		}
		for _, want := range []string{"-U:<nil> +V", "-V:<nil> +d", "-d:<nil> +b", "-b:<nil> +c", "-c:<nil>"} {
			advance(time.Minute)
			got := strings.ReplaceAll(strings.ReplaceAll(d.take(), "-z:<nil> ", ""), " -z:<nil>", "")
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		q.Close()
	})
}

func TestQueue_same_key(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, d := transfer.NewQueue(3, 3), &diary{}
		first := d.job("a", transfer.Down)
		q.Add(first, false)
		q.Add(d.job("a", transfer.Down), false)
		if got := d.take(); got != "+a" {
			t.Errorf("got %s, want one at a time", got)
		}
		q.Remove(first) // stopped and started again
		if got := d.take(); got != "+a" {
			t.Errorf("got %s, want the second, and no end of the first", got)
		}
		q.Close()
		if got := d.take(); !strings.HasPrefix(got, "-a:") || !strings.Contains(got, transfer.ErrLater.Error()) {
			t.Errorf("at the end %q", got)
		}
		if q.Add(first, false) {
			t.Error("a closed queue took a job")
		}
	})
}

func TestQueue_later(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, d := transfer.NewQueue(1, 1), &diary{}
		stuck := d.job("stuck", transfer.Up)
		stuck.Run = func(context.Context) error { d.note("+stuck"); return fmt.Errorf("%w: no", transfer.ErrLater) }
		q.Add(stuck, false)
		q.Add(d.job("b", transfer.Up), false)
		if got := d.take(); got != "+stuck +b" {
			t.Errorf("got %s, want the next at once", got)
		}
		advance(61 * time.Second)
		if got := d.take(); got != "-b:<nil> +stuck" {
			t.Errorf("got %s, want it again", got)
		}
		q.SetOnline(true)
		if got := d.take(); got != "+stuck" {
			t.Errorf("got %q, want it at once when the connection is there", got)
		}
		advance(time.Hour)
		if n := len(strings.Fields(d.take())); n < 10 || n > 16 {
			t.Errorf("%d times in an hour", n)
		}
		q.Raise(stuck)
		if got := d.take(); got != "+stuck" {
			t.Errorf("got %q, want it at once when somebody asks", got)
		}
		q.Close()
		if got := d.take(); !strings.HasPrefix(got, "-stuck:") {
			t.Errorf("at the end %q", got)
		}
	})
}

func TestQueue_online(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, d := transfer.NewQueue(1, 1), &diary{}
		j := d.job("a", transfer.Up)
		j.Run = func(ctx context.Context) error {
			if err := q.Online(ctx); err != nil {
				return err
			}
			d.note("online")
			<-q.Woken()
			d.note("woken")
			return q.Online(ctx)
		}
		q.Add(j, false)
		if got := d.take(); got != "" {
			t.Errorf("offline: %s", got)
		}
		q.SetOnline(true)
		if got := d.take(); got != "online" {
			t.Errorf("online: %s", got)
		}
		q.SetOnline(false)
		if got := d.take(); got != "" {
			t.Errorf("offline again: %s", got)
		}
		q.SetOnline(true)
		if got := d.take(); got != "woken -a:<nil>" {
			t.Errorf("online again: %s", got)
		}
		q.Close()
	})
}

func TestQueue_limits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, d := transfer.NewQueue(1, 1), &diary{}
		for _, key := range []string{"a", "b", "c"} {
			q.Add(d.job(key, transfer.Up), false)
		}
		if got := d.take(); got != "+a" {
			t.Errorf("got %s", got)
		}
		q.SetLimits(3, 1)
		if got := d.take(); got != "+b +c" && got != "+c +b" {
			t.Errorf("with a higher limit: %s", got)
		}
		var ended error
		waiting := d.job("w", transfer.Up)
		waiting.End = func(err error) { ended = err }
		q.Add(waiting, false)
		q.Close()
		if !errors.Is(ended, transfer.ErrLater) {
			t.Errorf("one that waits ended with %v", ended)
		}
	})
}

func TestQueue_fail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		q := transfer.NewQueue(1, 1)
		a, b, c := d.job("a", transfer.Up), d.job("b", transfer.Up), d.job("c", transfer.Up)
		b.Run = func(context.Context) error { return transfer.ErrLater }
		for _, j := range []*transfer.Job{b, a, c} {
			q.Add(j, false)
		}
		if got := d.take(); got != "+a" {
			t.Errorf("at first %q", got)
		}
		c.Fail(transfer.ErrChanged) // waits for its turn
		b.Fail(transfer.ErrChanged) // waits to be tried again
		if got := d.take(); got != "-c:the file has changed -b:the file has changed" &&
			got != "-b:the file has changed -c:the file has changed" {
			t.Errorf("those that wait: %q", got)
		}
		a.Fail(transfer.ErrChanged)
		c.Fail(transfer.ErrChanged) // has ended
		if got := d.take(); got != "-a:the file has changed" {
			t.Errorf("the one that runs: %q", got)
		}
		q.Close()
		a.Fail(transfer.ErrChanged)
		if got := d.take(); got != "" {
			t.Errorf("after the end: %q", got)
		}
	})
}
