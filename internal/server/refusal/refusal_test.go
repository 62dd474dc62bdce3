package refusal_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// TestOf: a refusal is found below wrapping, and other errors are not refusals.
func TestOf(t *testing.T) {
	t.Parallel()
	failure := errors.New("disk failure")
	for _, tc := range []struct {
		name string
		err  error
		want *refusal.Error
	}{
		{"nil", nil, nil},
		{"a failure", failure, nil},
		{"a wrapped failure", fmt.Errorf("commit: %w", failure), nil},
		{"a refusal", refusal.ErrNoUser, refusal.ErrNoUser},
		{"a wrapped refusal", fmt.Errorf("kick: %w", fmt.Errorf("find: %w", refusal.ErrNoGroup)), refusal.ErrNoGroup},
		{"a joined refusal", errors.Join(failure, refusal.ErrGroupDeleted), refusal.ErrGroupDeleted},
	} {
		if got := refusal.Of(tc.err); got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestError: each constructor sets the result, the status and the reason.
func TestError(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		got, want *refusal.Error
	}{
		{refusal.Bad("over %d bytes", 5), &refusal.Error{
			Result: wire.ResultBadRequest, GroupError: wire.GroupErrorGeneral, Status: http.StatusBadRequest, Name: "BADREQ",
			Reason: "over 5 bytes",
		}},
		{refusal.Denied(wire.GroupErrorNotMember, "not a member"), &refusal.Error{
			Result: wire.ResultDenied, GroupError: wire.GroupErrorNotMember, Status: http.StatusForbidden, Name: "DENIED",
			Reason: "not a member",
		}},
		{refusal.HTTP(http.StatusGone, "expired", "expired at %s", "noon"), &refusal.Error{
			Result: wire.ResultDenied, Status: http.StatusGone, Name: "expired", Reason: "expired at noon",
		}},
	} {
		if *tc.got != *tc.want || tc.got.Error() != tc.want.Reason {
			t.Errorf("got %+v, want %+v", tc.got, tc.want)
		}
	}
}
