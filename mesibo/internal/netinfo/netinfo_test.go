package netinfo

import (
	"net"
	"strings"
	"testing"
	"testing/fstest"
)

// machine describes files: each line is a path, a blank and the contents, in which | ends a line.
func machine(t *testing.T, text string) fstest.MapFS {
	t.Helper()
	root := fstest.MapFS{}
	text += "\nlo/type 772\nlo/operstate unknown\nlo/carrier 1\n"
	for line := range strings.Lines(text) {
		name, contents, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" {
			continue
		}
		if !strings.HasPrefix(name, "proc/") {
			name = "sys/class/net/" + name
		}
		root[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(contents, "|", "\n") + "\n")}
	}
	return root
}

const (
	head  = "proc/net/route Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT|"
	lan   = "00A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0|"
	cable = "eth0/type 1\neth0/operstate up\neth0/device/vendor 0x8086\n"
	wifi  = "wlan0/type 1\nwlan0/operstate up\nwlan0/wireless/x x\nwlan0/device/vendor 0x8086\n"
	modem = "wwan0/type 519\nwwan0/operstate unknown\n" +
		"wwan0/uevent DEVTYPE=wwan|INTERFACE=wwan0\nwwan0/device/vendor 0x8086\n"
	vpn  = "tun0/type 65534\ntun0/operstate unknown\ntun0/tun_flags 0x1002\n"
	dock = "docker0/type 1\ndocker0/operstate up\ndocker0/uevent DEVTYPE=bridge\n"
)

func way(name, metric string) string {
	return name + "\t00000000\t0100A8C0\t0003\t0\t0\t" + metric + "\t00000000\t0\t0\t0|"
}

func way6(name, flags string) string {
	const none = "00000000000000000000000000000000"
	return "proc/net/ipv6_route " + none + " 00 " + none +
		" 00 fe800000000000000000000000000001 00000064 00000001 00000000 " + flags + "     " + name + "\n"
}

func TestLinux(t *testing.T) {
	for name, c := range map[string]struct {
		files string
		want  Kind
	}{
		"loopback alone":       {head, Disconnected},
		"no routes at all":     {"", Disconnected},
		"cable":                {cable + head + way("eth0", "100"), Wifi},
		"wifi":                 {wifi + head + way("wlan0", "600"), Wifi},
		"cable, IPv6 alone":    {cable + head + "\n" + way6("eth0", "00450003"), Wifi},
		"mobile":               {modem + head + way("wwan0", "700"), Unknown},
		"mobile without route": {modem + head, Disconnected},
		"wifi before mobile":   {wifi + modem + head + way("wwan0", "700") + way("wlan0", "600"), Wifi},
		"mobile before wifi":   {wifi + modem + head + way("wwan0", "100") + way("wlan0", "600"), Unknown},
		"tunnel over wifi":     {wifi + vpn + head + way("tun0", "50") + way("wlan0", "600"), Wifi},
		"tunnel over mobile":   {modem + vpn + head + way("tun0", "50") + way("wwan0", "700"), Unknown},
		"tunnel over both": {wifi + modem + vpn + head + way("tun0", "50") + way("wlan0", "600") +
			way("wwan0", "700"), Unknown},
		"tunnel alone":             {vpn + head + way("tun0", "50"), Unknown},
		"no way out of the cable":  {cable + head + "eth0\t" + lan, Wifi},
		"containers without a way": {dock + head, Unknown},
		"inside a container":       {"eth0/type 1\neth0/operstate up\n" + head + way("eth0", "0"), Wifi},
		"cable pulled out": {
			"eth0/type 1\neth0/operstate down\neth0/device/vendor 1\n" + head,
			Disconnected,
		},
		"cable pulled out, route is": {
			"eth0/type 1\neth0/operstate lowerlayerdown\n" + head + way("eth0", "100"),
			Disconnected,
		},
		"rejecting route":            {cable + head + "\n" + way6("lo", "00200200"), Wifi},
		"route of an interface gone": {head + way("eth7", "100"), Disconnected},
		"damaged routes":             {cable + "proc/net/route x|eth0|eth0\tzz\t\t|\x00", Wifi},
		"driver that knows no state": {"eth0/type 1\neth0/operstate unknown\neth0/carrier 1\neth0/device/vendor 1\n" +
			head, Wifi},
		"no state and no carrier": {"eth0/type 1\neth0/operstate unknown\neth0/carrier 0\neth0/device/vendor 1\n" +
			head, Disconnected},
		"interface without any files": {"eth0/other x\n" + head, Disconnected},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := linux(machine(t, c.files))
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
	if _, err := linux(fstest.MapFS{}); err == nil {
		t.Error("a system without /sys was understood")
	}
}

// This machine's own answer must agree with what the standard library sees.
func TestCurrent(t *testing.T) {
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	others := 0
	for _, i := range all {
		if i.Flags&net.FlagLoopback == 0 && i.Flags&net.FlagUp != 0 {
			others++
		}
	}
	switch got := Current(); {
	case got != Unknown && got != Wifi && got != Disconnected:
		t.Errorf("got %d", got)
	case others == 0 && got != Disconnected:
		t.Errorf("got %d with the loopback alone", got)
	}
	if others == 0 && byInterfaces(nil) != Disconnected {
		t.Errorf("by interfaces: got %d with the loopback alone", byInterfaces(nil))
	}
}
