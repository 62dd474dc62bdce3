package e2e_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo"
)

// Listeners with a part of an interface.
type (
	lacking struct{}
	wrong   struct{ mesibo.ListenerFuncs }
	group   struct{ mesibo.ListenerFuncs }
	onPoint struct{}
)

func (lacking) OnMessage(*mesibo.MessageParams, []byte)     {}
func (lacking) OnConnectionStatus(mesibo.ConnectionStatus)  {}
func (*wrong) OnRead(string, uint32)                        {}
func (*group) OnGroupJoined(*mesibo.UserProfile)            {}
func (*onPoint) OnConnectionStatus(mesibo.ConnectionStatus) {}

func TestAddListener_refuses_a_part_of_an_interface(t *testing.T) {
	t.Parallel()
	m, err := mesibo.New(mesibo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		listener any
		cause    error
		says     []string
	}{
		{lacking{}, mesibo.ErrPartialListener, []string{
			"MessageListener",
			"lacks OnActivity, OnFile, OnLocation, OnMessageStatus",
		}},
		{&wrong{}, mesibo.ErrPartialListener, []string{
			"ReadListener",
			"OnRead is func(string, uint32) and has to be func(string, uint32, int)",
		}},
		{&group{}, mesibo.ErrPartialListener, []string{"GroupListener", "OnGroupCreated"}},
		{onPoint{}, mesibo.ErrNoListener, []string{"pass a pointer"}},
		{42, mesibo.ErrNoListener, nil},
		{nil, mesibo.ErrNoListener, nil},
	} {
		err := m.AddListener(c.listener)
		if !errors.Is(err, c.cause) || !errors.Is(err, mesibo.ResultBadRequest) {
			t.Errorf("%v: got %v, want %v", reflect.TypeOf(c.listener), err, c.cause)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%v: %q does not say %q", reflect.TypeOf(c.listener), err, part)
			}
		}
	}
	for _, good := range []any{&onPoint{}, &mesibo.ListenerFuncs{}, &mesibo.GroupFuncs{}, &mesibo.FileTransferFuncs{}} {
		if err := m.AddListener(good); err != nil {
			t.Errorf("%T: %v", good, err)
		}
	}
}
