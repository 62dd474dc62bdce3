package main

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/certificate"
)

// TestDoctor: what is well is ok, and what is not is said with what to do.
func TestDoctor(t *testing.T) {
	data := t.TempDir()
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}
	url, stop := serve(t, "--data", data, "--addr", "127.0.0.1:0")
	addr := strings.TrimPrefix(url, "http://")
	got := parleyd(t, "doctor", "--data", data, "--addr", addr)
	for _, want := range []string{"data folder", "clock", "free", "only this machine reaches it", "works"} {
		if !strings.Contains(got.ok(t), want) {
			t.Errorf("got %s, want %q in it", got.out, want)
		}
	}
	if got := parleyd(t, "health", "--addr", addr).ok(t); got != "ok" {
		t.Errorf("health: got %q", got)
	}
	stop()
	if got := parleyd(t, "health", "--addr", addr); got.failure == nil {
		t.Error("health of a server that does not run")
	}
	if got := parleyd(t, "doctor", "--data", data, "--addr", addr); !strings.Contains(got.ok(t), "No server runs") {
		t.Errorf("got %s", got.out)
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	got = parleyd(t, "doctor", "--data", data, "--addr", addr)
	if runtime.GOOS != "windows" && (!errors.Is(got.failure, errUnwell) || !strings.Contains(got.out, "chmod 700")) {
		t.Errorf("got %v, %s", got.failure, got.out)
	}
	if got := parleyd(t, "doctor", "--data", data+"/none", "--addr", addr); !strings.Contains(got.ok(t), "no data") {
		t.Errorf("got %s", got.out)
	}
}

// TestHealth_over_TLS: the certificate is for another name than the address that is asked.
func TestHealth_over_TLS(t *testing.T) {
	data := t.TempDir()
	if _, err := certificate.Own(data); err != nil {
		t.Fatal(err)
	}
	pem := data + "/" + certificate.FileName
	url, _ := serve(t, "--data", data, "--addr", "127.0.0.1:0", "--tls-cert", pem, "--tls-key", pem)
	if got := parleyd(t, "health", "--addr", strings.TrimPrefix(url, "https://")).ok(t); got != "ok" {
		t.Errorf("got %q", got)
	}
}
