package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/parley-chat/parley/internal/certificate"
)

// tlsFlags say which certificate the server has.
type tlsFlags struct {
	TLSCert       string
	TLSKey        string
	Domain        string
	ACMEEmail     string `name:"acme-email"`
	ACMEDirectory string `name:"acme-directory"`
}

// transport is how the server is encrypted. conf is nil for no encryption; pin has those of the
// server's own certificate and of the next one.
type transport struct {
	conf *tls.Config
	pin  []byte
	// reload reads a certificate in files again, and pin.
	reload func() error
}

// check refuses flags that contradict one another.
func (f *tlsFlags) check() error {
	switch {
	case (f.TLSCert == "") != (f.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key belong together")
	case f.TLSCert != "" && f.Domain != "":
		return errors.New("give --tls-cert or --domain, not both")
	}
	return nil
}

// transport chooses: a certificate by ACME for a domain, that in files, none on a loopback address, otherwise the
// server's own.
func (f *tlsFlags) transport(dir string, addr net.Addr) (*transport, error) {
	none := func() error { return nil }
	switch err := f.check(); {
	case err != nil:
		return nil, err
	case f.Domain != "":
		return &transport{conf: f.acme(dir), reload: none}, nil
	case f.TLSCert != "":
		var pair keyPair
		reload := func() error { return pair.read(f.TLSCert, f.TLSKey) }
		if err := reload(); err != nil {
			return nil, err
		}
		conf := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get}
		return &transport{conf: conf, reload: reload}, nil
	}
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsLoopback() {
		return &transport{reload: none}, nil
	}
	var pair keyPair
	own := &transport{conf: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get}}
	own.reload = func() error {
		cert, err := certificate.Own(dir)
		if err == nil {
			own.pin, err = certificate.Pins(dir)
		}
		if err == nil {
			pair.now.Store(&cert)
		}
		return err
	}
	return own, own.reload()
}

// acme gets and renews certificates for the domain, on the port that the server listens on (tls-alpn-01). They are kept
// in the data folder.
func (f *tlsFlags) acme(dir string) *tls.Config {
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(f.Domain), Email: f.ACMEEmail,
		Cache: autocert.DirCache(filepath.Join(dir, "acme")),
	}
	if f.ACMEDirectory != "" {
		m.Client = &acme.Client{DirectoryURL: f.ACMEDirectory}
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: m.GetCertificate,
		NextProtos: []string{"http/1.1", acme.ALPNProto},
	}
}

// keyPair is a certificate in files, which may be replaced while it is used.
type keyPair struct {
	now atomic.Pointer[tls.Certificate]
}

func (k *keyPair) read(certFile, keyFile string) error {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return fmt.Errorf("--tls-cert: %w", err)
	}
	k.now.Store(&cert)
	return nil
}

func (k *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) { return k.now.Load(), nil }
