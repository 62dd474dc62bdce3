package app_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/mesibo"
)

func TestExplain(t *testing.T) {
	sdk := func(r mesibo.Result, cause error) error {
		return fmt.Errorf("join: %w", &mesibo.Error{Op: "SetAccessToken", Result: r, Cause: cause})
	}
	tests := []struct {
		err  error
		want string // a part of the sentence
	}{
		{nil, ""},
		{sdk(mesibo.ResultAuthFail, mesibo.ErrInvalidToken), "not a complete invite"},
		{sdk(mesibo.ResultAuthFail, nil), "does not accept this invite"},
		{sdk(mesibo.ResultBadRequest, mesibo.ErrTooLarge), "too long"},
		{sdk(mesibo.ResultFail, mesibo.ErrDiskFull), "disk is full"},
		{sdk(mesibo.ResultConnectFail, nil), "can't be reached"},
		{sdk(mesibo.ResultTimeout, nil), "did not answer"},
		{&net.OpError{Op: "dial", Err: errors.New("refused")}, "can't be reached"},
		{context.DeadlineExceeded, "did not answer"},
		{sdk(mesibo.ResultDenied, mesibo.ErrTooLate), "too old"},
		{sdk(mesibo.ResultFail, mesibo.ErrNoFileHandler), "through this server"},
		{sdk(mesibo.ResultBadRequest, mesibo.ErrFileChanged), "Send it again"},
		{sdk(mesibo.ResultBadRequest, fs.ErrNotExist), "not there any more"},
		{fmt.Errorf("copy: %w", fs.ErrPermission), "not allowed"},
		{fmt.Errorf("copy: %w", syscall.ENOSPC), "disk is full"},
		{sdk(mesibo.ResultBadRequest, mesibo.ErrNotFound), "not here any more"},
		{sdk(mesibo.ResultBadRequest, fmt.Errorf("picture: %w", image.ErrFormat)), "not a picture"},
		{sdk(mesibo.ResultBadRequest, nil), "Check what you wrote"},
		{sdk(mesibo.ResultReqInProgress, nil), "being sent"},
		{sdk(mesibo.ResultOverCapacity, nil), "no room"},
		{sdk(mesibo.ResultBadRequest, mesibo.GroupErrorBadPin), "code is wrong"},
		{mesibo.GroupErrorPermission, "one of its admins"},
		{mesibo.GroupErrorNotMember, "address"},
		{mesibo.GroupErrorDeleted, "does not exist"},
		{mesibo.GroupErrorGeneral, "Try again"},
		{errors.New("surprise 0x80"), "did not work"},
	}
	for _, tt := range tests {
		got := app.Explain(tt.err)
		if !strings.Contains(got, tt.want) || (got == "") != (tt.err == nil) {
			t.Errorf("Explain(%v): got %q, want a sentence with %q", tt.err, got, tt.want)
		}
		if strings.Contains(got, "0x") {
			t.Errorf("Explain(%v): got a code in %q, want words", tt.err, got)
		}
	}
}
