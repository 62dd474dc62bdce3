package files

import (
	"fmt"
	"log/slog"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/mesibo"
)

// outgoing is a file on its way into the outbox.
type outgoing struct {
	attachment attachment

	params   mesibo.MessageParams
	id       uint32
	file     mesibo.FileInfo
	compress bool // a picture may be replaced by a smaller copy
}

// prepare makes a message for each file of a list, in order; the caption goes with the first. Files with a problem are
// left out. Pictures are sent as pictures, or as the files that they are.
func prepare(c Chat, list []attachment, caption string, asPictures bool) []*outgoing {
	var out []*outgoing
	for _, a := range list {
		if a.problem != "" || a.file == nil {
			continue
		}
		o := &outgoing{attachment: a, file: *a.file}
		o.params, o.id = c.FileParams(caption, len(out) == 0)
		o.file.Message, caption = caption, ""
		if a.isPicture() {
			o.compress = asPictures
			if !asPictures {
				o.file.Type, o.file.Thumbnail, o.file.Width, o.file.Height = mesibo.FileTypeOther, nil, 0, 0
			}
		}
		out = append(out, o)
	}
	joinAlbums(out)
	return out
}

// joinAlbums lets pictures that follow one another be shown together, up to mostAlbum of them. Stickers and what moves are
// shown alone.
func joinAlbums(out []*outgoing) {
	const mostAlbum = 10
	for first := 0; first < len(out); {
		end := first
		for end < len(out) && end-first < mostAlbum && joins(&out[end].file) {
			end++
		}
		for _, o := range out[first:end] {
			if end-first > 1 {
				o.params.Album = out[first].id
			}
		}
		first = max(end, first+1)
	}
}

func joins(f *mesibo.FileInfo) bool {
	return f.Type == mesibo.FileTypeImage && !format.IsGIF(f) && !format.IsSticker(f)
}

// send puts the file into the outbox. It takes a while, and may be called on any goroutine.
func (o *outgoing) send(b sender, log *slog.Logger) error {
	if o.compress {
		if err := shrink(b, &o.file); err != nil {
			log.Warn("picture not compressed", slog.Any("error", err)) // the original is sent
		}
	}
	given := o.file // the SDK changes what it is given
	if err := b.SendFile(o.params, o.id, &given); err != nil {
		return fmt.Errorf("send %s: %w", o.attachment.name, err)
	}
	o.file.Path, o.file.Size = given.Path, given.Size
	return nil
}
