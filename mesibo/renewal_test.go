package mesibo

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// TestRenewal_is_due: a token is renewed when the server says so, by the server's clock, and only while there is a
// connection.
func TestRenewal_is_due(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const skew, rest = 7 * time.Hour, 60 * 24 * time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		n := newRenewal()
		due := make(chan bool)
		await := func() { go func() { due <- n.await(ctx) }() }
		started := time.Now()
		server := started.Add(skew)
		n.welcome(&wire.HelloReply{Time: uint64(server.UnixMilli()), TokenRenew: uint64(server.Add(rest).UnixMilli())})
		await()
		synctest.Wait()
		n.online()
		if got := <-due; !got || time.Since(started) != rest {
			t.Errorf("got %v after %v, want %v", got, time.Since(started), rest)
		}

		// It is asked for once, and again when that has failed, or by the next connection.
		await()
		n.again(time.Now().Add(renewAgain))
		n.wake <- struct{}{}
		if <-due; time.Since(started) != rest+renewAgain {
			t.Errorf("after a failure: %v", time.Since(started))
		}
		await()
		n.online()
		<-due
		if time.Since(started) != rest+renewAgain {
			t.Errorf("with the next connection: %v", time.Since(started))
		}

		// A token that is not renewed.
		n.welcome(&wire.HelloReply{Time: uint64(server.UnixMilli())})
		n.online()
		await()
		synctest.Wait()
		time.AfterFunc(10*rest, cancel)
		if <-due {
			t.Error("renewed without a time")
		}
	})
}
