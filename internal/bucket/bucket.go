// Package bucket keeps the content of files in a bucket of gocloud.dev/blob. Its drivers, and all that they bring along, are linked
// by the server that others host, not by the one inside the app.
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

// Bucket is a bucket. May be used by many goroutines.
type Bucket struct{ b *blob.Bucket }

// Open opens the bucket of a URL whose driver is linked, such as s3://name?region=eu-central-1, and makes sure that it can be used.
// Whoever opens it closes it.
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

// Of takes a bucket that is open.
func Of(b *blob.Bucket) *Bucket { return &Bucket{b} }

// Upload writes an object, which is there whole or not at all.
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

// Delete removes an object. What is not there is no error.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := b.b.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("remove from bucket: %w", err)
	}
	return nil
}

// Close ends the use of the bucket.
func (b *Bucket) Close() error {
	if err := b.b.Close(); err != nil {
		return fmt.Errorf("close bucket: %w", err)
	}
	return nil
}
