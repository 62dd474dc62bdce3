//go:build unix

// Command sound plays and records on this machine's default devices, and measures: tools/sound-check.sh uses it on a
// sound server without hardware.
package main

import (
	"cmp"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
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
		return tone(flags.Arg(1), 1000, 4, 0)
	case flags.Arg(0) == "talk" && flags.NArg() == 3:
		hz, err := strconv.ParseFloat(flags.Arg(2), 64)
		if err != nil {
			return err
		}
		return tone(flags.Arg(1), hz, 60, 0.2)
	case flags.Arg(0) == "measure" && flags.NArg() == 2:
		return measure(flags.Arg(1))
	}
	return errors.New("say tone FILE, talk FILE HZ, play FILE, record SECONDS FILE, or measure FILE")
}

// tone writes seconds of a tone as WAV. Pauses of some seconds twice a second make it more like speech: what never
// pauses is taken for noise in a call.
func tone(path string, hz float64, seconds int, pause float64) error {
	const rate = 48000
	le := binary.LittleEndian
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	b = le.AppendUint32(le.AppendUint32(b, rate), 2*rate)
	b = append(b, "\x02\x00\x10\x00data"...)
	b = le.AppendUint32(b, uint32(2*rate*seconds))
	for i := range rate * seconds {
		t := float64(i) / rate
		v := 16000 * math.Sin(2*math.Pi*hz*t)
		if math.Mod(t, 0.5) < pause {
			v = 0
		}
		b = le.AppendUint16(b, uint16(int16(v)))
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
	fmt.Printf("played %.2f s in %.2f s, %.1f %% of a core\n", at.Seconds(), time.Since(start).Seconds(),
		cpu(time.Since(start)))
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
	fmt.Printf("recorded %.2f s in %.2f s, %.1f %% of a core\n", done.Duration.Seconds(), time.Since(start).Seconds(),
		cpu(time.Since(start)))
	return err
}

// cpu returns the part of a core that the process has used, in percent.
func cpu(during time.Duration) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return 100 * float64(u.Utime.Nano()+u.Stime.Nano()) / float64(during)
}

// measure prints the usual pitch of a sound where it is loud.
func measure(path string) error {
	s, err := audio.Open(path)
	if err != nil {
		return err
	}
	info := s.Info()
	tenth := make([]float32, info.Rate/10*info.Channels)
	var parts []part
	for n := 0; ; {
		k, err := s.Read(tenth[n:])
		if n += k; n == len(tenth) {
			parts = append(parts, part{audio.Loudness(tenth), pitch(tenth, info)})
			n = 0
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.Join(err, s.Close())
		}
	}
	loudest := 0.0
	for _, p := range parts {
		loudest = max(loudest, p.loudness)
	}
	parts = slices.DeleteFunc(parts, func(p part) bool { return p.loudness < loudest/2 })
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.hz, b.hz) })
	hz := 0.0
	if len(parts) > 0 {
		hz = parts[len(parts)/2].hz
	}
	fmt.Printf("%.2f s, loudness %.3f, %.0f Hz\n", info.Duration.Seconds(), loudest, hz)
	return s.Close()
}

// part is a tenth of a second.
type part struct{ loudness, hz float64 }

// pitch returns the frequency of the first channel in Hz, by its upward zero crossings.
func pitch(samples []float32, info audio.Info) float64 {
	n, first, last := 0, 0, 0
	for i := info.Channels; i < len(samples); i += info.Channels {
		if samples[i-info.Channels] < 0 && samples[i] >= 0 {
			if n++; n == 1 {
				first = i
			}
			last = i
		}
	}
	if n < 2 {
		return 0
	}
	return float64(n-1) * float64(info.Rate*info.Channels) / float64(last-first)
}
