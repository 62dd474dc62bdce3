package audio

import (
	"encoding/binary"
	"fmt"
	"sort"

	"github.com/pion/opus"
)

const (
	opusRate    = 48000
	opusMost    = 5760 // samples of a packet, 120 ms
	opusPreroll = 3840 // 80 ms, after which a decoder that started in the middle is exact
)

// opusDecoder reads Ogg Opus with one or two channels.
type opusDecoder struct {
	packets  oggPackets
	dec      opus.Decoder
	channels int
	skip     int64 // samples at the beginning that are not played
	first    int   // page of the first sound
	drop     int64 // samples of each channel that are still to be skipped
	gain     float32
	out      []float32
}

// newOpus takes the first packet, head, and the packets after it.
func newOpus(packets oggPackets, head []byte) (sound, error) {
	none := func(why string) (sound, error) {
		return sound{}, fmt.Errorf("%w: %s", ErrFormat, why)
	}
	d := &opusDecoder{packets: packets}
	switch {
	case head[8]>>4 != 0:
		return none("no Opus that is known")
	case head[18] != 0 || head[9] < 1 || head[9] > 2:
		return none("more than two channels")
	}
	d.channels, d.skip = int(head[9]), int64(binary.LittleEndian.Uint16(head[10:]))
	d.gain = decibels(int16(binary.LittleEndian.Uint16(head[16:])))
	if tags, err := d.packets.next(); err != nil || len(tags) < 8 || string(tags[:8]) != "OpusTags" {
		return none("no tags")
	}
	d.first = d.packets.page
	if d.packets.seg > 0 {
		d.first++
	}
	end, count := d.packets.x.end()
	total := end - d.skip
	if total <= 0 || end/opusMost > int64(count) {
		return none("it is as long as its packets cannot be")
	}
	d.out = make([]float32, opusMost*d.channels)
	if _, err := d.seek(0); err != nil {
		return sound{}, err
	}
	return sound{Info{MIMEOgg, lasting(total, opusRate), opusRate, d.channels}, total, d}, nil
}

func (d *opusDecoder) read() ([]float32, error) {
	for {
		packet, err := d.packets.next()
		if err != nil {
			return nil, err
		}
		n := 0
		if len(packet) > 0 { // an empty one marks a lost packet
			if n, err = d.dec.DecodeToFloat32(packet, d.out); err != nil {
				return nil, fmt.Errorf("decode: %w", err)
			}
		}
		lost := min(d.drop, int64(n))
		d.drop -= lost
		if n -= int(lost); n == 0 {
			continue
		}
		out := d.out[int(lost)*d.channels : (int(lost)+n)*d.channels]
		if d.gain != 1 {
			for i := range out {
				out[i] *= d.gain
			}
		}
		return out, nil
	}
}

// seek starts 80 ms earlier, or at the beginning.
func (d *opusDecoder) seek(frame int64) (int64, error) {
	pages := d.packets.x.pages
	want := frame + d.skip - opusPreroll
	page := d.first + sort.Search(len(pages)-min(d.first, len(pages)),
		func(i int) bool { return pages[d.first+i].granule > want })
	for page > d.first && page < len(pages) && pages[page].flags&oggContinued != 0 {
		page-- // to one on which a packet starts
	}
	start := int64(0) // of the page
	for i := page - 1; i >= d.first; i-- {
		if pages[i].granule >= 0 {
			start = pages[i].granule
			break
		}
	}
	if want <= 0 || page >= len(pages) || start > want {
		page, start = d.first, 0
	}
	d.packets.from(page)
	if err := d.dec.Init(opusRate, d.channels); err != nil {
		return 0, fmt.Errorf("decode: %w", err)
	}
	d.drop = 0
	if start == 0 {
		d.drop = d.skip
		return 0, nil
	}
	d.drop = max(0, frame+d.skip-start)
	return frame, nil
}
