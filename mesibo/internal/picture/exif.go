package picture

import "encoding/binary"

// orientation reads the orientation out of EXIF data, which is a TIFF file without picture: 1 to 8, and 1 (upright)
// when it says nothing or nothing that makes sense.
func orientation(tiff []byte) int {
	const (
		header    = 8
		entrySize = 12
		tag       = 0x0112
		short     = 3
	)
	if len(tiff) < header {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at < header || at+2 > int64(len(tiff)) {
		return 1
	}
	count := int64(order.Uint16(tiff[at:]))
	entries := tiff[at+2:]
	entries = entries[:min(count*entrySize, int64(len(entries)))]
	for len(entries) >= entrySize {
		if order.Uint16(entries) == tag {
			value := order.Uint16(entries[8:])
			if order.Uint16(entries[2:]) != short || order.Uint32(entries[4:]) != 1 || value < 1 || value > 8 {
				return 1
			}
			return int(value)
		}
		entries = entries[entrySize:]
	}
	return 1
}
