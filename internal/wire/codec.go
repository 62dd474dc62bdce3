package wire

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// ErrFrame is wrapped by every error of the decoders.
var ErrFrame = errors.New("bad frame")

// DecodeClient reads a frame sent by a client. A frame without a body is an error.
func DecodeClient(b []byte) (*ClientFrame, error) {
	var f ClientFrame
	if err := decode(b, &f); err != nil {
		return nil, err
	}
	switch body := f.GetBody().(type) {
	case *ClientFrame_Request:
		if body.Request.GetId() == 0 {
			return nil, fmt.Errorf("%w: request without an id", ErrFrame)
		}
	case *ClientFrame_Ack:
	default:
		return nil, fmt.Errorf("%w: neither request nor ack", ErrFrame)
	}
	return &f, nil
}

// DecodeServer reads a frame sent by a server. A frame of an unknown kind is returned with a nil body: a later server
// may send kinds that this client does not know.
func DecodeServer(b []byte) (*ServerFrame, error) {
	var f ServerFrame
	if err := decode(b, &f); err != nil {
		return nil, err
	}
	return &f, nil
}

func decode(b []byte, m proto.Message) error {
	if len(b) > MaxFrame {
		return fmt.Errorf("%w: %d bytes, the limit is %d", ErrFrame, len(b), MaxFrame)
	}
	if err := proto.Unmarshal(b, m); err != nil {
		return fmt.Errorf("%w: %w", ErrFrame, err)
	}
	return nil
}

// Field numbers used by the appenders below.
const (
	fieldEventSeq         = 1
	fieldEventsEvents     = 1
	fieldServerFrameEvent = 2
)

// AppendEvent appends an event to an Events body; raw is the event's stored form, an Event without its number. A log
// entry is stored once and sent many times; this adds the number without decoding it.
func AppendEvent(events []byte, seq uint64, raw []byte) []byte {
	size := protowire.SizeTag(fieldEventSeq) + protowire.SizeVarint(seq) + len(raw)
	events = protowire.AppendTag(events, fieldEventsEvents, protowire.BytesType)
	events = protowire.AppendVarint(events, uint64(size))
	events = protowire.AppendTag(events, fieldEventSeq, protowire.VarintType)
	events = protowire.AppendVarint(events, seq)
	return append(events, raw...)
}

// EventsFrame wraps an Events body made by AppendEvent into a ServerFrame.
func EventsFrame(events []byte) []byte {
	b := make([]byte, 0, len(events)+8)
	b = protowire.AppendTag(b, fieldServerFrameEvent, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(len(events)))
	return append(b, events...)
}
