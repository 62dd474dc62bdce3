package gateway

import (
	"bytes"
	"sync"
)

// maxPooled is the maximum size of a pooled buffer, so that long frames do not inflate the pool.
const maxPooled = 16 << 10

// framePool pools the buffers for reading frames; a connection only holds one while it reads a frame.
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
