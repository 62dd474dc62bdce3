package server

import (
	"bytes"
	"sync"
)

// maxPooled keeps one long frame from making every pooled buffer long.
const maxPooled = 16 << 10

// framePool lends the buffers that frames are read into; a connection holds one only while it reads a frame.
type framePool struct{ pool sync.Pool }

func (p *framePool) get() *bytes.Buffer {
	if b, ok := p.pool.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

func (p *framePool) put(b *bytes.Buffer) {
	if b.Cap() > maxPooled {
		return
	}
	b.Reset()
	p.pool.Put(b)
}
