package archive

import "context"

// WriteQuickly is Write with little work for who tries passphrases.
func WriteQuickly(
	ctx context.Context, file, passphrase string, m Manifest, files []File, progress Progress,
) error {
	return write(ctx, file, key{passphrase, 10}, m, files, progress)
}
