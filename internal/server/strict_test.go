package server_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/record/recordtest"
)

// strictReplans has a counter of the transactions sent back for each running test of TestStrictRecord, by its name.
var strictReplans sync.Map

// strictly wraps the record in a recordtest.Strict if t is a test of TestStrictRecord or a part of one.
func strictly(t testing.TB, opts server.Options) server.Options {
	t.Helper()
	test, part, _ := strings.Cut(t.Name(), "/")
	name, _, _ := strings.Cut(part, "/")
	counter, ok := strictReplans.Load(test + "/" + name)
	if !ok {
		return opts
	}
	replans, _ := counter.(*atomic.Int64)
	return server.WithRecord(opts, func(rec record.Record) record.Record {
		s := &recordtest.Strict{Record: rec}
		t.Cleanup(func() { replans.Add(int64(s.Replans())) })
		return s
	})
}

// TestStrictRecord runs other tests on a record that sends back every transaction that meets an unplanned log, as a
// record with several writing processes may: applying a batch again must not change its result.
func TestStrictRecord(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T){
		"receipts":     TestReceipts_follow_flags,
		"recall":       TestRecall,
		"modify":       TestModify,
		"react":        TestReact,
		"group edits":  TestEdit_in_a_group,
		"group create": TestGroupCreate,
		"members":      TestGroupEditMembers,
		"leaving":      TestGroupLeave_finds_another_owner,
		"pins":         TestGroupPins,
	} {
		t.Run(name, func(t *testing.T) {
			replans := new(atomic.Int64)
			strictReplans.Store(t.Name(), replans)
			t.Cleanup(func() {
				strictReplans.Delete(t.Name())
				if replans.Load() == 0 {
					t.Error("no transaction was sent back")
				}
			})
			test(t)
		})
	}
}
