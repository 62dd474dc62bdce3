//go:build unix

package chromium

import (
	"os/exec"
	"syscall"
)

// ownGroup lets a program have a process group of its own, before it starts.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } //nolint:wrapcheck // for exec
