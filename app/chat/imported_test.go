package chat_test

import (
	"testing"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

// An imported message has the name of who wrote it, and nothing is done with it that the server would hear of.
func TestMessage_imported(t *testing.T) {
	imported := func(mid uint64, status mesibo.MsgStatus, author string) chat.Message {
		return chat.NewMessage(&mesibo.Message{
			MessageParams: mesibo.MessageParams{
				Mid: mid, Peer: peer, Status: status, Ts: 1, Flag: mesibo.FlagForwarded,
				Imported: &mesibo.Imported{Author: author, Origin: "Dan"},
			},
			Data: []byte("hello"),
		})
	}
	f := prepare().open()
	for name, tt := range map[string]struct {
		message chat.Message
		author  string
	}{
		"own":        {imported(3<<62|1<<40|7, mesibo.MsgStatusRead, ""), "You"},
		"the peer's": {imported(3<<62|1<<41|7, mesibo.MsgStatusReceivedRead, ""), "Alice"},
		"another's":  {imported(3<<62|1<<42|7, mesibo.MsgStatusReceivedRead, "Carol"), "Carol"},
	} {
		want(t, name+": can", actionWords(f.Can(tt.message)), "copy forward delete")
		want(t, name+": author", f.Author(tt.message), tt.author)
		want(t, name+": key", tt.message.Key(), tt.message.Mid)
	}
}
