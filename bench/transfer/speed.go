package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/parley-chat/parley/internal/wire"
)

// seconds are the times of one kind of transfer, round by round.
type seconds []float64

func (s seconds) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)/2]
}

func (s seconds) fastest() float64 { return slices.Min(s) }

// speed compares uploads and downloads of the SDK with those of curl, one after the other. For curl, an upload is one
// PATCH of the whole file to an existing upload, a download one GET.
func speed(ctx context.Context, b *bench) error {
	if err := b.writeRandom(); err != nil {
		return err
	}
	client, err := b.startClient(ctx, "alice", b.alice)
	if err != nil {
		return err
	}
	if _, err := client.expect("ready"); err != nil {
		return err
	}
	took := make(map[string]seconds)
	for n := range b.rounds {
		if err := b.round(ctx, client, n, took); err != nil {
			return errors.Join(err, client.end())
		}
	}
	b.compare("upload", took["curl up"], took["sdk up"])
	b.compare("download", took["curl down"], took["sdk down"])
	b.compare("download, the disk included", took["curl down and sync"], took["sdk down"])
	return client.end()
}

func (b *bench) compare(what string, curl, sdk seconds) {
	size := float64(b.size) / mega
	for name, of := range map[string]func(seconds) float64{"median": seconds.median, "fastest": seconds.fastest} {
		c, s := of(curl), of(sdk)
		fmt.Printf("%s of %.0f MB, %s of %d: curl %.2f s (%.0f MB/s), SDK %.2f s (%.0f MB/s): %.2f of curl\n", what, size,
			name, len(sdk),
			c, size/c, s, size/s, c/s)
	}
}

// round measures each kind once; the order alternates from round to round, because the second finds warmer caches.
func (b *bench) round(ctx context.Context, client *process, n int, took map[string]seconds) error {
	url, want := "", "" // of the SDK's upload
	ups := []func() error{
		func() error {
			url, t, err := b.curlUp(ctx)
			took["curl up"] = append(took["curl up"], t)
			return errors.Join(err, b.remove(ctx, url))
		},
		func() (err error) {
			var t float64
			url, t, err = b.sdk(client, "up", b.file)
			took["sdk up"] = append(took["sdk up"], t)
			if err == nil {
				want, err = hashOf(b.file)
			}
			return err
		},
	}
	for i := range ups {
		if err := errors.Join(b.renew(), ups[(n+i)%len(ups)]()); err != nil {
			return err
		}
	}
	return b.downloads(ctx, client, n, url, want, took)
}

func (b *bench) downloads(ctx context.Context, client *process, n int, url, want string,
	took map[string]seconds,
) error {
	path := filepath.Join(b.dir, "down.bin")
	downs := []func() error{
		func() error {
			t, synced, err := b.curlDown(ctx, url, path)
			took["curl down"] = append(took["curl down"], t)
			took["curl down and sync"] = append(took["curl down and sync"], t+synced)
			return err
		},
		func() error {
			_, t, err := b.sdk(client, "down", url, path)
			took["sdk down"] = append(took["sdk down"], t)
			return err
		},
	}
	for i := range downs {
		if err := downs[(n+i)%len(downs)](); err != nil {
			return err
		}
		if err := expectHash(path, want); err != nil {
			return err
		}
	}
	return b.remove(ctx, url)
}

// expectHash compares a file's hash, and removes the file.
func expectHash(path, want string) error {
	got, err := hashOf(path)
	if err == nil && got != want {
		err = errors.New("the SHA-256 is wrong")
	}
	return errors.Join(err, os.Remove(path))
}

func (b *bench) sdk(client *process, words ...string) (url string, took float64, err error) {
	if err := client.tell(words...); err != nil {
		return "", 0, err
	}
	answer, err := client.expect("done")
	if err != nil {
		return "", 0, err
	}
	took, err = strconv.ParseFloat(answer[0], 64)
	return answer[1], took, err
}

// request sends a tus request without a body, and returns the header of the response.
func (b *bench) request(ctx context.Context, method, url string, header ...string) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+b.alice)
	req.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close()
	if res.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s: %s", method, res.Status)
	}
	return res.Header, nil
}

func (b *bench) remove(ctx context.Context, url string) error {
	_, err := b.request(ctx, http.MethodDelete, url)
	return err
}

func (b *bench) curlUp(ctx context.Context) (url string, took float64, err error) {
	head, err := b.request(ctx, http.MethodPost, "http://"+b.addr+wire.FilesPath, "Upload-Length",
		strconv.FormatInt(b.size, 10))
	if err != nil {
		return "", 0, err
	}
	url = head.Get("Location")
	took, err = curl(ctx, "--header", "Authorization: Bearer "+b.alice, "--header", "Tus-Resumable: 1.0.0", "--header",
		"Upload-Offset: 0",
		"--header", "Content-Type: application/offset+octet-stream", "--request", "PATCH", "--upload-file", b.file, url)
	return url, took, err
}

// curlDown also returns how long flushing the file to the disk takes afterwards, as the SDK does.
func (b *bench) curlDown(ctx context.Context, url, path string) (took, synced float64, err error) {
	if took, err = curl(ctx, "--header", "Authorization: Bearer "+b.alice, "--output", path, url); err != nil {
		return 0, 0, err
	}
	synced, err = syncFile(path)
	return took, synced, err
}

func curl(ctx context.Context, args ...string) (took float64, err error) {
	args = append([]string{"--silent", "--show-error", "--fail", "--write-out", "%{stderr}%{time_total}"}, args...)
	cmd := exec.CommandContext(ctx, "curl", args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("curl: %w: %s", err, said.String())
	}
	return strconv.ParseFloat(strings.TrimSpace(said.String()), 64)
}
