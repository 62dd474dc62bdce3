package store

import (
	"strconv"
	"strings"
	"sync"

	"github.com/parley-chat/parley/models"
)

// The halves of message ids: the sender chooses the low one, and the server's ids begin above it.
const (
	lowMask     = 0xFFFFFFFF
	firstServer = lowMask + 1
)

// sqlNumbers are the numbers that queries name.
var sqlNumbers = strings.NewReplacer(
	"{LowMask}", strconv.Itoa(lowMask),
	"{FirstServer}", strconv.Itoa(firstServer),
	"{Outbox}", number(models.StatusOutbox),
	"{Sent}", number(models.StatusSent),
	"{Delivered}", number(models.StatusDelivered),
	"{Read}", number(models.StatusRead),
	"{ReceivedNew}", number(models.StatusReceivedNew),
	"{ReceivedRead}", number(models.StatusReceivedRead),
	"{CallMissed}", number(models.StatusCallMissed),
	"{CallOutgoing}", number(models.StatusCallOutgoing),
	"{Fail}", number(models.StatusFail),
	"{Deleted}", strconv.Itoa(flagDeleted),
	"{Seen}", strconv.Itoa(flagSeen),
	"{ReadReceipt}", strconv.Itoa(flagRead),
	"{AnyReceipt}", strconv.Itoa(flagDelivery|flagRead),
	"{Plain}", strconv.Itoa(models.KindPlain),
	"{File}", strconv.Itoa(models.KindFile),
	"{Group}", strconv.Itoa(models.KindGroup),
	"{Idle}", strconv.Itoa(models.FileIdle),
	"{RetryLater}", strconv.Itoa(models.FileRetryLater),
)

func number(s models.Status) string { return strconv.FormatInt(int64(s), 10) }

// numbered puts numbers into a query in place of their names, such as {Outbox}. They are not bound to it because a
// partial index serves only queries that repeat its condition literally. The migrations have the numbers
// themselves: they never change.
func numbered(query string) string {
	if done, ok := numberedQueries.Load(query); ok {
		return done.(string) //nolint:forcetypeassert // nothing else is stored there
	}
	done := sqlNumbers.Replace(query)
	numberedQueries.Store(query, done)
	return done
}

// numberedQueries are the results of numbered. Queries have parameters for what varies, so there are few of them.
var numberedQueries sync.Map // string → string
