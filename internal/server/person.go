package server

import "github.com/parley-chat/parley/internal/wire"

// requestPerson serves a request about other users or oneself; false when it is about something else.
func (c *conn) requestPerson(req *wire.Request) bool {
	return false
}
