// The command icons writes a picture in all the sizes that a Linux desktop looks for:
//
//	icons PICTURE.png NAME FOLDER
//
// creates FOLDER/16x16/apps/NAME.png and so on, as the hicolor theme requires.
package main

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: icons PICTURE.png NAME FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "icons:", err)
		os.Exit(1)
	}
}

func write(picture, name, folder string) error {
	f, err := os.Open(picture)
	if err != nil {
		return fmt.Errorf("open the picture: %w", err)
	}
	defer f.Close()
	src, err := png.Decode(f)
	if err != nil {
		return fmt.Errorf("decode %s: %w", picture, err)
	}
	for _, side := range []int{16, 24, 32, 48, 64, 128, 256, 512} {
		dst := image.NewNRGBA(image.Rect(0, 0, side, side))
		draw.CatmullRom.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Src, nil)
		path := filepath.Join(folder, fmt.Sprintf("%dx%d", side, side), "apps", name+".png")
		if err := save(path, dst); err != nil {
			return err
		}
	}
	return nil
}

func save(path string, img image.Image) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the icon's folder: %w", err)
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("create the icon: %w", err)
	}
	if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
