package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	_ "gocloud.dev/blob/azureblob" // the kinds of bucket that --files may name
	_ "gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/gcsblob"
	_ "gocloud.dev/blob/s3blob"

	"github.com/parley-chat/parley/internal/bucket"
)

// openBucket opens the bucket of --files; nil without it, so that files are in the data folder.
func openBucket(ctx context.Context, url string) (*bucket.Bucket, error) {
	if url == "" {
		return nil, nil //nolint:nilnil // none is asked for
	}
	b, err := bucket.Open(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("--files: %w", err)
	}
	return b, nil
}

// byteCount is a number of bytes, such as 500M.
type byteCount int64

// UnmarshalText reads a number with an optional K, M, G or T for powers of 1,024.
func (b *byteCount) UnmarshalText(text []byte) error {
	s := string(text)
	digits, unit := s, int64(1)
	if s != "" {
		const units = "KMGT"
		if i := strings.IndexByte(units, strings.ToUpper(s)[len(s)-1]); i >= 0 {
			digits, unit = s[:len(s)-1], int64(1)<<(10*(i+1))
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64/unit {
		return errors.New("it is no number of bytes, such as 500M")
	}
	*b = byteCount(n * unit)
	return nil
}
