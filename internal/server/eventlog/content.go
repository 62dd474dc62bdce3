package eventlog

import (
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// checkContent refuses invalid content of a message.
func checkContent(c *wire.Content) error {
	switch {
	case len(c.GetData()) > wire.MaxText:
		return refusal.Bad("the text is longer than %d bytes", wire.MaxText)
	case c.GetGroup() != nil:
		return refusal.Bad("only the server sends group notices")
	case c.GetCall() != nil:
		return refusal.Bad("only the server sends records of calls")
	case c.GetLocation() != nil && c.GetFile() != nil:
		return refusal.Bad("a message can carry a location or a file, but not both")
	case len(c.GetForwardedFrom()) > wire.MaxAddress:
		return refusal.Bad("the address of the author is longer than %d bytes", wire.MaxAddress)
	}
	if err := checkMentions(c.GetMentions()); err != nil {
		return err
	}
	for _, l := range []*wire.Location{c.GetLocation(), c.GetFile().GetPlace()} {
		if err := checkLocation(l); err != nil {
			return err
		}
	}
	if err := checkFile(c.GetFile()); err != nil {
		return err
	}
	if err := checkLinkPreview(c); err != nil {
		return err
	}
	if proto.Size(c) > wire.MaxContent {
		return refusal.Bad("the content is longer than %d bytes", wire.MaxContent)
	}
	return nil
}

func checkMentions(list []string) error {
	if len(list) > wire.MaxMentions {
		return refusal.Bad("the message mentions more than %d addresses", wire.MaxMentions)
	}
	for _, a := range list {
		if a == "" || len(a) > wire.MaxAddress {
			return refusal.Bad("a mentioned address is empty or longer than %d bytes", wire.MaxAddress)
		}
	}
	return nil
}

func checkLocation(l *wire.Location) error {
	const maxLat, maxLon = 90, 180
	switch {
	case l == nil:
		return nil
	case math.IsNaN(l.GetLat()) || math.Abs(l.GetLat()) > maxLat,
		math.IsNaN(l.GetLon()) || math.Abs(l.GetLon()) > maxLon:
		return refusal.Bad("the coordinates of the location are out of range")
	case math.IsNaN(float64(l.GetAccuracy())) || l.GetAccuracy() < 0:
		return refusal.Bad("the accuracy of the location is not a valid distance")
	case len(l.GetTitle()) > wire.MaxName || len(l.GetAddress()) > wire.MaxURL || len(l.GetUrl()) > wire.MaxURL:
		return refusal.Bad("the title, address or URL of the location is too long")
	}
	return nil
}

func checkFile(f *wire.File) error {
	switch {
	case f == nil:
		return nil
	case len(f.GetThumbnail()) > wire.MaxThumbnail:
		return refusal.Bad("the thumbnail is longer than %d bytes", wire.MaxThumbnail)
	case len(f.GetWaveform()) > wire.MaxWaveform:
		return refusal.Bad("the waveform is longer than %d bytes", wire.MaxWaveform)
	case len(f.GetName()) > wire.MaxName || len(f.GetMime()) > wire.MaxName || len(f.GetUrl()) > wire.MaxURL:
		return refusal.Bad("the name, MIME type or URL of the file is too long")
	}
	return nil
}

func checkLinkPreview(c *wire.Content) error {
	p := c.GetLinkPreview()
	switch {
	case p == nil:
		return nil
	case c.GetLocation() != nil || c.GetFile() != nil:
		return refusal.Bad("only a text can carry the preview of a link")
	case p.GetUrl() == "" || len(p.GetUrl()) > wire.MaxURL:
		return refusal.Bad("the URL of the preview is empty or longer than %d bytes", wire.MaxURL)
	case len(p.GetTitle()) > wire.MaxLinkText || len(p.GetDescription()) > wire.MaxLinkText ||
		len(p.GetSite()) > wire.MaxLinkText:
		return refusal.Bad("the title, description or site of the preview is longer than %d bytes", wire.MaxLinkText)
	case len(p.GetThumbnail()) > wire.MaxThumbnail:
		return refusal.Bad("the thumbnail is longer than %d bytes", wire.MaxThumbnail)
	}
	return nil
}

// maxType is the largest Send.type.
const maxType = 65535

// CheckSend refuses a malformed message.
func CheckSend(m *wire.Send) error {
	switch {
	case m.GetId() == 0:
		return refusal.Bad("the message id is 0")
	case len(m.GetNonce()) != wire.NonceSize:
		return refusal.Bad("the nonce is not %d bytes long", wire.NonceSize)
	case m.GetAge() > wire.MaxAge:
		return refusal.Bad("the age is over %d seconds", wire.MaxAge)
	case m.GetType() > maxType:
		return refusal.Bad("the type is over %d", maxType)
	case m.GetPeer() == "" && m.GetGroupId() == 0:
		return refusal.Bad("the message has neither a peer nor a group")
	case m.GetPeer() != "" && m.GetGroupId() != 0:
		return refusal.Bad("the message has both a peer and a group")
	case len(m.GetPeer()) > wire.MaxAddress:
		return refusal.Bad("the peer's address is longer than %d bytes", wire.MaxAddress)
	}
	return checkContent(m.GetContent())
}
