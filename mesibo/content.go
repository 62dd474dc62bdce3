package mesibo

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/models"
)

// This file converts what messages carry beside their data: between frames, rows and the types of the API.

// contentOf returns a row's content as it is sent.
func contentOf(row *models.Message) *wire.Content {
	out := &wire.Content{Data: row.Data}
	c := row.Content
	if c == nil {
		return out
	}
	out.Mentions, out.ForwardedFrom, out.Album = c.Mentions, c.ForwardedFrom, c.Album
	out.Location, out.LinkPreview = placeFrame(c.Location), linkFrame(c.Link)
	if f := c.File; f != nil {
		out.File = &wire.File{
			Url: f.URL, Name: f.Name, Size: uint64(f.Size), Mime: f.MIME, Type: uint32(f.Type), Thumbnail: f.Thumbnail,
			Width: uint32(f.Width), Height: uint32(f.Height), Duration: uint32(f.Duration),
			Waveform: f.Waveform, Place: placeFrame(f.Place),
		}
	}
	return out
}

func placeFrame(l *models.Location) *wire.Location {
	if l == nil {
		return nil
	}
	return &wire.Location{
		Lat: l.Lat, Lon: l.Lon, Zoom: uint32(l.Zoom), Title: l.Title, Address: l.Address, Url: l.URL,
		Accuracy: float32(l.Accuracy),
	}
}

func placeRow(l *wire.Location) *models.Location {
	if l == nil {
		return nil
	}
	return &models.Location{
		Lat: l.GetLat(), Lon: l.GetLon(), Zoom: int(l.GetZoom()), Title: l.GetTitle(), Address: l.GetAddress(),
		URL:      l.GetUrl(),
		Accuracy: float64(l.GetAccuracy()),
	}
}

// setContent puts received content into a row.
func setContent(row *models.Message, c *wire.Content) {
	row.Data, row.Kind, row.Content = c.GetData(), models.KindPlain, nil
	out := models.Content{
		Mentions: c.GetMentions(), ForwardedFrom: c.GetForwardedFrom(), Album: c.GetAlbum(),
		Link: linkRow(c.GetLinkPreview()),
	}
	switch {
	case c.GetLocation() != nil:
		row.Kind = models.KindLocation
		out.Location = placeRow(c.GetLocation())
	case c.GetFile() != nil:
		f := c.GetFile()
		width, height := sizeOf(f.GetWidth(), f.GetHeight())
		row.Kind = models.KindFile
		out.File = &models.File{
			URL: f.GetUrl(), Name: safeName(f.GetName()), Size: int64(min(f.GetSize(), 1<<62)),
			MIME: safeMIME(f.GetMime()), Type: int(knownType(f.GetType())), Thumbnail: f.GetThumbnail(), Width: width,
			Height: height, Duration: int(f.GetDuration()), Waveform: f.GetWaveform(), Place: placeRow(f.GetPlace()),
		}
	case c.GetGroup() != nil:
		g := c.GetGroup()
		row.Kind = models.KindGroup
		out.Group = &models.GroupChange{Kind: int(g.GetKind()), Name: g.GetGroup().GetName()}
		for _, m := range g.GetMembers() {
			out.Group.Members = append(out.Group.Members, m.GetAddress())
			p := m.GetPermissions()
			out.Group.Flags, out.Group.AdminFlags = int64(p.GetFlags()), int64(p.GetAdminFlags())
		}
	case c.GetCall() != nil:
		row.Kind = models.KindCall
		out.Call = callRow(row, c.GetCall())
	}
	if row.Kind != models.KindPlain || len(out.Mentions) > 0 || out.ForwardedFrom != "" || out.Link != nil {
		row.Content = &out
	}
}

// locationOf returns the place that a row carries, nil when it carries none.
func locationOf(row *models.Message) *Location {
	if row.Content == nil || row.Content.Location == nil {
		return nil
	}
	return placeOf(row.Content.Location, row.Mid)
}

func placeOf(l *models.Location, mid int64) *Location {
	if l == nil {
		return nil
	}
	return &Location{
		Lat: l.Lat, Lon: l.Lon, Zoom: l.Zoom, Title: l.Title, Message: l.Address, URL: l.URL, Accuracy: l.Accuracy,
		Mid: uint64(mid),
	}
}

func groupChangeOf(row *models.Message) *GroupChange {
	if row.Content == nil || row.Content.Group == nil {
		return nil
	}
	g := row.Content.Group
	return &GroupChange{
		Kind: GroupChangeKind(g.Kind), Name: g.Name, Members: g.Members,
		Permissions: MemberPermissions{Flags: MemberFlag(g.Flags), AdminFlags: AdminFlag(g.AdminFlags)},
	}
}

// What a picture may measure at most; one that claims more is of unknown size.
const (
	mostSide   = 65_535
	mostPixels = 1 << 31
)

// sizeOf takes over the size of a picture when it can be true.
func sizeOf(width, height uint32) (w, h int) {
	if width > mostSide || height > mostSide || uint64(width)*uint64(height) > mostPixels {
		return 0, 0
	}
	return int(width), int(height)
}

// safeMIME takes over a MIME type that is one line.
func safeMIME(s string) string {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return ""
	}
	return s
}

// knownType returns FileTypeOther for unknown types.
func knownType(t uint32) FileType {
	switch known := FileType(t); known {
	case FileTypeAuto, FileTypeImage, FileTypeVideo, FileTypeAudio, FileTypeLocation, FileTypeProfileImage,
		FileTypeProfileThumbnail, FileTypeOther:
		return known
	}
	return FileTypeOther
}

// safeName makes a name of a file out of what a peer says it is: no folder, nothing that cannot be seen, never empty.
func safeName(name string) string {
	name = strings.Map(func(r rune) rune {
		joins := r == '\u200c' || r == '\u200d' // Persian and emoji need them
		if !joins && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, files.Base(strings.ToValidUTF8(name, "\uFFFD")))
	name = strings.Trim(name, " .\u200c\u200d")
	if name == "" {
		return "file"
	}
	return name
}
