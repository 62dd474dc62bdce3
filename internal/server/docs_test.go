package server_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/parley-chat/parley/internal/wire"
)

func protocolText(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestProtocol_names: docs/protocol.md names all messages and fields of the frames.
func TestProtocol_names(t *testing.T) {
	t.Parallel()
	text := protocolText(t)
	for _, m := range []protoreflect.ProtoMessage{&wire.Request{}, &wire.Event{}, &wire.Signal{}} {
		oneof := m.ProtoReflect().Descriptor().Oneofs().Get(0)
		for i := range oneof.Fields().Len() {
			f := oneof.Fields().Get(i)
			if name := string(f.Message().Name()); !strings.Contains(text, name) &&
				!strings.Contains(text, "`"+string(f.Name())+"`") &&
				!strings.Contains(text, "Signal{"+string(f.Name())) {
				t.Errorf("%s is not described", name)
			}
		}
	}
	for _, n := range []int{
		wire.MaxFrame, wire.MaxText, wire.MaxContent, wire.MaxThumbnail, wire.MaxURL, wire.MaxGroup, wire.MaxWatch,
		wire.MaxGroupEdit,
	} {
		s := fmt.Sprint(n)
		if n > 999 {
			s = s[:len(s)-3] + "," + s[len(s)-3:]
		}
		if !strings.Contains(text, s) {
			t.Errorf("the limit %s is not described", s)
		}
	}
}
