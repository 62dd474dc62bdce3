package mesibo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/picture"
)

// The bounds of a full picture of a profile or group.
const (
	pictureSide  = 1280 // pixels
	pictureBytes = 1 << 20
)

// GetUserProfilePicturePath returns the file of a user's or group's full picture, which exists once
// StartUserProfilePictureTransfer has downloaded it: a name of its own for each picture, in the folder of
// FileTypeProfileImage. Empty for nil and for a profile without a full picture; its Picture, the small one, needs
// no file.
func (m *Mesibo) GetUserProfilePicturePath(p *UserProfile) string {
	if p == nil || p.PictureURL == "" {
		return ""
	}
	stem := fmt.Sprintf("group-%d", p.GroupID)
	if p.GroupID == 0 {
		stem = addressStem(p.Address)
	}
	sum := sha256.Sum256([]byte(p.PictureURL))
	return filepath.Join(m.GetFilePath(FileTypeProfileImage), stem+"-"+hex.EncodeToString(sum[:4])+".jpg")
}

// StartUserProfilePictureTransfer asks the FileTransferHandler for a user's or group's full picture, with
// FileSourceProfile; Path says where it is to be put, and Listener of the transfer is nil. When it is there
// FileTransferListeners and ProfileListeners are called. A picture that is here already is no error, and nothing
// happens. Errors: ResultBadRequest with ErrNotFound when the profile has no full picture; those of
// StartFileTransfer.
func (m *Mesibo) StartUserProfilePictureTransfer(p *UserProfile) error {
	const op = "StartUserProfilePictureTransfer"
	path := m.GetUserProfilePicturePath(p)
	if path == "" {
		return opError(op, ResultBadRequest, ErrNotFound)
	}
	if m.FileExists(path) {
		return nil
	}
	f := &FileInfo{
		Mode: FileModeDownload, Type: FileTypeProfileImage, Source: FileSourceProfile,
		URL: p.PictureURL, Path: path, UserInteraction: true,
		lock: &fileLock{},
	}
	s := subscriberOf(f)
	address, group := p.Address, p.GroupID
	s.done = func(string) error {
		m.listeners.post(context.Background(), func(l *snapshot) { m.notifyProfile(l, address, group) })
		return nil
	}
	return transferError(op, m.files.start(f, s, true))
}

// DeleteUserProfilePicture deletes the file of a user's or group's full picture from this device; it can be fetched
// again. Nothing there is no error. Errors: ResultBadRequest for nil; those of DeleteFile.
func (m *Mesibo) DeleteUserProfilePicture(p *UserProfile) error {
	const op = "DeleteUserProfilePicture"
	if p == nil {
		return opError(op, ResultBadRequest, errors.New("profile is nil"))
	}
	path := m.GetUserProfilePicturePath(p)
	if path == "" {
		return nil
	}
	place, err := files.Open("", path)
	if err != nil {
		return fileError(op, err)
	}
	return fileError(op, errors.Join(place.Delete(), place.Close()))
}

// uploadPicture has the handler upload the full picture of a profile or group and calls done with its URL. What is
// uploaded is a copy of bounded size that says nothing about camera and place. Without a handler there is only the
// thumbnail. What goes wrong is logged: the thumbnail is published all the same.
func (m *Mesibo) uploadPicture(path string, done func(url string) error) {
	if !m.IsFileTransferEnabled() {
		return
	}
	file, err := m.pictureCopy(path)
	if err != nil {
		m.log.Warn("upload picture", errAttr(err))
		return
	}
	f := &FileInfo{
		Mode: FileModeUpload, Type: FileTypeProfileImage, Source: FileSourceProfile, Path: file, UserInteraction: true,
		lock: &fileLock{},
	}
	s := subscriberOf(f)
	s.done = func(url string) error { return errors.Join(done(url), m.DeleteFile(file)) }
	if err := m.files.start(f, s, true); err != nil {
		m.log.Warn("upload picture", errAttr(errors.Join(err, m.DeleteFile(file))))
	}
}

// pictureCopy makes the file to be uploaded.
func (m *Mesibo) pictureCopy(path string) (string, error) {
	img, err := m.loadImage(path, pictureSide)
	if err != nil {
		return "", err
	}
	data, err := picture.Small(img, pictureSide, pictureBytes)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	name := "picture-" + hex.EncodeToString(sum[:8]) + ".jpg"
	folder := m.GetTempFilesPath()
	return filepath.Join(folder, name), m.CreateFile(folder, name, data, true)
}
