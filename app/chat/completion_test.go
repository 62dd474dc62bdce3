package chat_test

import (
	"testing"

	"github.com/parley-chat/parley/app/chat"
)

func TestCodeStart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		":smi": 0, "a :smi": 2, "a\n:smi": 2, ":größe": 0, ":+1": 0,
		"": -1, ":": -1, ":s": -1, "at 12:30": -1, ":) ": -1, "a:smile": -1, ":smi le": -1, "https://": -1,
	} {
		if got := chat.CodeStart(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}
