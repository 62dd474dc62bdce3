//go:build !unix

package backup_test

import "errors"

func limited(string, string, string) error { return errors.New("files cannot be limited here") }
