//go:build unix

// Command sound plays and records on this machine's default devices, and measures: tools/sound-check.sh uses it on a sound server
// without hardware.
package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/audio/device"
	"github.com/parley-chat/parley/internal/audio/libopus"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sound:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("sound", flag.ContinueOnError)
	speed := flags.Float64("speed", 1, "play so much faster")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.Arg(0) == "play" && flags.NArg() == 2:
		return play(flags.Arg(1), *speed)
	case flags.Arg(0) == "record" && flags.NArg() == 3:
		seconds, err := strconv.ParseFloat(flags.Arg(1), 64)
		if err != nil {
			return err
		}
		return record(time.Duration(seconds*float64(time.Second)), flags.Arg(2))
	case flags.Arg(0) == "tone" && flags.NArg() == 2:
		return tone(flags.Arg(1))
	case flags.Arg(0) == "measure" && flags.NArg() == 2:
		return measure(flags.Arg(1))
	}
	return errors.New("say tone FILE, play FILE, record SECONDS FILE, or measure FILE")
}

// tone writes four seconds of 1000 Hz as WAV.
func tone(path string) error {
	const rate, seconds, hz = 48000, 4, 1000
	le := binary.LittleEndian
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	b = le.AppendUint32(le.AppendUint32(b, rate), 2*rate)
	b = append(b, "\x02\x00\x10\x00data"...)
	b = le.AppendUint32(b, 2*rate*seconds)
	for i := range rate * seconds {
		b = le.AppendUint16(b, uint16(int16(16000*math.Sin(2*math.Pi*hz*float64(i)/rate))))
	}
	return os.WriteFile(path, b, 0o600)
}

func play(path string, speed float64) error {
	start := time.Now()
	p, err := audio.Play(device.Default{}, path, 0, speed)
	if err != nil {
		return err
	}
	<-p.Done()
	at := p.Position()
	p.Stop()
	fmt.Printf("played %.2f s in %.2f s, %.1f %% of a core\n", at.Seconds(), time.Since(start).Seconds(), cpu(time.Since(start)))
	return p.Err()
}

func record(d time.Duration, path string) error {
	enc, err := libopus.New()
	if err != nil {
		return err
	}
	start := time.Now()
	r, err := audio.Record(device.Default{}, enc, path)
	if err != nil {
		return err
	}
	timer := time.NewTimer(d)
	select {
	case <-timer.C:
	case <-r.Done():
	}
	done, err := r.Finish()
	fmt.Printf("recorded %.2f s in %.2f s, %.1f %% of a core\n", done.Duration.Seconds(), time.Since(start).Seconds(), cpu(time.Since(start)))
	return err
}

// cpu is which part of a core the process has used, in percent.
func cpu(during time.Duration) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return 100 * float64(u.Utime.Nano()+u.Stime.Nano()) / float64(during)
}

// measure tells how a sound's loudest second sounds.
func measure(path string) error {
	s, err := audio.Open(path)
	if err != nil {
		return err
	}
	info := s.Info()
	second := make([]float32, info.Rate*info.Channels)
	loudest, hz := 0.0, 0.0
	for n := 0; ; {
		k, err := s.Read(second[n:])
		if n += k; n == len(second) {
			if loud := audio.Loudness(second); loud > loudest {
				loudest, hz = loud, rises(second, info.Channels)
			}
			n = 0
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.Join(err, s.Close())
		}
	}
	fmt.Printf("%.2f s, loudness %.3f, %.0f Hz\n", info.Duration.Seconds(), loudest, hz)
	return s.Close()
}

// rises counts how often the first channel goes up through zero.
func rises(second []float32, channels int) float64 {
	n := 0
	for i := channels; i < len(second); i += channels {
		if second[i-channels] < 0 && second[i] >= 0 {
			n++
		}
	}
	return float64(n)
}
