package apptest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

// GetBasePath is the folder Files.
func (b *Backend) GetBasePath() string { return b.Files }

// GetDatabasePath is a file in the folder Files.
func (b *Backend) GetDatabasePath() string { return filepath.Join(b.Files, "messages.db") }

// ReadFiles calls each with the files of a chat.
func (b *Backend) ReadFiles(id contacts.ID, each func(f *mesibo.FileInfo)) error {
	for _, m := range b.Chats[Key(id.Peer, id.Group)] {
		if m.File != nil {
			each(m.File)
		}
	}
	return b.Err
}

// CanDownload is whether the file is not in Gone.
func (b *Backend) CanDownload(_ context.Context, f *mesibo.FileInfo) (bool, error) {
	return !b.Gone[f.URL], b.Err
}

// DeleteFile deletes it.
func (b *Backend) DeleteFile(path string) error {
	b.called("delete %s", filepath.Base(path))
	return os.Remove(path) //nolint:wrapcheck // as the test's own
}

// GetDevices returns Devices.
func (b *Backend) GetDevices(context.Context) ([]mesibo.Device, error) { return b.Devices, b.Err }

// RemoveDevice removes one from Devices.
func (b *Backend) RemoveDevice(_ context.Context, id string) error {
	b.Devices = slices.DeleteFunc(b.Devices, func(d mesibo.Device) bool { return d.ID == id })
	return b.did("sign out %s", id)
}

// SetDeviceLabel renames one of Devices.
func (b *Backend) SetDeviceLabel(_ context.Context, id, label string) error {
	for i := range b.Devices {
		if b.Devices[i].ID == id {
			b.Devices[i].Label = label
		}
	}
	return b.did("name %s %s", id, label)
}

// GroupInvites returns Links.
func (b *Backend) GroupInvites(context.Context, uint32) ([]mesibo.Invite, error) {
	return b.Links, b.Err
}

// RevokeInvite removes one of Links.
func (b *Backend) RevokeInvite(_ context.Context, id string) error {
	b.Links = slices.DeleteFunc(b.Links, func(i mesibo.Invite) bool { return i.ID == id })
	return b.did("revoke %s", id)
}

// GetInviteDetails returns Offer, or that the invite is of another server.
func (b *Backend) GetInviteDetails(context.Context, string) (mesibo.InviteDetails, error) {
	if b.Err == nil && b.Offer == nil {
		return mesibo.InviteDetails{}, mesibo.ErrOtherServer
	}
	if b.Err != nil {
		return mesibo.InviteDetails{}, b.Err
	}
	return *b.Offer, nil
}

// JoinByInvite records it.
func (b *Backend) JoinByInvite(_ context.Context, invite string) (uint32, error) {
	if b.Offer == nil {
		return 0, b.Err
	}
	return b.Offer.GroupID, b.did("join by %s", invite)
}

// CreateInvite returns an invite whose link names what it is for.
func (b *Backend) CreateInvite(_ context.Context, p mesibo.InviteParams) (mesibo.Invite, error) {
	if p.GroupID != 0 {
		b.called("invite %d into group %d for %s", p.Uses, p.GroupID, p.Valid)
	}
	return mesibo.Invite{ID: "1", Link: "parley:join/parleyinvite1_" + p.Address}, b.Err
}

// SetReadReceipts keeps it in NoReceipts.
func (b *Backend) SetReadReceipts(enable bool) { b.NoReceipts = !enable }

// ImportMessages puts messages that are not there yet into Chats, and reads their files.
func (b *Backend) ImportMessages(
	ctx context.Context, p mesibo.MessageParams, list []mesibo.ImportedMessage,
) (done mesibo.ImportResult, err error) {
	if err := errors.Join(ctx.Err(), b.Err); err != nil {
		return done, err
	}
	b.called("import %d to %s", len(list), Key(p.Peer, p.GroupID))
	b.Imports = append(b.Imports, list...)
	for _, m := range list {
		if f := m.File; f != nil {
			file, err := f.Open()
			if err != nil {
				done.Missing++
				continue
			}
			done.Files++
			if err := file.Close(); err != nil {
				return done, err //nolint:wrapcheck // as the test's own
			}
		}
	}
	done.Added = len(list)
	return done, nil
}
