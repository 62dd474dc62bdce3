// Package certificate has the certificate that a server makes for itself. Clients know it by the pin of its key.
package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

const (
	// FileName is the file in the data folder that holds the certificate and its key.
	FileName = "certificate.pem"
	// nextName is the one that has the certificate after it, so that its pin is known long before.
	nextName = "certificate-next.pem"
	// Years is how long a certificate is valid. Clients compare the key, not the dates.
	Years = 10
)

// Config is how a server shows a certificate.
func Config(cert tls.Certificate) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
}

// Own reads the certificate of a data folder, or makes it the first time. It is never replaced automatically; Rotate
// does that.
func Own(dir string) (tls.Certificate, error) { return read(dir, FileName) }

// Pins returns the pins of the certificate of a data folder and of the next one, which is made the first time.
func Pins(dir string) ([]byte, error) {
	now, err := Own(dir)
	if err != nil {
		return nil, err
	}
	next, err := read(dir, nextName)
	if err != nil {
		return nil, err
	}
	return append(wire.PinOf(now.Leaf), wire.PinOf(next.Leaf)...), nil
}

// Rotate puts the next certificate in the place of the one in use, for the next time it is read, and makes another next
// one. Devices that were connected since the next one was made, at a time that it returns, know it. It can be repeated
// from any point.
func Rotate(dir string) (since time.Time, err error) {
	if _, err := read(dir, nextName); err != nil { // also when it is damaged
		return time.Time{}, err
	}
	next := filepath.Join(dir, nextName)
	info, err := os.Stat(next)
	if err == nil {
		err = os.Rename(next, filepath.Join(dir, FileName))
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("certificate: %w", err)
	}
	_, err = read(dir, nextName)
	return info.ModTime(), err
}

// read reads a certificate, or makes it.
func read(dir, name string) (tls.Certificate, error) {
	file := filepath.Join(dir, name)
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if b, err = write(dir, file); err != nil {
			return tls.Certificate{}, err
		}
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate: %w", err)
	}
	cert, err := tls.X509KeyPair(b, b)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate %s: %w", file, err)
	}
	return cert, nil
}

func write(dir, file string) ([]byte, error) {
	b, err := New(time.Now())
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	// Written to another name and renamed: half a certificate would lock every client out.
	part := file + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	if err := os.Rename(part, file); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return b, nil
}

// New makes a self-signed certificate and its key, as PEM.
func New(now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make serial number: %w", err)
	}
	tmpl := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "Parley server"},
		DNSNames:              []string{"parley.invalid"}, // clients compare the key, not the name
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(Years, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(b, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})...), nil
}
