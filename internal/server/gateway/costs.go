package gateway

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// cost is what a request costs its user. The unit is a message to one user; Limits.SendRate is how much a user may spend
// in a second.
type cost struct {
	base float64
	// more returns what a request costs beside base: for the users or addresses that it is about. nil: nothing.
	more func(c *conn, op proto.Message) (float64, error)
	// grows says that the request adds to the database, so it is put off while the disk is full.
	grows bool
}

const (
	// usersPerUnit is the number of users to whom a change is written for one unit.
	usersPerUnit = 50
	// addressesPerUnit is the number of addresses that are looked up for one unit.
	addressesPerUnit = 20
	// eventsPerUnit is the number of events of a log that are looked at for one unit.
	eventsPerUnit = 1000
)

// costs has the cost of every request, by the name of its field in wire.Request. What is missing here is refused.
var costs = map[protoreflect.Name]cost{
	"hello": {base: 3},
	// renew.go
	"renew_token": {base: 20},
	// message.go, history.go
	"send":      {base: 1, more: groupFanOut, grows: true},
	"mark_read": {base: 1, more: groupFanOut}, // a receipt for each sender
	"history":   {base: 1},                    // and what it looks at
	// edit.go
	"recall": {base: 1, more: groupFanOut},
	"modify": {base: 1, more: groupFanOut, grows: true},
	"react":  {base: 1, more: groupFanOut, grows: true},
	// group.go
	"group_create":       {base: 5, more: addresses, grows: true},
	"group_set":          {base: 3, more: groupFanOut, grows: true},
	"group_delete":       {base: 3, more: groupFanOut},
	"group_edit_members": {base: 3, more: editedMembers, grows: true},
	"group_leave":        {base: 3, more: groupFanOut},
	"group_join":         {base: 5, grows: true},
	"group_answer":       {base: 3, more: groupFanOut, grows: true},
	"group_edit_pin":     {base: 3, grows: true},
	"group_get":          {base: 1},
	"group_members":      {base: 5},
	// profile.go
	"profile_sync":  {base: 3}, // and what it sends
	"profile_get":   {base: 5, more: lookups},
	"set_self":      {base: 5, grows: true},
	"block":         {base: 1},
	"accept":        {base: 1},
	"report":        {base: 20, grows: true},
	"chat_settings": {base: 1},
	// presence.go
	"activity":     {base: 0.2, more: groupFanOut},
	"watch":        {base: 0.2, more: addresses},
	"set_presence": {base: 0.2},
	// call.go
	"call_start":   {base: 5, grows: true},
	"call_signal":  {base: 0.2},
	"call_join":    {base: 5},
	"call_servers": {base: 1},
}

// groupFanOut is the cost of writing to the members of a request's group. What a stranger pays does not betray whether
// there is such a group.
func groupFanOut(c *conn, op proto.Message) (float64, error) {
	m, ok := op.(interface{ GetGroupId() uint32 })
	if !ok || m.GetGroupId() == 0 {
		return 0, nil
	}
	size, err := c.g.c.Log.GroupSize(c.context(), c.device.UID, m.GetGroupId())
	return float64(size) / usersPerUnit, err
}

// addresses is the cost of looking up the addresses in a request.
func addresses(_ *conn, op proto.Message) (float64, error) {
	var list []string
	switch m := op.(type) {
	case interface{ GetAddresses() []string }:
		list = m.GetAddresses()
	case interface{ GetMembers() []string }:
		list = m.GetMembers()
	}
	return float64(len(list)) / addressesPerUnit, nil
}

// lookups is the cost of looking up who has the addresses in a request: dear, since it may be guesses.
func lookups(_ *conn, op proto.Message) (float64, error) {
	m, ok := op.(*wire.ProfileGet)
	if !ok {
		return 0, nil
	}
	return float64(len(m.GetAddresses())), nil
}

func editedMembers(c *conn, op proto.Message) (float64, error) {
	lookups, _ := addresses(c, op)
	fanOut, err := groupFanOut(c, op)
	return lookups + fanOut, err
}

var requestOp = (&wire.Request{}).ProtoReflect().Descriptor().Oneofs().ByName("op")

// operation returns the name of a request's operation and its message; the name is empty if this server knows none.
func operation(r *wire.Request) (name protoreflect.Name, op proto.Message) { //nolint:ireturn // any message of an operation
	m := r.ProtoReflect()
	f := m.WhichOneof(requestOp)
	if f == nil {
		return "", nil
	}
	return f.Name(), m.Get(f).Message().Interface()
}

// charge makes the user pay for a request: it waits while the user has spent too much, and refuses the request when that
// would take too long.
func (c *conn) charge(r *wire.Request) error {
	name, op := operation(r)
	price, ok := costs[name]
	if !ok {
		return errUnknownOp
	}
	if price.grows && !c.g.c.HasRoom() {
		return refusal.ErrDiskFull
	}
	units := price.base
	if price.more != nil {
		more, err := price.more(c, op)
		if err != nil {
			return err
		}
		units += more
	}
	wait, refused := c.rates.spend(units)
	if refused != nil {
		return refused
	}
	c.weight = units
	c.pause(min(wait, maxPause))
	return nil
}
