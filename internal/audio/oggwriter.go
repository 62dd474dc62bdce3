package audio

import (
	"encoding/binary"
	"fmt"
	"io"
)

// oggWriter writes one stream of packets as pages.
type oggWriter struct {
	w       io.Writer
	serial  uint32
	seq     uint32
	granule int64 // after the packets of the page
	lacing  []byte
	body    []byte
}

// add appends a packet to the page, and writes the page when it is full. A packet has at most 4096 bytes.
func (o *oggWriter) add(packet []byte, samples int) error {
	if len(o.lacing)+len(packet)/255+1 > 255 {
		if err := o.flush(0); err != nil {
			return err
		}
	}
	for n := len(packet); ; n -= 255 {
		o.lacing = append(o.lacing, byte(min(n, 255)))
		if n < 255 {
			break
		}
	}
	o.body = append(o.body, packet...)
	o.granule += int64(samples)
	return nil
}

// flush writes the page.
func (o *oggWriter) flush(flags byte) error {
	if o.seq == 0 {
		flags |= oggFirst
	}
	page := append(make([]byte, 0, oggHead+len(o.lacing)+len(o.body)), "OggS\x00"...)
	page = append(page, flags)
	page = binary.LittleEndian.AppendUint64(page, uint64(o.granule))
	page = binary.LittleEndian.AppendUint32(page, o.serial)
	page = binary.LittleEndian.AppendUint32(page, o.seq)
	page = append(page, 0, 0, 0, 0, byte(len(o.lacing)))
	page = append(append(page, o.lacing...), o.body...)
	binary.LittleEndian.PutUint32(page[22:], oggSum(page))
	o.seq++
	o.lacing, o.body = o.lacing[:0], o.body[:0]
	if _, err := o.w.Write(page); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// opusHeads writes the two header packets of Ogg Opus with one channel, each on a page of its own.
func (o *oggWriter) opusHeads(skip int) error {
	head := append([]byte("OpusHead"), 1, 1)
	head = binary.LittleEndian.AppendUint16(head, uint16(skip))
	head = binary.LittleEndian.AppendUint32(head, opusRate)
	head = append(head, 0, 0, 0)
	const vendor = "Parley"
	tags := binary.LittleEndian.AppendUint32([]byte("OpusTags"), uint32(len(vendor)))
	tags = binary.LittleEndian.AppendUint32(append(tags, vendor...), 0)
	for _, packet := range [][]byte{head, tags} {
		if err := o.add(packet, 0); err != nil {
			return err
		}
		if err := o.flush(0); err != nil {
			return err
		}
	}
	return nil
}
