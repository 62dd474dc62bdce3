package app

import (
	"context"
	"errors"
	"image"
	"io/fs"
	"net"
	"syscall"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// Explain says in plain words what an error means to a user, and what to do. The chain itself belongs in the log.
func Explain(err error) string { //nolint:cyclop,funlen // a table
	if group, ok := errors.AsType[mesibo.GroupError](err); ok {
		return explainGroup(group)
	}
	if words, ok := format.FileError(err, true); ok && !anyFile(err) {
		return words
	}
	if words := explainBackup(err); words != "" {
		return words
	}
	if s, ok := errors.AsType[*mesibo.Suspension](err); ok {
		return format.Suspension(s)
	}
	switch {
	case err == nil:
		return ""
	case errors.Is(err, mesibo.ErrInvalidToken):
		return tr.L("That is not a complete invite. Copy it again, from its first to its last letter.")
	case errors.Is(err, errUsersOnly):
		return tr.L("This link is for those who have an account on its server. Sign in there first, then open it again.")
	case errors.Is(err, mesibo.ErrAddressTaken):
		return tr.L("Another user of this server has this name. Choose another one.")
	case errors.Is(err, mesibo.ErrCertificate):
		return certificateWords()
	case errors.Is(err, mesibo.ErrTooLarge):
		return tr.L("This is too long. Shorten it, or send it in parts.")
	case errors.Is(err, mesibo.ErrDiskFull):
		return tr.L("The disk is full. Free some space, then try again; what you wrote is still here.")
	case errors.Is(err, fs.ErrNotExist):
		return tr.L("The file is not there any more.")
	case errors.Is(err, fs.ErrPermission):
		return tr.L("You are not allowed to read or write this file.")
	case errors.Is(err, syscall.ENOSPC):
		return tr.L("The disk is full. Free some space, then try again.")
	case errors.Is(err, mesibo.ErrTooLate):
		return tr.L("This message is too old to be changed for everyone. You can still delete it for yourself.")
	case errors.Is(err, mesibo.ErrNotFound):
		return tr.L("This message is not here any more.")
	case errors.Is(err, mesibo.ResultAuthFail):
		return tr.L("The server does not accept this invite. Ask for a new one.")
	case errors.Is(err, mesibo.ResultNoSuchUser):
		return tr.L("Nobody has this address. Check its spelling.")
	case errors.Is(err, mesibo.ResultBufferFull):
		return tr.L("Too many messages wait already. Try again when you are connected.")
	case errors.Is(err, mesibo.ResultRateLimit), errors.Is(err, mesibo.ResultRetryLater):
		return tr.L("That was too fast for the server. Wait a moment and try again.")
	case errors.Is(err, mesibo.ResultTimeout), errors.Is(err, context.DeadlineExceeded):
		return tr.L("The server did not answer in time. Try again.")
	case errors.Is(err, mesibo.ResultConnectFail), errors.Is(err, mesibo.ResultDisconnected), isNetwork(err):
		return tr.L("The server can't be reached. Check the network and try again.")
	case errors.Is(err, image.ErrFormat):
		return tr.L("This file is not a picture that can be read. Choose a PNG or JPEG.")
	case errors.Is(err, mesibo.ResultInboxFull), errors.Is(err, mesibo.ResultOverCapacity):
		return tr.L("The server has no room for that at present. Try again later.")
	case errors.Is(err, mesibo.ResultReqInProgress):
		return tr.L("This is being sent just now. Wait a moment and try again.")
	case errors.Is(err, mesibo.ResultDenied):
		return tr.L("You are not allowed to do that.")
	case errors.Is(err, mesibo.ResultBadRequest):
		return tr.L("That can't be done like this. Check what you wrote or chose, and try again.")
	default:
		return tr.L("That did not work. Try again; the log says more.")
	}
}

// explainBackup says why a backup was not restored, empty for other errors.
func explainBackup(err error) string {
	switch {
	case errors.Is(err, ErrPassphrase):
		return tr.L("This is not the passphrase of this backup.")
	case errors.Is(err, ErrBackupDamaged):
		return tr.L("This backup is damaged or not complete. Nothing was changed.")
	case errors.Is(err, ErrOtherAccount), errors.Is(err, mesibo.ErrOtherUser):
		return tr.L("This is the backup of another account. Nothing was changed.")
	case errors.Is(err, ErrNewerBackup), errors.Is(err, mesibo.ErrNewerBackup):
		return tr.L("A newer version of Parley made this. Install that version, then try again.")
	case errors.Is(err, ErrNotBackup):
		return tr.L("This file is not a backup of Parley.")
	default:
		return ""
	}
}

// anyFile reports whether an error may be about any file, not only one that is sent.
func anyFile(err error) bool {
	for _, general := range []error{fs.ErrNotExist, fs.ErrPermission, mesibo.ErrDiskFull, syscall.ENOSPC} {
		if errors.Is(err, general) {
			return true
		}
	}
	return false
}

// explainGroup says why something in a group was refused.
func explainGroup(err mesibo.GroupError) string {
	switch err {
	case mesibo.GroupErrorNotMember:
		return tr.L("That did not work: nobody has this address, or they are not in the group. Check it and try again.")
	case mesibo.GroupErrorPermission, mesibo.GroupErrorAccessDenied:
		return tr.L("You may not do this in the group. Ask one of its admins.")
	case mesibo.GroupErrorBadPin, mesibo.GroupErrorNotSharedPin:
		return tr.L("This code is wrong, or it is not valid any more. Ask for a new one.")
	case mesibo.GroupErrorDeleted:
		return tr.L("This group does not exist any more.")
	case mesibo.GroupErrorGeneral:
	}
	return tr.L("The server could not do this in the group. Try again.")
}

func isNetwork(err error) bool {
	_, ok := errors.AsType[net.Error](err)
	return ok
}
