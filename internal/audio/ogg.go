package audio

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

const (
	oggHead     = 27
	oggMostBody = 255 * 255
	oggMostPage = 1 << 20 // pages that are read
	oggResync   = 64 << 10

	oggContinued = 1
	oggFirst     = 2
	oggLast      = 4
)

// oggPage is the header of one page, and its position in the file.
type oggPage struct {
	at      int64 // offset in the file
	flags   byte
	granule int64 // of the last packet that ends on it, -1 when none does
	serial  uint32
	lacing  []byte
}

func (p *oggPage) body() int {
	n := 0
	for _, l := range p.lacing {
		n += int(l)
	}
	return n
}

// ends counts the packets that end on the page.
func (p *oggPage) ends() int {
	n := 0
	for _, l := range p.lacing {
		if l < 255 {
			n++
		}
	}
	return n
}

// readPage reads the header of the page at an offset of the file.
func readPage(r io.ReadSeeker, at int64) (oggPage, error) {
	var head [oggHead]byte
	if _, err := r.Seek(at, io.SeekStart); err != nil {
		return oggPage{}, fmt.Errorf("seek: %w", err)
	}
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return oggPage{}, fmt.Errorf("read page: %w", err)
	}
	if string(head[:5]) != "OggS\x00" {
		return oggPage{}, fmt.Errorf("%w: no page at %d", ErrFormat, at)
	}
	p := oggPage{
		at: at, flags: head[5], granule: int64(binary.LittleEndian.Uint64(head[6:])),
		serial: binary.LittleEndian.Uint32(head[14:]),
		lacing: make([]byte, head[26]),
	}
	if _, err := io.ReadFull(r, p.lacing); err != nil {
		return oggPage{}, fmt.Errorf("read page: %w", err)
	}
	return p, nil
}

// oggIndex holds the pages of a file's first stream.
type oggIndex struct {
	r     io.ReadSeeker
	pages []oggPage
}

// newOggIndex reads the headers of all pages. A truncated file ends at its last complete page.
func newOggIndex(r io.ReadSeeker, size int64) (*oggIndex, error) {
	x := &oggIndex{r: r}
	for at, n := int64(0), 0; at < size; n++ {
		p, err := readPage(r, at)
		if err != nil {
			if len(x.pages) == 0 {
				return nil, err
			}
			break
		}
		next := at + oggHead + int64(len(p.lacing)) + int64(p.body())
		if next > size || n == oggMostPage {
			break
		}
		at = next
		if len(x.pages) > 0 && p.serial != x.pages[0].serial {
			continue // another stream, parallel or after it
		}
		x.pages = append(x.pages, p)
		if p.flags&oggLast != 0 {
			break
		}
	}
	if len(x.pages) == 0 || x.pages[0].flags&oggFirst == 0 {
		return nil, fmt.Errorf("%w: no beginning", ErrFormat)
	}
	return x, nil
}

// end returns the last granule position of the pages, and the number of packets.
func (x *oggIndex) end() (granule int64, packets int) {
	for i := range x.pages {
		packets += x.pages[i].ends()
		if g := x.pages[i].granule; g >= 0 {
			granule = g
		}
	}
	return granule, packets
}

// load returns the body of a page, if its checksum is right.
func (x *oggIndex) load(i int) ([]byte, error) {
	p := &x.pages[i]
	whole := make([]byte, oggHead+len(p.lacing)+p.body())
	if _, err := x.r.Seek(p.at, io.SeekStart); err != nil {
		return nil, fmt.Errorf("seek: %w", err)
	}
	if _, err := io.ReadFull(x.r, whole); err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	sum := binary.LittleEndian.Uint32(whole[22:])
	clear(whole[22:26])
	if oggSum(whole) != sum {
		return nil, fmt.Errorf("%w: the checksum of a page is wrong", ErrFormat)
	}
	return whole[oggHead+len(p.lacing):], nil
}

// oggPackets reads packet after packet.
type oggPackets struct {
	x     *oggIndex
	page  int // of the next segment
	seg   int
	body  []byte
	whole bool // the packet is complete from its start
	part  []byte
}

const oggMostPacket = 1 << 20

// from starts with the first packet that starts on this page or a later one.
func (p *oggPackets) from(page int) { *p = oggPackets{x: p.x, page: page} }

// next returns the next packet, valid until the following call, or io.EOF.
func (p *oggPackets) next() ([]byte, error) {
	p.part = p.part[:0]
	for {
		if p.page >= len(p.x.pages) {
			return nil, io.EOF
		}
		head := &p.x.pages[p.page]
		if p.seg == 0 {
			if err := p.open(head); err != nil {
				return nil, err
			}
		}
		for p.seg < len(head.lacing) {
			l := int(head.lacing[p.seg])
			p.seg++
			p.part = append(p.part, p.body[:l]...)
			p.body = p.body[l:]
			if len(p.part) > oggMostPacket {
				return nil, fmt.Errorf("%w: packet of more than %d bytes", ErrTooLarge, oggMostPacket)
			}
			if l == 255 {
				continue
			}
			if p.whole {
				return p.part, nil
			}
			p.part, p.whole = p.part[:0], true
		}
		p.page, p.seg = p.page+1, 0
	}
}

// open starts reading a page.
func (p *oggPackets) open(head *oggPage) error {
	if head.flags&oggContinued == 0 {
		p.part, p.whole = p.part[:0], true // an unfinished packet is lost
	} else if len(p.part) == 0 {
		p.whole = false
	}
	var err error
	p.body, err = p.x.load(p.page)
	return err
}

// oggSum is the checksum of Ogg: CRC-32 with the polynomial 0x04c11db7, not reflected.
func oggSum(b []byte) uint32 {
	t := oggTable()
	sum := uint32(0)
	for _, c := range b {
		sum = sum<<8 ^ t[byte(sum>>24)^c]
	}
	return sum
}

var oggTable = sync.OnceValue(func() *[256]uint32 {
	var t [256]uint32
	for i := range t {
		v := uint32(i) << 24
		for range 8 {
			if v&(1<<31) != 0 {
				v = v<<1 ^ 0x04c11db7
			} else {
				v <<= 1
			}
		}
		t[i] = v
	}
	return &t
})

// newOgg opens the first stream of a file.
func newOgg(r io.ReadSeeker, size int64) (sound, error) {
	x, err := newOggIndex(r, size)
	if err != nil {
		return sound{}, err
	}
	packets := oggPackets{x: x}
	head, err := packets.next()
	switch {
	case err != nil:
		return sound{}, err
	case len(head) >= 16 && string(head[:7]) == "\x01vorbis":
		return vorbisInfo(x, head)
	case len(head) >= 19 && string(head[:8]) == "OpusHead":
		return newOpus(packets, head)
	default:
		return sound{}, fmt.Errorf("%w: Ogg without Opus", ErrFormat)
	}
}

// vorbisInfo reads the duration of a Vorbis stream.
func vorbisInfo(x *oggIndex, head []byte) (sound, error) {
	rate := binary.LittleEndian.Uint32(head[12:])
	end, packets := x.end()
	const mostSamples = 8192 // of a packet
	if rate < minRate || rate > maxRate || end/mostSamples > int64(packets) {
		return sound{}, fmt.Errorf("%w: %d samples, %d per second", ErrFormat, end, rate)
	}
	info := Info{MIMEOgg, lasting(end, int(rate)), int(rate), min(int(max(head[11], 1)), 2)}
	return sound{info: info, total: end}, fmt.Errorf("%w: Vorbis", ErrNoDecoder)
}
