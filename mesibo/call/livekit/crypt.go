package livekit

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/parley-chat/parley/mesibo/call"
)

// A frame is encrypted as LiveKit's other clients do it: some bytes stay clear and are authenticated, then there are
// the ciphertext, the nonce, its length, and the index of the key.
const (
	keySize   = 16
	keyCount  = 16
	nonceSize = 12
	trailer   = 2

	clearOpus = 1  // bytes: what the server may look at
	clearKey  = 10 // of a key frame of VP8
	clearVP8  = 3  // of any other

	derivationSalt = "LKFrameEncryptionKey"
	derivationInfo = 128 // zeros
)

var (
	errKey   = errors.New("a key of a call has 16 bytes and an index below 16")
	errFrame = errors.New("a frame cannot be decrypted")
)

// keyring has the keys of a call. A key that comes with the index of another replaces it.
type keyring struct {
	mu      sync.RWMutex
	keys    [keyCount]cipher.AEAD
	current int
	sif     []byte // the end of frames that the server makes, which are not encrypted
}

// set makes a key the one to encrypt with.
func (r *keyring) set(k call.GroupKey) error {
	if len(k.Key) != keySize || k.Index < 0 || k.Index >= keyCount {
		return errKey
	}
	key, err := hkdf.Key(sha256.New, k.Key, []byte(derivationSalt), string(make([]byte, derivationInfo)), keySize)
	if err != nil {
		return fmt.Errorf("derive key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return fmt.Errorf("make cipher: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys[k.Index], r.current = aead, k.Index
	return nil
}

func (r *keyring) setServerFrames(trailer []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sif = trailer
}

// encrypt returns a frame of which the first bytes stay clear.
func (r *keyring) encrypt(frame []byte, plain int) []byte {
	r.mu.RLock()
	aead, index := r.keys[r.current], r.current
	r.mu.RUnlock()
	var nonce [nonceSize]byte
	_, _ = rand.Read(nonce[:]) // never fails
	out := make([]byte, plain, len(frame)+aead.Overhead()+nonceSize+trailer)
	copy(out, frame)
	out = aead.Seal(out, nonce[:], frame[plain:], frame[:plain])
	out = append(out, nonce[:]...)
	return append(out, nonceSize, byte(index))
}

// decrypt returns a frame of which the first bytes are clear; nil when it is one of the server's.
func (r *keyring) decrypt(frame []byte, plain int) ([]byte, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.sif) > 0 && bytes.HasSuffix(frame, r.sif) {
		return nil, nil
	}
	end := len(frame) - trailer - nonceSize
	if end < plain || frame[len(frame)-trailer] != nonceSize {
		return nil, errFrame
	}
	index := int(frame[len(frame)-1])
	if index >= keyCount || r.keys[index] == nil {
		return nil, errFrame
	}
	out, err := r.keys[index].Open(append([]byte(nil), frame[:plain]...), frame[end:end+nonceSize], frame[plain:end],
		frame[:plain])
	if err != nil {
		return nil, errFrame
	}
	return out, nil
}

// clearOf returns how many bytes of a frame of VP8 stay clear.
func clearOf(frame []byte) int {
	if len(frame) > 0 && frame[0]&1 == 0 {
		return min(clearKey, len(frame))
	}
	return min(clearVP8, len(frame))
}

func (r *keyring) encryptVideo(frame []byte) []byte { return r.encrypt(frame, clearOf(frame)) }

func (r *keyring) decryptVideo(frame []byte) ([]byte, error) {
	out, err := r.decrypt(frame, clearOf(frame))
	if err == nil && out == nil {
		err = errFrame // there is no video of the server's
	}
	return out, err
}
