//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// trayPicture is a picture as StatusNotifierItem has it: alpha, red, green, blue.
type trayPicture struct {
	Width, Height int32
	Pixels        []byte
}

// trayPictures returns the icon in the sizes that trays use, so that none has to scale it.
func trayPictures(img image.Image, dot bool) []trayPicture {
	list := []trayPicture{}
	if img == nil {
		return list
	}
	for _, side := range []int{16, 22, 24, 32, 48} {
		list = append(list, trayPictureOf(trayImage(img, side, dot)))
	}
	return list
}

// trayImage scales the icon; a dot at its corner says that something is unread.
func trayImage(img image.Image, side int, dot bool) *image.NRGBA {
	to := image.NewNRGBA(image.Rect(0, 0, side, side))
	draw.CatmullRom.Scale(to, to.Bounds(), img, img.Bounds(), draw.Src, nil)
	if !dot {
		return to
	}
	const part, rim = 0.27, 0.07 // of the side
	radius := float64(side) * part
	middle := float64(side) - radius
	red := color.NRGBA{0xE5, 0x39, 0x35, 0xFF}
	for y := range side {
		for x := range side {
			around := inDisc(x, y, middle, middle, radius+float64(side)*rim)
			c := to.NRGBAAt(x, y)
			c.A = uint8(float64(c.A) * (1 - around)) // the dot stands clear of the icon, on any background
			if inside := inDisc(x, y, middle, middle, radius); inside > 0 {
				c = red
				c.A = uint8(255 * inside)
			}
			to.SetNRGBA(x, y, c)
		}
	}
	return to
}

func trayPictureOf(img *image.NRGBA) trayPicture {
	p := trayPicture{int32(img.Bounds().Dx()), int32(img.Bounds().Dy()), make([]byte, len(img.Pix))}
	for i := 0; i < len(img.Pix); i += 4 {
		p.Pixels[i], p.Pixels[i+1], p.Pixels[i+2], p.Pixels[i+3] = img.Pix[i+3], img.Pix[i], img.Pix[i+1], img.Pix[i+2]
	}
	return p
}
