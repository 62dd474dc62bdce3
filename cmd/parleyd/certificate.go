package main

import (
	"fmt"

	"github.com/parley-chat/parley/internal/certificate"
)

type certificateCmd struct {
	Rotate certificateRotate `cmd:"" help:"Puts the next certificate in the place of the one in use."`
}

type certificateRotate struct{}

// Run runs the command.
func (*certificateRotate) Run(std streams, common *common) error {
	since, err := certificate.Rotate(common.Data)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(std.out, `The next certificate is in use once the server is started again, or reloaded (systemctl reload parleyd).
Devices that have connected since %s know it. Others need what  parleyd address  prints.
`, day(since))
	return nil
}
