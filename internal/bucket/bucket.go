// Package bucket keeps the content of files in a bucket of gocloud.dev/blob. Its drivers and their dependencies are
// linked into the standalone server, not into the app.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Bucket is a bucket. It is safe for concurrent use.
type Bucket struct{ b *blob.Bucket }

// Open opens the bucket that a URL names, such as s3://name?region=eu-central-1, and checks that it can be used. Its
// driver must be linked. The caller closes it.
func Open(ctx context.Context, url string) (*Bucket, error) {
	b, err := blob.OpenBucket(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("open bucket: %w", err)
	}
	ok, err := b.IsAccessible(ctx)
	if err == nil && !ok {
		err = errors.New("there is no such bucket, or it cannot be reached")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open bucket: %w", err), b.Close())
	}
	return &Bucket{b}, nil
}

// Of returns a Bucket for a bucket that is already open.
func Of(b *blob.Bucket) *Bucket { return &Bucket{b} }

// Upload writes an object. It appears completely or not at all.
func (b *Bucket) Upload(ctx context.Context, key string, r io.Reader, mime string) error {
	if err := b.b.Upload(ctx, key, r, &blob.WriterOptions{ContentType: mime}); err != nil {
		return fmt.Errorf("write to bucket: %w", err)
	}
	return nil
}

// Open reads an object. Errors wrap fs.ErrNotExist when there is none.
func (b *Bucket) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	r, err := b.b.NewReader(ctx, key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		err = errors.Join(fs.ErrNotExist, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read from bucket: %w", err)
	}
	return r, nil
}

// Delete removes an object. A missing one is no error.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := b.b.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("remove from bucket: %w", err)
	}
	return nil
}

// Close closes the bucket.
func (b *Bucket) Close() error {
	if err := b.b.Close(); err != nil {
		return fmt.Errorf("close bucket: %w", err)
	}
	return nil
}
