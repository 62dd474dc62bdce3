package server

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// checkContent returns what is wrong with what a message carries, for people.
func checkContent(c *wire.Content) string {
	what := 0
	for _, there := range []bool{c.GetLocation() != nil, c.GetFile() != nil, c.GetGroup() != nil} {
		if there {
			what++
		}
	}
	switch {
	case len(c.GetData()) > wire.MaxText:
		return fmt.Sprintf("the text is longer than %d bytes", wire.MaxText)
	case c.GetGroup() != nil:
		return "only the server tells of changes to a group"
	case what > 1:
		return "the message carries more than one of location and file"
	case len(c.GetMentions()) > wire.MaxMentions:
		return fmt.Sprintf("more than %d addresses are named", wire.MaxMentions)
	}
	for _, a := range c.GetMentions() {
		if a == "" || len(a) > wire.MaxAddress {
			return fmt.Sprintf("an address that is named is empty or longer than %d bytes", wire.MaxAddress)
		}
	}
	if reason := checkLocation(c.GetLocation()); reason != "" {
		return reason
	}
	if reason := checkFile(c.GetFile()); reason != "" {
		return reason
	}
	if proto.Size(c) > wire.MaxContent {
		return fmt.Sprintf("the content is longer than %d bytes", wire.MaxContent)
	}
	return ""
}

func checkLocation(l *wire.Location) string {
	const maxLat, maxLon = 90, 180
	switch {
	case l == nil:
		return ""
	case math.IsNaN(l.GetLat()) || math.Abs(l.GetLat()) > maxLat || math.IsNaN(l.GetLon()) || math.Abs(l.GetLon()) > maxLon:
		return "the location is not on the earth"
	case math.IsNaN(float64(l.GetAccuracy())) || l.GetAccuracy() < 0:
		return "the accuracy of the location is no distance"
	case len(l.GetTitle()) > wire.MaxName || len(l.GetAddress()) > wire.MaxURL || len(l.GetUrl()) > wire.MaxURL:
		return "the title, address or URL of the location is too long"
	}
	return ""
}

func checkFile(f *wire.File) string {
	switch {
	case f == nil:
		return ""
	case len(f.GetThumbnail()) > wire.MaxThumbnail:
		return fmt.Sprintf("the thumbnail is longer than %d bytes", wire.MaxThumbnail)
	case len(f.GetWaveform()) > wire.MaxWaveform:
		return fmt.Sprintf("the waveform is longer than %d bytes", wire.MaxWaveform)
	case len(f.GetName()) > wire.MaxName || len(f.GetMime()) > wire.MaxName || len(f.GetUrl()) > wire.MaxURL:
		return "the name, MIME type or URL of the file is too long"
	}
	return ""
}
