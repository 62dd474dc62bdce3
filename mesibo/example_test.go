package mesibo_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/mesibo"
)

// A damaged token is refused at once; one that the server does not know ends in StatusAuthFail after Start.
func ExampleMesibo_SetAccessToken() {
	m, err := mesibo.New(mesibo.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = m.SetAccessToken("parley1_c29tZXRoaW5n")
	fmt.Println(errors.Is(err, mesibo.ErrInvalidToken), err)
	// Output: true SetAccessToken: not a valid access token: its end is missing
}

// A program that prints what it receives, until it is told to end.
func Example() {
	receive := func(ctx context.Context, token string) error {
		m, err := mesibo.New(mesibo.Options{AccessToken: token, Database: "chat.db"})
		if err != nil {
			return err
		}
		err = m.AddListener(&mesibo.ListenerFuncs{
			Message: func(p *mesibo.MessageParams, data []byte) { fmt.Printf("%s: %s\n", p.Peer, data) },
		})
		if err != nil {
			return err
		}
		return m.Run(ctx)
	}
	fmt.Println(receive(context.Background(), "not a token"))
	// Output: SetAccessToken: not a valid access token: it does not begin with parley1_
}
