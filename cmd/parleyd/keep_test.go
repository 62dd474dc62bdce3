package main

import (
	"strings"
	"testing"
	"time"
)

func TestAge(t *testing.T) {
	for text, want := range map[string]time.Duration{"365d": 365 * 24 * time.Hour, "12h": 12 * time.Hour, "90m": 90 * time.Minute} {
		var a age
		if err := a.UnmarshalText([]byte(text)); err != nil || time.Duration(a) != want {
			t.Errorf("%s: got %v, %v", text, time.Duration(a), err)
		}
	}
	for _, text := range []string{"", "d", "-3d", "0d", "30", "59m", "1e9d", "99999999d", "x"} {
		if err := new(age).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
	if got := age(36 * time.Hour).String(); got != "36h" {
		t.Errorf("got %s", got)
	}
}

func TestKeep_a_group_that_does_not_exist(t *testing.T) {
	data := t.TempDir()
	_, stop := serve(t, "--data", data, "--addr", "127.0.0.1:0", "--keep", "365d", "--keep-size", "50G")
	if o := parleyd(t, "keep", "set", "77", "30d", "--data", data); o.failure == nil ||
		!strings.Contains(o.failure.Error(), "group") {
		t.Errorf("got %v", o.failure)
	}
	if got := parleyd(t, "keep", "list", "--data", data).ok(t); !strings.HasPrefix(got, "GROUP") {
		t.Errorf("got %s", got)
	}
	stop()
}
