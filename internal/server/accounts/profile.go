package accounts

import (
	"bytes"

	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// ProfileUpdate changes a profile; nil fields are unchanged.
type ProfileUpdate struct {
	Name       *string
	Status     *string // a line about the user
	PictureURL *string // the full picture
	Picture    []byte  // thumbnail, JPEG or PNG; empty but not nil removes it
	Visibility *uint32 // VISIBILITY_* of the API
	GroupAdds  *uint32 // who may add the user to groups, VISIBILITY_* of the API
}

// Check refuses invalid fields.
func (u *ProfileUpdate) Check() error {
	if u.Name != nil {
		if err := ValidName(*u.Name); err != nil {
			return err
		}
	}
	if u.Status != nil {
		if err := ValidStatus(*u.Status); err != nil {
			return err
		}
	}
	if u.PictureURL != nil {
		if err := ValidURL(*u.PictureURL); err != nil {
			return err
		}
	}
	if u.Visibility != nil && *u.Visibility > wire.VisibilityContact {
		return refusal.Bad("the visibility is not valid")
	}
	if u.GroupAdds != nil && *u.GroupAdds > wire.VisibilityContact {
		return refusal.Bad("it is not valid who may add the user to groups")
	}
	return ValidPicture(u.Picture)
}

// Profile is what a ProfileUpdate changes.
type Profile struct {
	Name       string
	Status     string
	PictureURL string
	Picture    []byte
	Visibility uint32
	GroupAdds  int64 // -1: the server's default
}

// Apply changes a profile. visible reports whether other users see a difference, changed whether there is any.
func (u *ProfileUpdate) Apply(p *Profile) (visible, changed bool) {
	if u.Name != nil {
		visible = assign(&p.Name, *u.Name)
	}
	if u.Status != nil {
		visible = assign(&p.Status, *u.Status) || visible
	}
	if u.PictureURL != nil {
		visible = assign(&p.PictureURL, *u.PictureURL) || visible
	}
	if u.Picture != nil && !bytes.Equal(u.Picture, p.Picture) {
		p.Picture, visible = u.Picture, true
	}
	hidden := u.Visibility != nil && assign(&p.Visibility, *u.Visibility)
	if u.GroupAdds != nil {
		hidden = assign(&p.GroupAdds, int64(*u.GroupAdds)) || hidden
	}
	return visible, visible || hidden
}

// assign sets a value and reports whether it has changed.
func assign[T comparable](to *T, v T) (changed bool) {
	changed = *to != v
	*to = v
	return changed
}
